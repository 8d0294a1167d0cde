"""How a newsletter comes to a reader who agreed to it: its interests, the text alone, a pause; theirs to change."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from curator.activity.store import record as log
from curator.audience.joining import store as joining
from curator.audience.record import store as record
from curator.audience.values import ConsentRow, ConsentStep, Manner, SubscriptionState
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.languages import msgid

PAUSE_WEEKS = (2, 4, 8, 12)
# A pause is no leaving: whoever wants a longer one leaves, and comes back by the same page.
LONGEST_PAUSE = timedelta(days=366)
UNTIL_WHEN = msgid("Choose a day from tomorrow on, at most a year away.")


def pause(
    db: Database,
    subscriber_id: int,
    newsletter_ids: Collection[int],
    *,
    until: datetime,
    place: str,
    words: str,
    now: datetime,
) -> int:
    """Keeps newsletters that are sent to a reader back until a moment, and returns how many it changed.

    It ends by itself: from then on whatever leaves is for them again. Raises InvalidError("until") for a moment that
    is over or more than a year away.
    """
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidError("until", UNTIL_WHEN)
    with db.write() as session:
        if record.hold(session, subscriber_id) is None:
            return 0
        return sum(
            _set_pause(session, subscriber_id, id_, until=until, place=place, words=words, now=now)
            for id_ in _active(session, subscriber_id, newsletter_ids)
        )


def resume(
    db: Database, subscriber_id: int, newsletter_ids: Collection[int], *, place: str, words: str, now: datetime
) -> int:
    """Ends pauses before their time, and returns how many; a second call changes nothing."""
    with db.write() as session:
        if record.hold(session, subscriber_id) is None:
            return 0
        return sum(
            _set_pause(session, subscriber_id, id_, until=None, place=place, words=words, now=now)
            for id_ in _active(session, subscriber_id, newsletter_ids)
        )


def choose(
    db: Database,
    subscriber_id: int,
    wanted: Mapping[int, tuple[bool, frozenset[int]]],
    *,
    place: str,
    now: datetime,
) -> int:
    """Sets for newsletters that are sent to a reader whether the text alone comes, and their interests.

    Returns how many it changed. Interests choose which mailings come, never what stands in a mail.
    """
    with db.write() as session:
        if record.hold(session, subscriber_id) is None:
            return 0
        manners = record.manners(session, subscriber_id)
        mine = joining.chosen(session, subscriber_id)
        return sum(
            _choose(session, subscriber_id, id_, had=(manners[id_], mine), wanted=wanted[id_], place=place, now=now)
            for id_ in _active(session, subscriber_id, wanted)
        )


def _choose(
    session: Session,
    subscriber_id: int,
    newsletter_id: int,
    *,
    had: tuple[Manner, set[int]],
    wanted: tuple[bool, frozenset[int]],
    place: str,
    now: datetime,
) -> bool:
    (manner, mine), (is_text_only, interest_ids) = had, wanted
    offered = joining.interests(session, [newsletter_id])[newsletter_id]
    before = {each.id for each in offered if each.id in mine}
    ticked = [each for each in offered if each.id in interest_ids]
    if manner.is_text_only == is_text_only and before == {each.id for each in ticked}:
        return False
    record.set_text_only(session, subscriber_id, newsletter_id, is_text_only=is_text_only)
    joining.choose(session, subscriber_id, newsletter_id, [each.id for each in ticked])
    said = "Text only." if is_text_only else "With pictures and layout."
    if offered:
        said += f" Interests: {', '.join(each.name for each in ticked) or 'none'}."
    _write_down(session, subscriber_id, newsletter_id, ConsentStep.CHOSE, place=place, words=said, now=now)
    return True


def _set_pause(
    session: Session,
    subscriber_id: int,
    newsletter_id: int,
    *,
    until: datetime | None,
    place: str,
    words: str,
    now: datetime,
) -> bool:
    if not record.set_pause(session, subscriber_id, newsletter_id, until=until):
        return False
    step = ConsentStep.RESUMED if until is None else ConsentStep.PAUSED
    said = words if until is None else f"{words} (until {until.isoformat(timespec='minutes')})"
    _write_down(session, subscriber_id, newsletter_id, step, place=place, words=said, now=now)
    return True


def _active(session: Session, subscriber_id: int, newsletter_ids: Collection[int]) -> list[int]:
    rows = record.subscriptions(session, subscriber_id)
    return [
        row.newsletter_id
        for row in rows
        if row.state is SubscriptionState.ACTIVE and row.newsletter_id in newsletter_ids
    ]


_VERBS = {
    ConsentStep.PAUSED: "paused",
    ConsentStep.RESUMED: "ended the pause of",
    ConsentStep.CHOSE: "chose what comes to",
}


def _write_down(
    session: Session,
    subscriber_id: int,
    newsletter_id: int,
    step: ConsentStep,
    *,
    place: str,
    words: str,
    now: datetime,
) -> None:
    record.add(session, ConsentRow(newsletter_id, step, now, place, words), [subscriber_id])
    after = {"newsletter": newsletter_id}
    log(
        session,
        at=now,
        actor=None,
        verb=_VERBS[step],
        subject="subscriber",
        subject_id=subscriber_id,
        after=after,
    )
