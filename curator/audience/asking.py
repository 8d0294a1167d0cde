"""The letters that answer a sign-up, written in its transaction: one asks about all that waits, one welcomes."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.audience.joining import store as joining
from curator.audience.links import ConfirmLink
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.suppressed import store as suppressed
from curator.audience.values import ConsentStep, InterestRow, Reader, SubscriptionRow, SubscriptionState, Wanted
from curator.db import Session
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.newsletters import store as newsletters

# Nobody can be bombed: whoever types somebody's address again and again causes this many letters a day to it.
LETTERS_A_DAY = 3
_DAY = timedelta(days=1)
# An office's mailbox, or one that is thrown away, is asked once: whoever meant it has answered by then.
_ASKED_ONCE_IN = timedelta(days=7)
_ANSWERS = (LetterKind.CONFIRM, LetterKind.KNOWN)


def ask(session: Session, newsletter_id: int, reader: Reader, *, place: str, words: str, now: datetime) -> bool:
    """Takes the step and writes the letter that answers it, as `ask_all` does."""
    return ask_all(session, [Wanted(newsletter_id, words)], reader, place=place, now=now)


def ask_all(
    session: Session,
    wanted: Sequence[Wanted],
    reader: Reader,
    *,
    place: str,
    now: datetime,
    is_asked_once: bool = False,
) -> bool:
    """Takes each step and writes the letter that answers them; False when the mailbox had its letters of the day.

    As few letters as is right: one for all newsletters that are sent already, and one for each in test mode, which is
    held until that one begins. The reader is held (`record.store.hold`).
    """
    rows = [_asked(session, each, reader, place=place, now=now) for each in wanted]
    answered = [_answer(session, each, reader, now=now, is_asked_once=is_asked_once) for each in _groups(session, rows)]
    return all(answered)


def welcome(session: Session, links: Sequence[ConfirmLink], reader: Reader, *, now: datetime) -> None:
    """Writes the first words to a reader of these newsletters, in one letter."""
    if suppressed.why(session, reader.address_key) is not None:
        return
    first, rest = links[0], [link.newsletter_id for link in links[1:]]
    key = f"welcome:{first.newsletter_id}:{reader.id}:{first.asked_at:%Y%m%d%H%M%S%f}{_also(rest)}"
    letters.write(
        session, _plain(LetterKind.WELCOME, first.newsletter_id, rest, reader, key, name=reader.name), now=now
    )


def with_interests(words: str, interests: Sequence[InterestRow]) -> str:
    """Returns the words at a box with the interests that were ticked under it, for the record."""
    return f"{words} Interests: {', '.join(each.name for each in interests)}." if interests else words


def _asked(session: Session, wanted: Wanted, reader: Reader, *, place: str, now: datetime) -> SubscriptionRow:
    """Takes the step; interests wait for the mailbox's word, as the sign-up does."""
    id_ = wanted.newsletter_id
    seen = record.subscription(session, id_, reader.id)
    is_open = seen is None or seen.state is not SubscriptionState.ACTIVE
    if is_open and wanted.interest_ids is not None:
        joining.ask_for(session, reader.id, id_, wanted.interest_ids)
    words = with_interests(wanted.words, joining.asked(session, id_, reader.id))
    row = take(session, id_, reader.id, Step(ConsentStep.ASKED, now, "", place=place, words=words)).row
    assert row is not None, "whoever asked has a subscription"
    return row


def _groups(session: Session, rows: Sequence[SubscriptionRow]) -> list[list[SubscriptionRow]]:
    """Returns the subscriptions by the letters that answer them."""
    sent = [row for row in rows if not newsletters.newsletter(session, row.newsletter_id).is_test_mode]
    return [*([sent] if sent else []), *([row] for row in rows if row not in sent)]


def _answer(
    session: Session, rows: Sequence[SubscriptionRow], reader: Reader, *, now: datetime, is_asked_once: bool
) -> bool:
    limit, within = (1, _ASKED_ONCE_IN) if is_asked_once else (LETTERS_A_DAY, _DAY)
    if letters.written_since(session, reader.address_key, _ANSWERS, since=now - within) >= limit:
        return False
    waiting = [row for row in rows if row.state is not SubscriptionState.ACTIVE]
    had = [row.newsletter_id for row in rows if row.state is SubscriptionState.ACTIVE]
    letters.write(
        session, _confirm(waiting, had, reader, now=now) if waiting else _known(had, reader, now=now), now=now
    )
    return True


def _confirm(rows: Sequence[SubscriptionRow], had: Sequence[int], reader: Reader, *, now: datetime) -> NewLetter:
    """The name is left out: it is a stranger's words until the mailbox confirms them, and some send spam that way.

    A form posted twice in a minute writes one letter.
    """
    first, rest = rows[0], rows[1:]
    also = _also([row.newsletter_id for row in rest] + list(had))
    key = f"confirm:{first.newsletter_id}:{reader.id}:{first.changed_at:%Y%m%d%H%M%S%f}:{now:%Y%m%d%H%M}{also}"
    payload = {
        "subscriber_id": reader.id,
        "newsletter_id": first.newsletter_id,
        "asked_at": first.changed_at.isoformat(),
        **({"also": [[row.newsletter_id, row.changed_at.isoformat()] for row in rest]} if rest else {}),
        **({"known": list(had)} if had else {}),
    }
    return NewLetter(
        LetterKind.CONFIRM, reader.address, reader.address_key, "", payload, key, newsletter_id=first.newsletter_id
    )


def _known(had: Sequence[int], reader: Reader, *, now: datetime) -> NewLetter:
    key = f"known:{had[0]}:{reader.id}:{now:%Y%m%d}{_also(had[1:])}"
    return _plain(LetterKind.KNOWN, had[0], had[1:], reader, key, name=reader.name)


def _plain(
    kind: LetterKind, newsletter_id: int, also: Sequence[int], reader: Reader, key: str, *, name: str
) -> NewLetter:
    payload = {"subscriber_id": reader.id, "newsletter_id": newsletter_id, **({"also": list(also)} if also else {})}
    return NewLetter(kind, reader.address, reader.address_key, name, payload, key, newsletter_id=newsletter_id)


def _also(newsletter_ids: Sequence[int]) -> str:
    """Returns what tells a letter about several newsletters from one about the first alone, however many they are."""
    if not newsletter_ids:
        return ""
    return f":{hashlib.sha256(','.join(map(str, newsletter_ids)).encode()).hexdigest()[:16]}"
