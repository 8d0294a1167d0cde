"""Where a move reads: a database that stands still meanwhile and is never written."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from curator.db import Database
from curator.errors import StorageError
from curator.move.lines import line_writer, unfit
from curator.move.postgres import copied_out, sequence_of
from curator.move.values import Column, Kind, Shape, Unfit

_CHUNK = 5_000
"""Rows in memory at a time."""


class Source(Protocol):
    """One state of a database, to be read in any order."""

    def blocks(self, shape: Shape) -> Iterator[bytes]:
        """Yields a table's rows as COPY's lines, in the order of its key."""

    def unfit(self, shape: Shape) -> Iterator[Unfit]:
        """Yields what PostgreSQL would not take of a table."""

    def highest(self, shape: Shape) -> int:
        """Returns the highest number that a row of the table was ever given, as far as the database knows."""


@contextmanager
def opened(database: Database, shapes: Sequence[Shape]) -> Iterator[Source]:
    """Yields the database as it stands; until the end of the block nobody else writes to it either."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(database.engine.connect())
            stack.enter_context(connection.begin())
        except DBAPIError as error:
            raise StorageError(f"The present database is in use or cannot be read: {error.orig}.") from error
        if database.is_sqlite:
            yield stack.enter_context(_sqlite(connection))
        else:
            connection.execute(text("set transaction isolation level repeatable read"))
            names = ", ".join(f'"{shape.table}"' for shape in shapes)
            connection.execute(text(f"lock table {names} in share mode"))
            yield _Postgres(connection)


@contextmanager
def _sqlite(connection: Connection) -> Iterator["_Sqlite"]:
    # The transaction holds the write lock (db.py begins it IMMEDIATE), and yet it must not write itself.
    connection.exec_driver_sql("PRAGMA query_only=ON")
    driver: Any = connection.connection.driver_connection
    decoded, driver.text_factory = driver.text_factory, bytes
    try:
        yield _Sqlite(driver)
    except driver.Error as error:
        raise StorageError(f"The present database cannot be read: {error}.") from error
    finally:
        driver.text_factory = decoded


class _Sqlite:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def blocks(self, shape: Shape) -> Iterator[bytes]:
        line = line_writer(shape.columns)
        for rows in self._rows(shape, shape.columns):
            yield b"".join([line(row) + b"\n" for row in rows])

    def unfit(self, shape: Shape) -> Iterator[Unfit]:
        # A whole number of 64 bits is what SQLite keeps at most.
        doubtful = [each for each in shape.columns if each.kind in (Kind.TEXT, Kind.WHOLE) and each.limit != 8]
        checks = [(place, unfit(column)) for place, column in enumerate(doubtful)]
        for rows in self._rows(shape, doubtful):
            for row in rows:
                for place, check in checks:
                    if why := check(row[place]):
                        yield Unfit(shape.table, _key(row[len(doubtful) :]), doubtful[place].name, why)

    def highest(self, shape: Shape) -> int:
        if len(shape.key) != 1:
            return 0
        query = f'select max("{shape.key[0]}") from "{shape.table}"'  # noqa: S608 - names come from the catalogue
        (highest,) = self._driver.execute(query).fetchone()
        found = [highest] if isinstance(highest, int) else []
        if self._driver.execute("select 1 from sqlite_master where name = 'sqlite_sequence'").fetchone():
            query = "select seq from sqlite_sequence where name = ?"
            found += [seq for (seq,) in self._driver.execute(query, (shape.table,))]
        return max(found, default=0)

    def _rows(self, shape: Shape, columns: Sequence[Column]) -> Iterator[list[Any]]:
        """Yields rows chunk by chunk: the columns, then the key."""
        key = ", ".join(f'"{name}"' for name in shape.key)
        names = ", ".join([f'"{column.name}"' for column in columns] or ["1"])
        asked = names if columns is shape.columns else f"{names}, {key}"
        query = f'select {asked} from "{shape.table}" order by {key}'  # noqa: S608 - names come from the catalogue
        with closing(self._driver.execute(query)) as cursor:
            while rows := cursor.fetchmany(_CHUNK):
                yield rows


class _Postgres:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def blocks(self, shape: Shape) -> Iterator[bytes]:
        return copied_out(self._connection.connection.driver_connection, shape)

    def unfit(self, shape: Shape) -> Iterator[Unfit]:  # noqa: ARG002 - what PostgreSQL holds, PostgreSQL takes
        return iter(())

    def highest(self, shape: Shape) -> int:
        name = sequence_of(self._connection, shape)
        if name is None:
            return 0
        query = f"select last_value, is_called from {name}"  # noqa: S608 - the name comes from the catalogue
        row = self._connection.execute(text(query)).one()
        return int(row.last_value) if row.is_called else 0


def _key(values: Sequence[Any]) -> str:
    return ", ".join(each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in values)
