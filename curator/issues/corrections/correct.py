"""Corrects a sent issue on the web, and takes a correction out again; each is in the log and can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.issues import store as issues
from curator.issues.corrections import editing, store
from curator.issues.corrections.values import MOST_NOTE_CHARACTERS, MOST_OF_AN_ISSUE, MOST_WORDS_CHARACTERS
from curator.issues.escape import one_line
from curator.issues.values import DocumentEntry, IssueRow, IssueState

SUBJECT = "correction"
# As the opposites name them: the thing is the issue, so that the log of an issue tells of them.
MADE, TAKEN_OUT = "made", "took out"

_PUBLIC = (IssueState.SENDING, IssueState.SENT)


def correct(
    db: Database,
    issue_id: int,
    *,
    note: str,
    entry: DocumentEntry | None = None,
    words: Mapping[str, str] | None = None,
    seen: int | None = None,
    by: int | None,
    now: datetime,
) -> int:
    """Adds a dated note to a sent issue, and returns its id; with an `entry`, as the web shows it, better words too.

    `seen` is the newest correction that whoever writes has seen (0: none), None: whatever stands there. Raises
    InvalidError("note" or the field), and StateError for an issue that was not sent or was corrected meanwhile.
    """
    said = _note(note)
    wanted = _wanted(entry, words or {})
    with db.write() as session:
        issue = _sent(session, issue_id)
        _require_seen(session, issue, seen)
        block_id = None if entry is None else entry.block_id
        made = store.add(session, issue_id, block_id, note=said, words=wanted, by=by, now=now)
        was = {} if entry is None else {name: editing.words_of(entry)[name] for name in wanted}
        _record(session, issue_id, MADE, before=was, after={"note": said, **wanted, "correction": made}, by=by, now=now)
    return made


def take_out(db: Database, correction_id: int, *, by: int | None, now: datetime) -> int:
    """Takes a correction out, words and all, and returns its issue. Raises NotFoundError."""
    with db.write() as session:
        row = store.remove(session, correction_id)
        if row is None:
            raise NotFoundError("correction", correction_id)
        before = {"note": row["note"], **row["words"], "row": row}
        _record(session, row["issue_id"], TAKEN_OUT, before=before, by=by, now=now)
    issue_id: int = row["issue_id"]
    return issue_id


def put_back(db: Database, row: Mapping[str, Any], *, by: int | None, now: datetime) -> None:
    """Puts a correction that was taken out back, with the date that it had. Raises StateError where it is there."""
    with db.write() as session:
        made = store.restore(session, row)
        if made is None:
            raise StateError("That correction is there already.")
        after = {"note": row["note"], **row["words"], "correction": made}
        _record(session, row["issue_id"], MADE, after=after, by=by, now=now)


def _note(note: str) -> str:
    said = one_line(note)
    if not any(character.isalnum() for character in said):
        raise InvalidError("note", "Say what was wrong and how it is right: readers see it with today's date.")
    if len(said) > MOST_NOTE_CHARACTERS:
        raise InvalidError("note", f"This is {len(said):,} characters long; at most {MOST_NOTE_CHARACTERS:,} fit.")
    return said


def _wanted(entry: DocumentEntry | None, words: Mapping[str, str]) -> dict[str, str]:
    """Returns the words that become others. A title or a text may be mended, but not taken away."""
    wanted = {} if entry is None else editing.changed(entry, words)
    for name, given in wanted.items():
        if not given.strip():
            raise InvalidError(name, f"{editing.LABELS[name]}: leave it as it was, or write what is right.")
        if len(given) > MOST_WORDS_CHARACTERS:
            raise InvalidError(name, f"This is {len(given):,} characters long; at most {MOST_WORDS_CHARACTERS:,} fit.")
    return wanted


def _sent(session: Session, issue_id: int) -> IssueRow:
    issue = issues.issue_row(session, issue_id, lock=True)
    if issue.state not in _PUBLIC:
        raise StateError(f"Issue {issue.number} is {issue.state}: correct its words on the board.")
    if store.count(session, issue_id) >= MOST_OF_AN_ISSUE:
        raise StateError(f"Issue {issue.number} has {MOST_OF_AN_ISSUE} corrections; take one out first.")
    return issue


def _require_seen(session: Session, issue: IssueRow, seen: int | None) -> None:
    there = store.of_issue(session, issue.id)
    if seen is not None and seen != (there[-1].id if there else 0):
        raise StateError(f"Somebody corrected issue {issue.number} meanwhile. Look at it, then send yours again.")


def _record(
    session: Session,
    issue_id: int,
    verb: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    by: int | None,
    now: datetime,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject=SUBJECT, subject_id=issue_id, before=before, after=after
    )
