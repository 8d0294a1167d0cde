"""What people do with a file of readers: bring it, say what its columns hold, have it looked through, take it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfileobj

from curator.audience.moving import files, store, take_in
from curator.audience.moving.columns import guessed
from curator.audience.moving.files import MemoryFile
from curator.audience.moving.layout import part_of
from curator.audience.moving.values import Column, Import, Mark, Part, Phase, Plan, Refusal, Standing, Tally
from curator.audience.moving.vendors import VENDORS, detected
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.names import one_line
from curator.newsletters import store as newsletters
from curator.queue import store as queue

TASK = "move_readers"
MAX_BASIS = 800
_WAITING = (Phase.STORED, Phase.LOOKED, Phase.FAILED)


@dataclass(frozen=True)
class Report:
    """What became of a file that was taken in at once; `refused` lists the first refused rows."""

    tally: Tally
    refused: tuple[Refusal, ...]


def bring(
    db: Database,
    newsletter_id: int,
    path: Path,
    *,
    file_name: str,
    folder: Path,
    max_bytes: int,
    now: datetime,
    by: int | None = None,
) -> int:
    """Takes a file (CSV, or a zip of CSV files) into the folder of imports and returns the import's id.

    Nothing is read but its beginning. `path` stays where it is: whoever made it takes it away. Raises
    InvalidError("file") for one that cannot be read at all, or is too large.
    """
    name = one_line(file_name, max_characters=200) or "file.csv"
    parts = files.parts_of(path, name, max_bytes=max_bytes)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        size = path.stat().st_size
        import_id = store.add(session, newsletter_id, file_name=name, size=size, parts=parts, actor=by, now=now)
        # Before the commit: a row whose file never came would be a promise.
        _put(path, place(folder, import_id))
    return import_id


def place(folder: Path, import_id: int) -> Path:
    """Returns where the file of an import lies."""
    return folder / f"{import_id}.upload"


def _put(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    try:
        to.hardlink_to(path)
    except OSError:
        # On another disk, or on one that has no hard links.
        to.touch(mode=0o600)
        with path.open("rb") as source, to.open("wb") as target:
            copyfileobj(source, target, 1 << 20)


def usual_plan(parts: tuple[Part, ...], *, vendor: str = "", basis: str = "") -> Plan:
    """Returns how files are read unless somebody says otherwise: by their headings, as the tool's that made them."""
    made_by = VENDORS[vendor] if vendor else detected({heading for part in parts for heading in part.headings})
    columns: dict[str, Column] = {}
    for part in parts:
        columns = guessed(part.headings, made_by, address=part.address) | columns
    return Plan(made_by.key, columns, basis)


def checked_plan(
    parts: tuple[Part, ...],
    *,
    vendor: str,
    columns: Mapping[str, Column],
    basis: str,
    asks_anew: bool = False,
    standings: Mapping[str, Standing] | None = None,
) -> Plan:
    """Returns a plan that can be followed. Raises InvalidError("columns"), ("basis") or ("vendor")."""
    if vendor not in VENDORS:
        raise InvalidError("vendor", f"There is no tool {vendor}; there are: {', '.join(VENDORS)}.")
    for part in parts:
        held = [columns.get(heading, Column.IGNORE) for heading in part.headings]
        if Column.ADDRESS not in held:
            raise InvalidError("columns", f"Say which column of {part.name} holds the addresses.")
        twice = next((each for each in (Column.ADDRESS, Column.STATUS) if held.count(each) > 1), None)
        if twice is not None:
            raise InvalidError("columns", f"Two columns of {part.name} are said to hold the {twice}; choose one.")
    words = one_line(basis, max_characters=MAX_BASIS)
    if not words:
        raise InvalidError("basis", "Say why these people may be mailed: it is kept with each of them.")
    return Plan(vendor, dict(columns), words, asks_anew, dict(standings or {}))


def begin_look(db: Database, import_id: int, plan: Plan, *, now: datetime, is_asked_for: bool = True) -> None:
    """Has a file looked through by a worker; anew as often as somebody likes, until it is taken in.

    `is_asked_for` False leaves out the queue: whoever calls does it themselves.
    """
    with db.write() as session:
        found = store.one(session, import_id, lock=True)
        if found.phase not in (*_WAITING, Phase.LOOKING) or (found.phase is Phase.FAILED and found.mark != Mark()):
            raise StateError("This file is being taken in, or was. Bring it once more to read it in another way.")
        _move(session, found, Phase.LOOKING, now=now, plan=plan.to_json(), looked=None, tally=None, **store.at(Mark()))
        if is_asked_for:
            ask(session, import_id, now=now)


def begin_run(db: Database, import_id: int, *, now: datetime, is_asked_for: bool = True) -> None:
    """Has a file taken in by a worker, or, where that ended in trouble, gone on with behind the last chunk.

    `is_asked_for` False leaves out the queue: whoever calls does it themselves.
    """
    with db.write() as session:
        found = store.one(session, import_id, lock=True)
        if found.phase is Phase.RUNNING and not is_asked_for:
            return
        if found.plan is None or found.phase not in _WAITING:
            raise StateError("This file is not ready to be taken in.")
        if found.mark == Mark():
            store.forget_refusals(session, import_id)
            store.change(session, import_id, phases=[found.phase], tally=None)
        _move(session, found, Phase.RUNNING, now=now)
        if is_asked_for:
            ask(session, import_id, now=now)


def _move(session: Session, found: Import, phase: Phase, *, now: datetime, **columns: object) -> None:
    told = {"phase": phase, "tries": 0, "note": "", "seen_at": now, **columns}
    store.change(session, found.id, phases=[found.phase], **told)


def ask(session: Session, import_id: int, *, now: datetime) -> None:
    """Queues the work on an import; twice is once."""
    queue.enqueue(session, TASK, {"import_id": import_id}, now=now, key=f"import:{import_id}")


def cancel(db: Database, import_id: int, *, folder: Path, now: datetime, by: int | None = None) -> bool:
    """Ends an import where it stands and takes its file away; who was added stays. False when it was over already."""
    with db.write() as session:
        found = store.one(session, import_id, lock=True)
        if found.phase.is_final:
            return False
        # A look-through that was under way counted what would have been.
        tally = found.tally if found.phase is not Phase.LOOKING else Tally()
        _move(session, found, Phase.CANCELLED, now=now, finished_at=now, tally=tally.to_json())
        take_in.note(session, found.newsletter_id, import_id, tally, actor=by, now=now)
    forget_file(db, import_id, folder=folder, now=now)
    return True


def fail(db: Database, import_id: int, *, note: str, now: datetime) -> None:
    """Notes that an import cannot go on by itself, and why."""
    with db.write() as session:
        told = {"phase": Phase.FAILED, "note": one_line(note, max_characters=500), "seen_at": now}
        store.change(session, import_id, phases=[Phase.RUNNING], **told)
        # Nothing was written of what is looked at only: it begins anew.
        store.change(session, import_id, phases=[Phase.LOOKING], tally=None, **told, **store.at(Mark()))


def forget_file(db: Database, import_id: int, *, folder: Path, now: datetime) -> None:
    """Takes the file of an import away; the file goes first, so that none is left behind unknown."""
    place(folder, import_id).unlink(missing_ok=True)
    with db.write() as session:
        store.change(session, import_id, phases=list(Phase), has_file=False, seen_at=now)


def tidy(db: Database, *, folder: Path, kept_for: timedelta, now: datetime) -> None:
    """Takes files away at which nobody was for long; what was not taken in by then is cancelled.

    What is left of uploads whose process was killed goes too.
    """
    for path in folder.glob("arriving-*"):
        if path.stat().st_mtime < (now - kept_for).timestamp():
            path.unlink(missing_ok=True)
    with db.read() as session:
        old = store.with_file(session, seen_before=now - kept_for)
    for import_id in old:
        if not cancel(db, import_id, folder=folder, now=now):
            forget_file(db, import_id, folder=folder, now=now)


def import_csv(
    db: Database, newsletter_id: int, content: bytes, *, now: datetime, by: int | None = None, basis: str = "import"
) -> Report:
    """Takes a small CSV file in at once, from memory, and returns what became of each row; for the demo and tests.

    Raises InvalidError("file") for a file that cannot be read at all, before anything is written.
    """
    part = part_of("file.csv", content, size=len(content))
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        import_id = store.add(
            session,
            newsletter_id,
            file_name="file.csv",
            size=len(content),
            parts=[part],
            actor=by,
            now=now,
            has_file=False,
        )
        plan = usual_plan((part,), basis=basis).to_json()
        store.change(session, import_id, phases=[Phase.STORED], phase=Phase.RUNNING, plan=plan)
    take_in.take_in(db, import_id, MemoryFile(content), clock=lambda: now)
    with db.read() as session:
        done = store.one(session, import_id)
        refused = store.refusals(session, import_id, limit=1000)
    return Report(done.tally, tuple(refusal for _, refusal in refused))
