"""The schema's version: bring a database up to it, take it back, tell where it stands."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from curator.db import Database
from curator.errors import SettingError, StateError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
UNFINISHED = "curator_move"
"""The schema of a PostgreSQL database in which a copy lies until it is whole (curator/move)."""


def upgrade(database: Database, revision: str = "head", *, migrations: Path = MIGRATIONS) -> None:
    """Brings the database up to `revision`; one that is there already is left alone.

    Two processes may call it at once: one migrates, the other waits and then finds nothing to do.
    """
    _run(database, migrations, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str, *, migrations: Path = MIGRATIONS) -> None:
    """Takes the database back to `revision` ("base" is the empty one)."""
    _run(database, migrations, lambda config: command.downgrade(config, revision))


def copied(database: Database) -> Path | None:
    """Keeps a copy of an SQLite database beside it, named after its revision, and returns where; once for each.

    It is whole though others write meanwhile. None for an empty database, and on PostgreSQL, which has tools of its
    own for that. Raises StateError where there is no room for it.
    """
    found = current(database)
    if not database.is_sqlite or found is None or database.url.database in (None, "", ":memory:"):
        return None
    path = Path(str(database.url.database))
    kept = path.with_name(f"{path.name}.before-upgrade-from-{found}")
    if kept.exists():
        return kept
    part = kept.with_name(f"{kept.name}.part")
    part.unlink(missing_ok=True)
    try:
        # A raw connection: every other one begins a transaction, in which SQLite makes no copy.
        with closing(database.engine.raw_connection()) as raw:
            raw.cursor().execute("vacuum into ?", (str(part),))
    except database.engine.dialect.loaded_dbapi.Error as error:
        part.unlink(missing_ok=True)
        reason = str(error).strip().rstrip(".")
        raise StateError(f"No copy of {database.shown} could be made before its upgrade: {reason}.") from error
    part.replace(kept)
    return kept


def current(database: Database) -> str | None:
    """Returns the revision that the database stands at, None for an empty one."""
    with _connected(database) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(migrations: Path = MIGRATIONS) -> str | None:
    """Returns the revision that this code expects."""
    return ScriptDirectory(str(migrations)).get_current_head()


def is_behind(database: Database, *, migrations: Path = MIGRATIONS) -> bool:
    """Tells whether the database stands at an earlier schema, which this code can bring up to its own."""
    _, *earlier = (each.revision for each in ScriptDirectory(str(migrations)).walk_revisions())
    return current(database) in earlier


def known(migrations: Path = MIGRATIONS) -> frozenset[str]:
    """Returns every revision that this code can bring up to its own."""
    return frozenset(each.revision for each in ScriptDirectory(str(migrations)).walk_revisions())


def require_whole(database: Database, *, migrations: Path = MIGRATIONS) -> None:
    """Refuses a database on which nothing may start: an unfinished copy, one without tables, or one left behind.

    One that a newer version has migrated already is let pass: its processes are replaced one by one. Raises
    StateError, or SettingError where it cannot be reached.
    """
    found, shown = current(database), database.shown
    if found is None:
        raise StateError(f"{shown} is empty: run `curator init`, or `curator db upgrade`.")
    if is_behind(database, migrations=migrations):
        raise StateError(
            f"{shown} stands at {found}, this version needs {newest(migrations)}: run `curator db upgrade`."
        )


def is_unfinished(connection: Connection) -> bool:
    """Tells whether a copy lies in the database that is not whole, and this connection is not the one that makes it."""
    if connection.dialect.name != "postgresql":
        return False
    query = "select current_schema() is distinct from nspname from pg_namespace where nspname = :name"
    return bool(connection.scalar(text(query), {"name": UNFINISHED}))


def _run(database: Database, migrations: Path, act: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _connected(database) as connection:
        config.attributes["connection"] = connection
        act(config)


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    """Yields a connection; every start comes here first.

    Raises SettingError where none is to be had, and StateError for a copy that is not whole.
    """
    try:
        connection = database.engine.connect()
    except DatabaseError as error:
        reason = str(error.orig).strip().splitlines()[0].rstrip(".")
        shown = database.shown
        raise SettingError("CURATOR_DATABASE_URL", f"is {shown}, but it cannot be used: {reason}.") from error
    with connection:
        if is_unfinished(connection):
            what = f"{database.shown} holds the unfinished copy of another database"
            todo = "with the settings of the other one, `curator db move URL --again` finishes it"
            raise StateError(f"{what}, so nothing can start on it; {todo}.")
        connection.rollback()
        yield connection
