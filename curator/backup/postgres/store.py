"""A PostgreSQL database: its rows in one snapshot, and rows into tables that lie aside until all of them are there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from curator import schema
from curator.backup.archive import Content
from curator.backup.values import DamagedError
from curator.db import Database
from curator.errors import StateError, StorageError
from curator.move.postgres import copied_out, copy_in, driver_of, sequence_of, shapes
from curator.move.values import Column, Kind, Shape

ASIDE, TRIAL, REPLACED = "curator_restoring", "curator_trial", "curator_replaced"
"""Where a restore lies until it is whole, where a backup is tried out, and where the tables go that were replaced."""

# Rows that are handed on at once: the largest piece that is held of a table.
_PIECE = 8 << 20


class Snapshot:
    """One state of the database, whatever is written to it meanwhile."""

    def __init__(self, connection: Connection, found: Sequence[Shape]) -> None:
        self._connection = connection
        self.shapes = found

    def revision(self) -> str:
        """Returns the revision that it stands at."""
        return str(self._connection.scalar(text("select version_num from alembic_version")))

    def installation(self) -> str:
        """Returns the name by chance that the database bears, "" before its first beat."""
        return str(self._connection.scalar(text("select installation from pulse")) or "")

    def numbers(self) -> dict[str, int]:
        """Returns the highest number that was ever given, for each table that counts its rows."""
        found = {}
        for shape in self.shapes:
            name = sequence_of(self._connection, shape)
            if name is not None:
                query = text(f"select last_value, is_called from {name}")  # noqa: S608 - the name comes from the catalogue
                row = self._connection.execute(query).one()
                found[shape.table] = int(row.last_value) if row.is_called else 0
        return found

    def pieces(self, shape: Shape) -> Iterator[bytes]:
        """Yields a table's rows as COPY's lines, some megabytes of whole lines at a time."""
        held: list[bytes] = []
        size = 0
        for block in copied_out(self._connection.connection.driver_connection, shape):
            held.append(block)
            size += len(block)
            if size >= _PIECE and block.endswith(b"\n"):
                yield b"".join(held)
                held, size = [], 0
        if held:
            yield b"".join(held)


@contextmanager
def snapshot(db: Database) -> Iterator[Snapshot]:
    """Yields the database as it stands; nobody waits for it, and it waits for nobody."""
    found = shapes(db)
    with db.engine.connect() as connection:
        connection.execute(text("set transaction isolation level repeatable read, read only"))
        yield Snapshot(connection, found)
        connection.rollback()


def database_bytes(db: Database) -> int:
    """Returns how large the database is on its disk, indexes among it."""
    with db.engine.connect() as connection:
        return int(connection.scalar(text("select pg_database_size(current_database())")) or 0)


class Aside:
    """Tables in a schema of their own, beside those that the installation works on."""

    def __init__(self, db: Database, name: str) -> None:
        self._db, self._name = db, name
        options = f"{db.url.query.get('options', '')} -csearch_path={name}".strip()
        url = db.url.update_query_dict({"options": options})
        self.database = Database(url.render_as_string(hide_password=False))
        self._filling: _Filling | None = None
        self._columns: Mapping[str, Sequence[str]] = {}

    def prepare(self, revision: str, columns: Mapping[str, Sequence[str]]) -> None:
        """Makes the tables as they were at a revision, empty; removes what an earlier try left. Raises DamagedError."""
        self.remove()
        with self._db.engine.begin() as connection:
            connection.execute(text(f"create schema {self._name}"))
        schema.upgrade(self.database, revision)
        known = {shape.table: {column.name for column in shape.columns} for shape in shapes(self.database)}
        if any(table not in known or set(names) != known[table] for table, names in columns.items()):
            raise DamagedError("This backup is damaged: its tables are not those of its version.")
        self._columns = columns

    def fill(self, table: str, piece: Content) -> None:
        """Takes the next piece of a table's rows in; a table's pieces follow each other."""
        if self._filling is None or self._filling.table != table:
            self.filled()
            if table not in self._columns:
                raise DamagedError("This backup is damaged: it has rows of a table that it does not name.")
            columns = tuple(Column(name, Kind.TEXT) for name in self._columns[table])
            self._filling = _Filling(self.database, Shape(table, columns, ()))
        self._filling.take(piece)

    def filled(self) -> None:
        """Ends the table that is being filled."""
        if self._filling is not None:
            filling, self._filling = self._filling, None
            filling.end()

    def rows(self) -> dict[str, int]:
        """Returns how many rows each table has."""
        with self.database.engine.connect() as connection:
            return {
                table: int(connection.scalar(text(f'select count(*) from "{table}"')) or 0)  # noqa: S608 - names come from the catalogue
                for table in self._columns
            }

    def put(self, *, is_replacing: bool) -> None:
        """Makes these tables the installation's, at once and whole; those before are put aside, or there are none.

        Raises StateError when somebody is at work on them.
        """
        with _worded(), self._db.engine.begin() as connection:
            connection.execute(text("set local lock_timeout = '10s'"))
            home = str(connection.scalar(text("select current_schema()")))
            if is_replacing:
                connection.execute(text(f"drop schema if exists {REPLACED} cascade"))
                connection.execute(text(f"create schema {REPLACED}"))
                _move(connection, home, REPLACED)
            _move(connection, self._name, home)
            connection.execute(text(f"drop schema {self._name}"))
        with self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))

    def remove(self) -> None:
        """Removes the tables."""
        if self._filling is not None:
            self._filling.give_up()
            self._filling = None
        with self._db.engine.begin() as connection:
            connection.execute(text(f"drop schema if exists {self._name} cascade"))

    def close(self) -> None:
        """Gives its connections back."""
        if self._filling is not None:
            self._filling.give_up()
            self._filling = None
        self.database.close()


class _Filling:
    """One COPY into one table: a table that refers to itself is whole before that is looked at."""

    def __init__(self, database: Database, shape: Shape) -> None:
        self.table = shape.table
        self._held = driver_of(database)
        self._driver: Any = self._held.__enter__()
        self._cursor = self._driver.cursor()
        self._copy = self._cursor.copy(copy_in(shape))
        self._into = self._copy.__enter__()

    def take(self, piece: Content) -> None:
        with _worded():
            while block := piece.read(1 << 20):
                self._into.write(block)

    def end(self) -> None:
        try:
            with _worded():
                self._copy.__exit__(None, None, None)
                self._driver.commit()
        finally:
            self._held.__exit__(None, None, None)

    def give_up(self) -> None:
        # The server is told that no more comes; a rollback would wait for it for ever.
        why = StorageError("the restore was given up")
        try:
            self._copy.__exit__(StorageError, why, None)
        except psycopg.Error:
            self._driver.close()
        finally:
            self._held.__exit__(None, None, None)


def has_tables(db: Database) -> bool:
    """Tells whether the database holds anything."""
    with db.engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


def _move(connection: Connection, one: str, other: str) -> None:
    for name in inspect(connection).get_table_names(schema=one):
        connection.execute(text(f'alter table "{one}"."{name}" set schema "{other}"'))


@contextmanager
def _worded() -> Iterator[None]:
    """Says in a line what the server refuses; its further lines quote rows."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        words = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        first = words.splitlines()[0].rstrip(".") if words else type(error).__name__
        if "lock timeout" in first:
            raise StateError("Somebody is at work on the database: stop every process of Curator first.") from error
        if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
            raise DamagedError(f"Its rows do not fit its tables: {first}.") from error
        raise StorageError(f"The database does not take it: {first}.") from error
