"""PostgreSQL's side of a move: the half-made copy, rows in and out by COPY, and the moment when it becomes whole.

Until every table is compared the copy lies in a schema of its own (`schema.UNFINISHED`), so whatever starts on the
database meanwhile finds nothing, and beginning anew removes what a move made and nothing else.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy.types as sqltypes
from psycopg import sql
from sqlalchemy import BigInteger, MetaData, SmallInteger, Table, inspect, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import TypeEngine

from curator import schema
from curator.db import Database, shown
from curator.errors import InvalidError, StateError
from curator.move.values import Column, Kind, Shape, Sum

_VERSION = "alembic_version"
_DROP = f"drop schema if exists {schema.UNFINISHED} cascade"
# Any constant will do; it keeps two moves into one database apart. The server lets it go when the mover dies.
_LOCK = 7_302_118_412
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (sqltypes.Boolean, Kind.BOOLEAN),
    (sqltypes.Integer, Kind.WHOLE),
    (sqltypes.Double, Kind.FRACTION),
    (sqltypes.LargeBinary, Kind.BYTES),
    (sqltypes.DateTime, Kind.MOMENT),
    (sqltypes.Date, Kind.DATE),
    (sqltypes.Time, Kind.TIME),
    (sqltypes.String, Kind.TEXT),
    (sqltypes.JSON, Kind.TEXT),
)
# What is written must come back spelled the same, whatever the server's own settings are.
_SPELLING = (
    "set client_encoding to 'UTF8'; set datestyle to 'ISO'; set timezone to 'UTC'; "
    "set extra_float_digits to 1; set bytea_output to 'hex'"
)


class Target:
    """An empty PostgreSQL database that is being filled."""

    def __init__(self, given: str) -> None:
        self.url = url = _url(given)
        self.shown = shown(url)
        self._plain = Database(_text(url))
        options = f"{url.query.get('options', '')} -csearch_path={schema.UNFINISHED}".strip()
        self._copy = Database(_text(url.update_query_dict({"options": options})))

    def is_at(self, other: URL) -> bool:
        """Tells whether another URL names this database; the host may stand in the query (a socket's folder)."""
        places = [(url.host, url.port, url.database, url.query.get("host")) for url in (self.url, other)]
        return places[0] == places[1]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the database against other moves for the block; raises InvalidError when it cannot be reached."""
        try:
            holder = self._plain.engine.connect()
        except DBAPIError as error:
            raise InvalidError("url", f"{self.shown} cannot be used: {_reason(error)}.") from error
        try:
            if not holder.scalar(text("select pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
                raise StateError(f"Another move into {self.shown} is under way.")
            holder.commit()
            with _worded(self.shown):
                yield
        finally:
            holder.invalidate()
            holder.close()
            self.close()

    def require_empty(self, *, again: bool) -> None:
        """Refuses a database that holds anything. `again` removes what an earlier move left, and only that."""
        with self._plain.engine.begin() as connection:
            encoding = connection.scalar(text("show server_encoding"))
            if encoding != "UTF8":
                raise StateError(f"{self.shown} is written in {encoding}; make it with ENCODING 'UTF8'.")
            if again:
                connection.execute(text(_DROP))
            elif schema.is_unfinished(connection):
                what = f"An earlier move into {self.shown} was not finished."
                raise StateError(f"{what} `--again` removes what it made and begins anew.")
            if tables := inspect(connection).get_table_names():
                one = "1 table" if len(tables) == 1 else f"{len(tables)} tables"
                raise StateError(f"{self.shown} is not empty: it holds {one}. Make a new database for the move.")

    def prepare(self) -> list[Shape]:
        """Makes every table and returns them, each behind those that it refers to."""
        with self._plain.engine.begin() as connection:
            connection.execute(text(f"create schema {schema.UNFINISHED}"))
        schema.upgrade(self._copy)
        return shapes(self._copy)

    def abandon(self) -> None:
        """Removes everything that was made."""
        with self._plain.engine.begin() as connection:
            connection.execute(text(_DROP))

    def fill(self, shape: Shape, blocks: Iterable[bytes]) -> None:
        """Writes rows, given as COPY's lines, into a table; all of them or none."""
        with driver_of(self._copy) as driver, driver.cursor() as cursor:
            with cursor.copy(copy_in(shape)) as into:
                for block in blocks:
                    into.write(block)
            driver.commit()

    def sum(self, shape: Shape) -> Sum:
        """Returns what stands in a table by now."""
        with driver_of(self._copy) as driver:
            passing = Summing(copied_out(driver, shape))
            for _ in passing:
                pass
        return passing.sum

    def count_on(self, shape: Shape, highest: int) -> None:
        """Lets the numbers of new rows begin behind the highest that was ever given."""
        with self._copy.engine.begin() as connection:
            name = sequence_of(connection, shape)
            if name is not None:
                values = {"name": name, "highest": max(highest, 1), "is_used": highest > 0}
                connection.execute(text("select setval(cast(:name as regclass), :highest, :is_used)"), values)

    def finish(self) -> None:
        """Makes the copy what the database holds, at once and whole."""
        with self._copy.engine.begin() as connection:
            names = inspect(connection).get_table_names()
            home = self._home()
            for name in names:
                connection.execute(text(f'alter table "{name}" set schema "{home}"'))
            connection.execute(text(f"drop schema {schema.UNFINISHED}"))
        with self._plain.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))

    def close(self) -> None:
        """Gives every connection back."""
        self._plain.close()
        self._copy.close()

    def _home(self) -> str:
        with self._plain.engine.connect() as connection:
            return str(connection.scalar(text("select current_schema()")))


def shapes(database: Database) -> list[Shape]:
    """Returns the tables of a database as they are, each behind those that it refers to."""
    found = MetaData()
    found.reflect(database.engine)
    return [_shape(table) for table in found.sorted_tables if table.name != _VERSION]


def copied_out(driver: Any, shape: Shape) -> Iterator[bytes]:
    """Yields a table's rows as COPY's lines, in the order of its key."""
    with driver.cursor() as cursor:
        cursor.execute(_SPELLING)
        with cursor.copy(_copy_out(shape)) as out:
            for block in out:
                yield bytes(block)


class Summing:
    """Passes blocks of COPY's lines on, says how many rows have passed, and knows their sum at the end."""

    def __init__(self, blocks: Iterable[bytes], passed: Callable[[int], None] = lambda _rows: None) -> None:
        self._blocks, self._passed = blocks, passed
        self._digest, self._rows = hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._digest.update(block)
            # Ends of lines within a value are escaped.
            self._rows += block.count(b"\n")
            self._passed(self._rows)
            yield block

    @property
    def sum(self) -> Sum:
        """What has passed by now."""
        return Sum(self._rows, self._digest.hexdigest())


def sequence_of(connection: Connection, shape: Shape) -> str | None:
    """Returns what numbers a table's rows, None where nothing does."""
    if len(shape.key) != 1:
        return None
    place = {"table": f'"{shape.table}"', "column": shape.key[0]}
    name: str | None = connection.scalar(text("select pg_get_serial_sequence(:table, :column)"), place)
    return name


@contextmanager
def driver_of(database: Database) -> Iterator[Any]:
    """Yields the driver's own connection, which knows COPY; what was not committed is undone at the end."""
    connection = database.engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()


def copy_in(shape: Shape) -> sql.Composed:
    """Returns the statement that takes rows in."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in shape.columns)
    return sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(shape.table), names)


def _copy_out(shape: Shape) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in shape.columns)
    texts = {column.name for column in shape.columns if column.kind is Kind.TEXT}
    # By bytes, as SQLite sorts: a language's own order of letters is another one on every machine.
    order = sql.SQL(", ").join(
        sql.SQL('{} collate "C"' if name in texts else "{}").format(sql.Identifier(name)) for name in shape.key
    )
    return sql.SQL("copy (select {} from {} order by {}) to stdout").format(names, sql.Identifier(shape.table), order)


def _shape(table: Table) -> Shape:
    columns = tuple(_column(each.name, each.type) for each in table.columns)
    return Shape(table.name, columns, tuple(each.name for each in table.primary_key))


def _column(name: str, kind: TypeEngine[Any]) -> Column:
    known = next((ours for theirs, ours in _KINDS if isinstance(kind, theirs)), None)
    if known is None:
        raise StateError(f"A move does not know how the two databases write a column like {name} ({kind}).")
    limit = kind.length if isinstance(kind, sqltypes.String) else None
    if known is Kind.WHOLE:
        limit = 8 if isinstance(kind, BigInteger) else 2 if isinstance(kind, SmallInteger) else 4
    return Column(name, known, limit)


@contextmanager
def _worded(shown: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise StateError(f"{shown} does not take it: {_reason(error)}. Mend that, then move with --again.") from error


def _reason(error: Exception) -> str:
    """Returns the first line of a database's error: the further ones quote rows."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return words.splitlines()[0].rstrip(".") if words else type(error).__name__


def _url(given: str) -> URL:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise InvalidError("url", "A move goes to PostgreSQL: give a URL like postgresql://USER:PASSWORD@HOST/NAME.")
    return url


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
