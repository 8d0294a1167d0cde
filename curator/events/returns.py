"""MAILBOX -> EVENT: reads what came back, and writes down whose message it was and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import assert_never

from curator.db import Database
from curator.events import dsn, listen, mailbox
from curator.events.dsn import Report, Returned
from curator.letters import store as letters
from curator.mailings.proof import store as proof
from curator.mailings.return_path import OfDelivery, OfLetter, OfProbe, Whose, by_message_id, by_return_path
from curator.tokens import Keys

# A flood of bounces after a mailing is read in some turns of the clock; each message costs some milliseconds.
_MOST_AT_ONCE = 500


def take_in_returns(
    db: Database, folder: Path, *, keys: Keys, now: datetime, at_most: int = _MOST_AT_ONCE
) -> Mapping[str, int]:
    """Reads at most `at_most` new messages of a mailbox; returns how many of each sort there were.

    A message is marked as seen only when its facts are written, and nothing is ever removed: a kill in between reads
    it again, and each fact counts once. What is none of ours, or says nothing that we understand, is marked as seen
    too. Two calls at once do no harm. Raises MailboxError for a mailbox that cannot be used.
    """
    mailbox.require_usable(folder)
    sorts: Counter[str] = Counter()
    for name in mailbox.new_names(folder):
        if sorts.total() - sorts["unreadable"] >= at_most:
            break
        content = mailbox.beginning(folder, name, max_bytes=dsn.MAX_BYTES)
        if content is None:
            # One that nobody can read keeps no other waiting.
            sorts["unreadable"] += 1
            continue
        sorts[_take_in(db, dsn.read(content), keys=keys, now=now)] += 1
        mailbox.put_away(folder, name)
    return sorts


def _take_in(db: Database, returned: Returned, *, keys: Keys, now: datetime) -> str:
    whose = by_return_path(keys, returned.addressed) or by_message_id(keys, returned.message_ids)
    if whose is None:
        return "foreign"
    failure = next((each for each in returned.reports if each.is_permanent), None)
    if isinstance(whose, OfProbe):
        _note_probe(db, whose.probe_id, failure, returned.reports, now=now)
        return "probe"
    if failure is None:
        return "unclear"
    _note_failure(db, whose, failure, now=now)
    return "bounce"


def _note_failure(db: Database, whose: Whose, failure: Report, *, now: datetime) -> None:
    match whose:
        case OfDelivery(mailing_id, subscriber_id):
            listen.note_came_back(
                db,
                mailing_id=mailing_id,
                subscriber_id=subscriber_id,
                words=failure.told,
                is_dead=failure.is_dead,
                now=now,
            )
        case OfLetter(letter_id):
            with db.write() as session:
                letters.note_return(session, letter_id, reason=f"It came back: {failure.told}")
        case OfProbe():
            raise AssertionError("probes are noted by their own function")
        case _:
            assert_never(whose)


def _note_probe(
    db: Database, probe_id: int, failure: Report | None, reports: Sequence[Report], *, now: datetime
) -> None:
    with db.write() as session:
        if failure is not None:
            proof.note_returned(session, probe_id, at=now, words=failure.told)
        elif reports:
            proof.note_words(session, probe_id, f"So far the report says: {reports[0].action} {reports[0].told}")
        else:
            proof.note_words(
                session,
                probe_id,
                "Something came back, but not a report in the standard's form (RFC 3464), so Curator did not "
                "understand it. Bounces of this kind are not counted yet.",
            )
