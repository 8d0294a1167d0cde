"""Writes notes about a subscriber, edits and removes them. The log says that it was done, never in which words."""

from datetime import datetime

from curator.activity.store import record as log
from curator.audience.notes import store
from curator.audience.notes.store import NoteRow
from curator.audience.record import store as record
from curator.db import Database, Session
from curator.errors import ConflictError, InvalidError, NotFoundError

MAX_CHARACTERS = 2000


def write(db: Database, subscriber_id: int, words: str, *, by: int | None, now: datetime) -> int:
    """Writes a note and returns its id. Raises InvalidError("words") and NotFoundError."""
    words = _checked(words)
    with db.write() as session:
        if record.hold(session, subscriber_id) is None:
            raise NotFoundError("subscriber", subscriber_id)
        note_id = store.add(session, subscriber_id, words, by=by, now=now)
        _log(session, "wrote a note on", subscriber_id, note_id, by=by, now=now, version=1)
    return note_id


def edit(db: Database, note_id: int, words: str, *, expected_version: int, by: int | None, now: datetime) -> None:
    """Gives a note other words. Raises ConflictError when somebody else edited it since `expected_version`."""
    words = _checked(words)
    with db.write() as session:
        was = _standing(session, note_id)
        if was.words == words:
            return
        if was.version != expected_version:
            raise ConflictError("note", note_id, expected=expected_version, actual=was.version)
        store.edit(session, was, words, now=now)
        _log(session, "edited a note on", was.subscriber_id, note_id, by=by, now=now, version=was.version + 1)


def remove(db: Database, note_id: int, *, by: int | None, now: datetime) -> None:
    """Removes a note; twice is once."""
    with db.write() as session:
        was = store.note(session, note_id, lock=True)
        if was.removed_at is None:
            store.set_removed(session, note_id, now)
            _log(session, "removed a note on", was.subscriber_id, note_id, by=by, now=now, version=was.version)


def bring_back(db: Database, note_id: int, *, by: int | None, now: datetime) -> None:
    """Brings a removed note back."""
    with db.write() as session:
        was = store.note(session, note_id, lock=True)
        if was.removed_at is not None:
            store.set_removed(session, note_id, None)
            _log(session, "brought back a note on", was.subscriber_id, note_id, by=by, now=now, version=was.version)


def _standing(session: Session, note_id: int) -> NoteRow:
    was = store.note(session, note_id, lock=True)
    if was.removed_at is not None:
        raise NotFoundError("note", note_id)
    return was


def _checked(words: str) -> str:
    words = words.replace("\r\n", "\n").replace("\0", "").strip()
    if not words:
        raise InvalidError("words", "Write the note first.")
    if len(words) > MAX_CHARACTERS:
        raise InvalidError("words", f"This is {len(words):,} characters long; at most {MAX_CHARACTERS:,} fit.")
    return words


def _log(
    session: Session, verb: str, subscriber_id: int, note_id: int, *, by: int | None, now: datetime, version: int
) -> None:
    after = {"note": note_id, "version": version}
    log(session, at=now, actor=by, verb=verb, subject="subscriber", subject_id=subscriber_id, after=after)
