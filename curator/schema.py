"""The schema's version: bring a database up to it, take it back, tell where it stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from curator.db import Database
from curator.errors import SettingError

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade(database: Database, revision: str = "head", *, migrations: Path = MIGRATIONS) -> None:
    """Brings the database up to `revision`; one that is there already is left alone.

    Two processes may call it at once: one migrates, the other waits and then finds nothing to do.
    """
    _run(database, migrations, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str, *, migrations: Path = MIGRATIONS) -> None:
    """Takes the database back to `revision` ("base" is the empty one)."""
    _run(database, migrations, lambda config: command.downgrade(config, revision))


def current(database: Database) -> str | None:
    """Returns the revision that the database stands at, None for an empty one."""
    with _connected(database) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(migrations: Path = MIGRATIONS) -> str | None:
    """Returns the revision that this code expects."""
    return ScriptDirectory(str(migrations)).get_current_head()


def _run(database: Database, migrations: Path, act: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _connected(database) as connection:
        config.attributes["connection"] = connection
        act(config)


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    """Yields a connection. Raises SettingError where none is to be had; every start comes here first."""
    try:
        connection = database.engine.connect()
    except DatabaseError as error:
        reason = str(error.orig).strip().splitlines()[0].rstrip(".")
        shown = database.url.render_as_string()
        raise SettingError("CURATOR_DATABASE_URL", f"is {shown}, but it cannot be used: {reason}.") from error
    with connection:
        yield connection
