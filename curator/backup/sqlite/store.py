"""A SQLite file: copied while others write, counted, looked through, and put in the place of another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError

from curator.backup.values import DamagedError
from curator.db import Database
from curator.errors import StorageError

_TABLES = "select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'"
# What a search keeps for itself is made again from what it finds.
_COUNTED = f"{_TABLES} and name <> 'alembic_version' and sql not like 'CREATE VIRTUAL%'"


def copy(db: Database, to: Path) -> None:
    """Writes the database as it stands into a new file, without what was deleted from it.

    VACUUM INTO reads in one transaction, so the copy is of one moment, and in WAL mode no writer waits for a reader.
    What was erased is in no free page of it.
    """
    connection = db.engine.raw_connection()
    driver: Any = connection.driver_connection
    try:
        driver.execute("PRAGMA query_only=OFF")
        driver.execute("VACUUM INTO ?", (str(to),))
    except driver.Error as error:
        raise StorageError(f"The database cannot be copied: {error}.") from error
    finally:
        connection.close()


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """Yields a connection to a file that nobody writes to, and that is not written to either."""
    engine = create_engine(f"sqlite:///file:{_quoted(file)}?mode=ro&immutable=1&uri=true", hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        raise DamagedError(f"Its database cannot be read: {error.orig}.") from error
    finally:
        engine.dispose()


def revision(connection: Connection) -> str:
    """Returns the revision that a file stands at."""
    return str(connection.scalar(text("select version_num from alembic_version")))


def rows(connection: Connection) -> dict[str, int]:
    """Returns how many rows each table has."""
    names = sorted(connection.scalars(text(_COUNTED)))
    return {name: connection.scalar(text(f'select count(*) from "{name}"')) or 0 for name in names}  # noqa: S608 - names come from the catalogue


def numbers(connection: Connection) -> dict[str, int]:
    """Returns the highest number that was ever given, for each table that never gives one twice."""
    found = connection.execute(text("select name, seq from sqlite_sequence"))
    return {str(name): int(number) for name, number in found}


def installation(connection: Connection) -> str:
    """Returns the name by chance that the database bears, "" before its first beat."""
    return str(connection.scalar(text("select installation from pulse")) or "")


def why_broken(connection: Connection) -> str:
    """Returns what is wrong with a file as a database, "" when nothing is; reads all of it."""
    found = [str(line) for line in connection.scalars(text("pragma integrity_check(3)"))]
    if found != ["ok"]:
        return f"its database is broken ({found[0][:100]})"
    orphan = connection.execute(text("pragma foreign_key_check")).first()
    return "" if orphan is None else f"rows of its table {orphan[0]} refer to what is not there"


def put(new: Path, *, at: Path, aside: Path) -> None:
    """Puts a file in the place of another, which is kept under the name `aside`.

    Its log is folded into it first and taken away, because SQLite would fold it into the new file otherwise. A kill
    leaves the one or the other in its place, never none.
    """
    if at.exists():
        _fold(at)
        for end in ("-wal", "-shm"):
            log = at.with_name(f"{at.name}{end}")
            if log.exists():
                log.rename(aside.with_name(f"{aside.name}{end}"))
        os.link(at, aside)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(at)
    folder = os.open(at.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fold(file: Path) -> None:
    """Folds a file's log into it; one that is too broken for that keeps its log, which goes with it."""
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.execute(text("pragma wal_checkpoint(truncate)"))
    except DatabaseError:
        pass
    finally:
        engine.dispose()


def _quoted(file: Path) -> str:
    return str(file).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
