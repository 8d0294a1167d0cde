"""INSTALLATION -> ARCHIVE: makes a backup while everything runs.

It is written under another name, synced, and then given its own: a kill leaves no file that could be taken for one,
and what it leaves goes with the next backup into the same folder.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from curator import __version__
from curator.app import App
from curator.backup import places, room
from curator.backup.archive import Writing
from curator.backup.keys import fingerprints, sealed
from curator.backup.places import Kept
from curator.backup.postgres import store as postgres
from curator.backup.sqlite import store as sqlite
from curator.backup.values import About, Kind, Made, Manifest
from curator.db import Database
from curator.errors import StorageError
from curator.settings import Settings

NAMED, ENDING = "curator-", ".backup"

Tell = Callable[[str], None]
"""Hears in a few words what is being done."""


def back_up(app: App, to: Path, *, tell: Tell = lambda _step: None) -> Made:
    """Writes a backup of database and files into a file that only its owner may read.

    The installation's keys go along behind CURATOR_BACKUP_PASSPHRASE; without one they are left out.
    The database is of one moment, and nobody waits for it; files come after it, so all that it names are there. Raises
    NoRoomError before anything is written, and StorageError.
    """
    # Before the snapshot: whatever the log of leavings says from here on is not in it, or does no harm twice.
    at = app.clock()
    found = list(places.kept(app.settings))
    file_bytes, database_bytes = places.sizes(found), _database_bytes(app.db)
    # Compressed, a database is far smaller than on its disk; SQLite's copy lies beside it meanwhile.
    wanted = file_bytes + database_bytes * (2 if app.db.is_sqlite else 1)
    room.require(to.parent, wanted, what="The backup")
    about = partial(
        About,
        at=at,
        curator=__version__,
        kind=Kind.SQLITE if app.db.is_sqlite else Kind.POSTGRESQL,
        database_bytes=database_bytes,
        files_bytes=file_bytes,
        keys=fingerprints(places.secrets(app.settings)),
        has_keys=bool(app.settings.backup_passphrase),
    )
    try:
        with room.scratch(to.parent, "backup") as folder:
            tell("copying the database")
            with _source(app.db, folder) as source:
                said = about(schema=source.schema, installation=source.installation, columns=source.columns)
                made = folder / "archive"
                manifest = _write(made, said, source, found, app.settings, tell=tell)
            size = made.stat().st_size
            with made.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            room.settle(made, to)
    except OSError as error:
        raise StorageError(f"The backup cannot be written to {to.parent}: {error.strerror}.") from error
    return Made(str(to), size, digest, said, manifest)


def name_at(at: datetime) -> str:
    """Returns what a backup of a moment is called in a folder."""
    return f"{NAMED}{at:%Y%m%dT%H%M%SZ}{ENDING}"


@dataclass(frozen=True)
class _Source:
    """A database of one moment. `write` adds its members, and returns how many rows each table has."""

    schema: str
    installation: str
    numbers: Mapping[str, int]
    write: Callable[[Writing], Mapping[str, int]]
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@contextmanager
def _source(db: Database, folder: Path) -> Iterator[_Source]:
    if not db.is_sqlite:
        with postgres.snapshot(db) as shot:
            columns = {shape.table: [column.name for column in shape.columns] for shape in shot.shapes}
            write = partial(_add_rows, shot)
            yield _Source(shot.revision(), shot.installation(), shot.numbers(), write, columns)
        return
    copy = folder / "database"
    sqlite.copy(db, copy)
    with sqlite.opened(copy) as connection:
        rows = sqlite.rows(connection)
        numbers, revision, name = (
            sqlite.numbers(connection),
            sqlite.revision(connection),
            sqlite.installation(connection),
        )
    yield _Source(revision, name, numbers, partial(_add_copy, copy, rows))


def _add_copy(copy: Path, rows: Mapping[str, int], writing: Writing) -> Mapping[str, int]:
    writing.add_file(places.DATABASE, copy)
    # Before the files: they may need its room.
    copy.unlink()
    return rows


def _add_rows(shot: postgres.Snapshot, writing: Writing) -> Mapping[str, int]:
    rows = dict.fromkeys((shape.table for shape in shot.shapes), 0)
    for shape in shot.shapes:
        for number, piece in enumerate(shot.pieces(shape)):
            # Ends of lines within a value are escaped.
            rows[shape.table] += piece.count(b"\n")
            writing.add_stream(f"{places.ROWS}/{shape.table}/{number:06}", io.BytesIO(piece), size=len(piece))
    return rows


def _write(
    made: Path,
    about: About,
    source: _Source,
    found: Sequence[Kept],
    settings: Settings,
    *,
    tell: Tell,
) -> Manifest:
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        tell("packing")
        writing = Writing(file, about)
        rows = source.write(writing)
        for number, each in enumerate(found):
            if number % 1000 == 0:
                tell(f"packing file {number + 1:,} of {len(found):,}")
            # A file of an import goes with its import's end.
            with suppress(FileNotFoundError):
                writing.add_file(each.name, each.path)
        if settings.backup_passphrase:
            writing.add(places.KEYS, sealed(places.bundle(settings), settings.backup_passphrase))
        manifest = Manifest(rows, source.numbers, tuple(writing.members))
        writing.finish(manifest)
    return manifest


def _database_bytes(db: Database) -> int:
    if not db.is_sqlite:
        return postgres.database_bytes(db)
    file = Path(db.url.database or "")
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
