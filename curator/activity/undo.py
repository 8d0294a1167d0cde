"""Takes a change back: does its opposite, and writes down that it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from curator.activity import store
from curator.activity.values import ActivityRow, Revert
from curator.db import Database, Session
from curator.errors import StateError


@dataclass(frozen=True)
class Undone:
    """What was done to take a change back, in words; `redo` is the change by which that can be taken back itself."""

    change: ActivityRow
    words: str
    redo: int | None


def standing(changes: Sequence[ActivityRow]) -> list[ActivityRow]:
    """Returns which changes stand and are no taking back themselves, in the order given.

    What was done again stands: it took back a taking back. One whose origin is not among them counts as a taking back.
    """
    known = {change.id: change for change in changes}
    return [change for change in changes if change.undone_at is None and _is_deed(change, known)]


def undo(db: Database, change_id: int, reverts: Mapping[str, Revert], *, by: int | None, now: datetime) -> Undone:
    """Takes a change back and returns what was done.

    Three acts: read, do the opposite (the room's own transaction), mark. A crash before the mark leaves the change
    taken back but shown as standing; a second call finds the room as it was before, says so or does nothing, and marks
    it. Raises StateError for what was taken back already or cannot be, whatever the room raises where it is too late
    (nothing is changed then), and NotFoundError.
    """
    with db.read() as session:
        change, since = store.change(session, change_id), store.last_id(session)
    revert = reverts.get(change.deed)
    if revert is None:
        raise StateError("This cannot be taken back.")
    if change.undone_at is not None:
        raise StateError("This was taken back already.")
    words = revert(db, change, by=by, now=now)
    with db.write() as session:
        store.mark_undone(session, change_id, by=by, now=now, since=since)
        redo = next((made.id for made in _made(session, by, now) if made.undoes == change_id), None)
    return Undone(change, words, redo)


def _is_deed(change: ActivityRow, known: Mapping[int, ActivityRow]) -> bool:
    if change.undoes is None:
        return True
    origin = known.get(change.undoes)
    return origin is not None and not _is_deed(origin, known)


def _made(session: Session, by: int | None, now: datetime) -> list[ActivityRow]:
    return [] if by is None else store.deeds(session, by, at=now)
