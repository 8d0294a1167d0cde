"""MAILBOX -> EVENT: reads what came back, and writes down whose message it was and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, assert_never

from curator.audience import consent, subscribe
from curator.db import Database
from curator.events import dsn, listen, mailbox
from curator.events.bounces.judge import is_permanent
from curator.events.bounces.policy import Weight, weight
from curator.events.bounces.read import findings
from curator.events.bounces.values import Finding, Kind, Reason
from curator.letters import store as letters
from curator.mailings import store as mailings
from curator.mailings.proof import store as proof
from curator.mailings.reply_path import by_leave_token
from curator.mailings.return_path import OfDelivery, OfLetter, OfProbe, Whose, by_message_id, by_return_path
from curator.tokens import Keys

# A flood of bounces after a mailing is read in some turns of the clock; each message costs some milliseconds.
_MOST_AT_ONCE = 500


class Source(Protocol):
    """A mailbox that is read: names of what nobody has read yet, its beginning, and the mark that it was read."""

    def new_names(self) -> list[str]:
        """Returns what nobody has read yet, oldest first."""

    def beginning(self, name: str, *, max_bytes: int) -> bytes | None:
        """Returns a message's first bytes; None when it cannot be read."""

    def put_away(self, name: str) -> bool:
        """Marks a message as read."""


@dataclass(frozen=True)
class _Maildir:
    folder: Path

    def new_names(self) -> list[str]:
        return mailbox.new_names(self.folder)

    def beginning(self, name: str, *, max_bytes: int) -> bytes | None:
        return mailbox.beginning(self.folder, name, max_bytes=max_bytes)

    def put_away(self, name: str) -> bool:
        return mailbox.put_away(self.folder, name)


def take_in_returns(
    db: Database, folder: Path, *, keys: Keys, now: datetime, at_most: int = _MOST_AT_ONCE
) -> Mapping[str, int]:
    """Reads at most `at_most` new messages of a Maildir, as `take_in` does. Raises MailboxError."""
    mailbox.require_usable(folder)
    return take_in(db, _Maildir(folder), keys=keys, now=now, at_most=at_most)


def take_in(
    db: Database, source: Source, *, keys: Keys, now: datetime, at_most: int = _MOST_AT_ONCE
) -> Mapping[str, int]:
    """Reads at most `at_most` new messages of a mailbox; returns how many of each sort there were.

    A message is marked as read only when its facts are written, and nothing is ever removed: a kill in between reads
    it again, and each fact counts once. What is none of ours, or says nothing that we understand, is marked as read
    too. Two calls at once do no harm. Raises MailboxError for a mailbox that cannot be used.
    """
    sorts: Counter[str] = Counter()
    for name in source.new_names():
        if sorts.total() - sorts["unreadable"] >= at_most:
            break
        content = source.beginning(name, max_bytes=dsn.MAX_BYTES)
        if content is None:
            # One that nobody can read keeps no other waiting.
            sorts["unreadable"] += 1
            continue
        sorts[_take_in(db, content, keys=keys, now=now)] += 1
        source.put_away(name)
    return sorts


def _take_in(db: Database, content: bytes, *, keys: Keys, now: datetime) -> str:
    returned, said = dsn.read(content), findings(content)
    if (leaving := by_leave_token(keys, returned.addressed)) is not None:
        _let_go(db, leaving.mailing_id, leaving.subscriber_id, how=consent.MAIL, now=now)
        return "leaving"
    whose = by_return_path(keys, returned.addressed) or by_message_id(keys, returned.message_ids)
    if whose is None:
        return "foreign"
    found = _gravest(said)
    if isinstance(whose, OfProbe):
        _note_probe(db, whose.probe_id, found, now=now)
        return "probe"
    match found.kind:
        case Kind.HARD | Kind.SOFT:
            _note_failure(db, whose, found, now=now)
        case Kind.COMPLAINT:
            _note_complaint(db, whose, now=now)
        case Kind.OPT_OUT:
            _note_opt_out(db, whose, now=now)
        case Kind.AUTH_FAILURE | Kind.AUTO_REPLY | Kind.CHALLENGE | Kind.NONE:
            # Counted, and of no consequence.
            pass
        case _ as never:
            assert_never(never)
    return "bounce" if found.kind.is_bounce else "unclear" if found.kind is Kind.NONE else found.kind.value


def _gravest(said: Sequence[Finding]) -> Finding:
    """Returns what is acted on: a message went to one reader, however many recipients its mail speaks of."""
    return min(said, key=lambda each: list(Kind).index(each.kind))


def _note_failure(db: Database, whose: Whose, failure: Finding, *, now: datetime) -> None:
    match whose:
        case OfDelivery(mailing_id, subscriber_id):
            listen.note_came_back(
                db,
                mailing_id=mailing_id,
                subscriber_id=subscriber_id,
                words=failure.told,
                is_dead=weight(failure.kind, failure.reason, failure.status) is Weight.DEAD,
                finding=failure,
                now=now,
            )
        case OfLetter(letter_id):
            with db.write() as session:
                letters.note_return(session, letter_id, reason=f"It came back: {failure.told}")
        case OfProbe():
            raise AssertionError("probes are noted by their own function")
        case _:
            assert_never(whose)


def _note_complaint(db: Database, whose: OfDelivery | OfLetter, *, now: datetime) -> None:
    match whose:
        case OfDelivery(mailing_id, subscriber_id):
            listen.note_complained(db, mailing_id=mailing_id, subscriber_id=subscriber_id, words="", now=now)
        case OfLetter(letter_id):
            with db.write() as session:
                letters.note_return(session, letter_id, reason="It was called spam.")


def _note_opt_out(db: Database, whose: OfDelivery | OfLetter, *, now: datetime) -> None:
    if isinstance(whose, OfDelivery):
        _let_go(db, whose.mailing_id, whose.subscriber_id, how="told by their mailbox provider", now=now)


def _let_go(db: Database, mailing_id: int, subscriber_id: int, *, how: str, now: datetime) -> None:
    """Ends the subscription by which a mailing went to a reader, as if they had used its own link."""
    with db.read() as session:
        newsletter_id = mailings.newsletter_of(session, mailing_id)
    if newsletter_id is not None and subscribe.unsubscribe(db, newsletter_id, subscriber_id, now=now, how=how):
        listen.note_unsubscribed(db, mailing_id=mailing_id, subscriber_id=subscriber_id, now=now)


def _note_probe(db: Database, probe_id: int, found: Finding, *, now: datetime) -> None:
    with db.write() as session:
        if found.kind.is_bounce and is_permanent(found.status, found.words):
            proof.note_returned(session, probe_id, at=now, words=found.told)
        elif found.kind.is_bounce or found.reason is Reason.LATE:
            verb = "failed" if found.kind.is_bounce else "delayed"
            proof.note_words(session, probe_id, f"So far the report says: {verb} {found.told}")
        else:
            proof.note_words(session, probe_id, "Something came back, but no report that Curator understood.")
