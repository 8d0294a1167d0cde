"""Opens a backup again as a restore would, in a place that is thrown away, and compares everything."""

from collections.abc import Mapping
from pathlib import Path

from curator import schema
from curator.backup import archive, places, room
from curator.backup.postgres import store as postgres
from curator.backup.sqlite import store as sqlite
from curator.backup.values import About, DamagedError, Kind, Manifest
from curator.db import Database
from curator.errors import StateError


def try_out(path: Path, *, scratch: Path, db: Database) -> tuple[About, Manifest]:
    """Returns what a backup says of itself once all of it holds: its bytes, its database, its rows.

    SQLite's database is taken out into `scratch` and read from end to end. PostgreSQL's rows are copied into tables
    beside those of `db` and counted there: whatever a restore would stumble over (a row that fits no column or refers
    to nothing) shows. Raises DamagedError, StateError for a newer version, NoRoomError.
    """
    about = archive.about(path)
    require_known(about)
    if about.kind is Kind.SQLITE:
        room.require(scratch, about.database_bytes, what="Trying the backup out")
        with room.scratch(scratch, "trial") as folder:
            return _try_file(path, folder / "database")
    return _try_rows(path, about, db)


def require_known(about: About) -> None:
    """Refuses a backup of a schema that this version does not know."""
    if about.schema not in schema.known():
        raise StateError(
            f"This backup was made by Curator {about.curator}, whose database stands at {about.schema}; this version "
            f"({schema.newest()}) does not know that. Restore it with that version or a newer one. Nothing was changed."
        )


def take_out(file: archive.Content, to: Path) -> None:
    """Writes a member into a new file that only its owner may read."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.touch(mode=0o600)
    with to.open("wb") as out:
        while piece := file.read(archive.PIECE):
            out.write(piece)


def compare(rows: Mapping[str, int], manifest: Manifest) -> None:
    """Refuses a database that has other rows than a backup says. Raises DamagedError."""
    differing = sorted(table for table, number in manifest.rows.items() if rows.get(table) != number)
    if differing:
        table = differing[0]
        raise DamagedError(
            f"This backup is damaged: {table} has {rows.get(table, 0):,} rows instead of {manifest.rows[table]:,}."
        )


def _try_file(path: Path, file: Path) -> tuple[About, Manifest]:
    def take(name: str, content: archive.Content) -> None:
        if name == places.DATABASE:
            take_out(content, file)

    about, manifest = archive.walk(path, take)
    compare_file(file, about, manifest)
    return about, manifest


def compare_file(file: Path, about: About, manifest: Manifest) -> None:
    """Reads a database that was taken out from end to end. Raises DamagedError."""
    if not file.exists():
        raise DamagedError("This backup is damaged: there is no database in it.")
    with sqlite.opened(file) as connection:
        if why := sqlite.why_broken(connection):
            raise DamagedError(f"This backup is damaged: {why}.")
        if (found := sqlite.revision(connection)) != about.schema:
            raise DamagedError(f"This backup is damaged: its database stands at {found} instead of {about.schema}.")
        compare(sqlite.rows(connection), manifest)


def _try_rows(path: Path, about: About, db: Database) -> tuple[About, Manifest]:
    aside = postgres.Aside(db, postgres.TRIAL)
    try:
        manifest = fill(path, about, aside)
    finally:
        aside.remove()
        aside.close()
    return about, manifest


def fill(
    path: Path, about: About, aside: postgres.Aside, *, take: archive.Take = lambda _name, _content: None
) -> Manifest:
    """Copies a backup's rows into tables that lie aside, and compares their numbers; the rest `take` is handed.

    Raises DamagedError.
    """

    def sort(name: str, content: archive.Content) -> None:
        first, _, rest = name.partition("/")
        if first == places.ROWS:
            aside.fill(rest.partition("/")[0], content)
        else:
            take(name, content)

    aside.prepare(about.schema, about.columns)
    _, manifest = archive.walk(path, sort)
    aside.filled()
    compare(aside.rows(), manifest)
    return manifest
