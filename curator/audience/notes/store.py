"""Queries on notes about subscribers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from curator.audience.tables import Note
from curator.errors import NotFoundError


@dataclass(frozen=True)
class NoteRow:
    """A note: who wrote it and when; one that was removed is kept until its subscriber goes."""

    id: int
    subscriber_id: int
    words: str
    words_before: str
    by: int | None
    at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    version: int


def notes(session: Session, subscriber_id: int, *, limit: int = 100) -> list[NoteRow]:
    """Returns the notes about a subscriber that stand, newest first."""
    theirs = Note.subscriber_id == subscriber_id, Note.removed_at.is_(None)
    rows = session.scalars(select(Note).where(*theirs).order_by(Note.at.desc(), Note.id.desc()).limit(limit))
    return [_row(row) for row in rows]


def note(session: Session, note_id: int, *, lock: bool = False) -> NoteRow:
    """Returns a note, removed or not; `lock` holds it until the commit. Raises NotFoundError."""
    query = select(Note).where(Note.id == note_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("note", note_id)
    return _row(row)


def add(session: Session, subscriber_id: int, words: str, *, by: int | None, now: datetime) -> int:
    """Writes a note down and returns its id."""
    row = Note(subscriber_id=subscriber_id, words=words, by=by, at=now)
    session.add(row)
    session.flush()
    return row.id


def edit(session: Session, was: NoteRow, words: str, *, now: datetime) -> None:
    """Gives a note other words and keeps those it had."""
    new = {"words": words, "words_before": was.words, "edited_at": now, "version": Note.version + 1}
    session.execute(update(Note).where(Note.id == was.id).values(new))


def set_removed(session: Session, note_id: int, at: datetime | None) -> None:
    """Removes a note, or with None brings it back."""
    session.execute(update(Note).where(Note.id == note_id).values(removed_at=at))


def _row(row: Note) -> NoteRow:
    return NoteRow(
        *(row.id, row.subscriber_id, row.words, row.words_before, row.by),
        *(row.at, row.edited_at, row.removed_at, row.version),
    )
