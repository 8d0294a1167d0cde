"""Queries on the nights of which a backup was asked for."""

from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from curator.backup.nightly.values import Night, Nights, NightState
from curator.backup.tables import BackupRun
from curator.db import changed, insert_once

_LONGEST_WHY = 300
_OPEN = (NightState.ASKED, NightState.RUNNING)
# More than a year; nobody asks for what was before.
_KEPT = 400


def nights(session: Session) -> Nights:
    """Returns how backups stand."""
    newest = select(BackupRun).order_by(BackupRun.slot_at.desc())
    good = newest.where(BackupRun.state == NightState.GOOD)
    first = select(BackupRun.asked_at).order_by(BackupRun.slot_at).limit(1)
    return Nights(_first(session, newest), _first(session, good), session.scalar(first))


def ask(session: Session, slot_at: datetime, *, now: datetime) -> None:
    """Notes that a night's backup is asked for; earlier ones to which nobody came are over. Twice is as once."""
    missed = update(BackupRun).where(BackupRun.slot_at < slot_at, BackupRun.state.in_(_OPEN))
    session.execute(missed.values(state=NightState.FAILED, ended_at=now, why="Nobody came to make it."))
    row = {"slot_at": slot_at, "state": NightState.ASKED, "asked_at": now, "tries": 0}
    insert_once(session, BackupRun, row | {"file": "", "bytes": 0, "rows": 0, "files": 0, "why": ""})
    kept = select(BackupRun.slot_at).order_by(BackupRun.slot_at.desc()).limit(_KEPT)
    session.execute(delete(BackupRun).where(BackupRun.slot_at.not_in(kept)))


def begin(session: Session, *, now: datetime) -> Night | None:
    """Takes the newest night for a try and returns it; None where there is none, or its backup is good."""
    newest = session.scalar(select(BackupRun.slot_at).order_by(BackupRun.slot_at.desc()).limit(1))
    if newest is None:
        return None
    open_one = update(BackupRun).where(BackupRun.slot_at == newest, BackupRun.state != NightState.GOOD)
    taken = {"state": NightState.RUNNING, "tries": BackupRun.tries + 1, "begun_at": now, "ended_at": None}
    if not changed(session, open_one.values(taken)):
        return None
    return _first(session, select(BackupRun).where(BackupRun.slot_at == newest))


def note_made(session: Session, night: Night, *, file: str, backup_at: datetime, counts: tuple[int, int, int]) -> bool:
    """Notes the file of a try, with its bytes, rows and files; False when another try has begun since."""
    made = dict(zip(("bytes", "rows", "files"), counts, strict=True))
    return _note(session, night, file=file, backup_at=backup_at, **made)


def forget_file(session: Session, night: Night) -> None:
    """Lets the next try make another file."""
    _note(session, night, file="")


def note_good(session: Session, night: Night, *, now: datetime) -> bool:
    """Notes that a night's backup was tried out and holds everything; False when another try has begun since."""
    return _note(session, night, state=NightState.GOOD, ended_at=now, why="")


def note_failed(session: Session, night: Night, *, why: str, now: datetime) -> bool:
    """Notes what a try failed of; False when another try has begun since."""
    return _note(session, night, state=NightState.FAILED, ended_at=now, why=why[:_LONGEST_WHY])


def note_death(session: Session, *, why: str, now: datetime) -> bool:
    """Notes that the process died that made the newest night's backup; False when it had said how it ended."""
    newest = select(BackupRun.slot_at).order_by(BackupRun.slot_at.desc()).limit(1).scalar_subquery()
    running = update(BackupRun).where(BackupRun.slot_at == newest, BackupRun.state == NightState.RUNNING)
    return changed(session, running.values(state=NightState.FAILED, ended_at=now, why=why[:_LONGEST_WHY])) > 0


def _note(session: Session, night: Night, **values: object) -> bool:
    same = BackupRun.slot_at == night.slot_at, BackupRun.tries == night.tries, BackupRun.state == NightState.RUNNING
    return changed(session, update(BackupRun).where(*same).values(**values)) > 0


def _first(session: Session, query: Select[BackupRun]) -> Night | None:
    row = session.scalars(query.limit(1).execution_options(populate_existing=True)).first()
    if row is None:
        return None
    facts = {name: getattr(row, name) for name in Night.__dataclass_fields__}
    return Night(**facts | {"state": NightState(row.state)})
