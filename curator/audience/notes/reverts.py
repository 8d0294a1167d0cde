"""The opposites of what is done to notes, for the log's Undo."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.audience.notes import store, write
from curator.db import Database
from curator.errors import NotFoundError, StateError


def _removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    write.remove(db, _note(db, change).id, by=by, now=now)
    return "The note is removed."


def _back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    write.bring_back(db, _note(db, change).id, by=by, now=now)
    return "The note is back."


def _as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    found = _note(db, change)
    if found.version != change.became("version") or found.removed_at is not None:
        raise StateError("The note was edited or removed since.")
    write.edit(db, found.id, found.words_before, expected_version=found.version, by=by, now=now)
    return "The note says what it said before."


def _note(db: Database, change: ActivityRow) -> store.NoteRow:
    with db.read() as session:
        try:
            return store.note(session, change.became("note"))
        except NotFoundError as error:
            raise StateError("The note is gone with its subscriber.") from error


REVERTS: dict[str, Revert] = {
    "subscriber.wrote a note on": _removed,
    "subscriber.removed a note on": _back,
    "subscriber.brought back a note on": _removed,
    "subscriber.edited a note on": _as_before,
}
