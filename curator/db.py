"""The database: engine, sessions that begin as they mean to go on, and the types every table shares."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    Integer,
    MetaData,
    any_,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, ExceptionContext, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, sessionmaker
from sqlalchemy.orm import Session as _Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from curator.clock import in_utc
from curator.errors import StorageError, TooSlowError
from curator.tokens import Veil

Session: TypeAlias = _Session
"""One transaction of the database, under the name by which arrows hand it down to stores."""

T = TypeVar("T")
Statement = TypeVar("Statement", bound=Executable)

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key. SQLite numbers rows by itself only for a column declared INTEGER, which is 64-bit there anyway."""


_VEIL = "veil"
_BY_COMMAND = "by command"
_TOLD_BEFORE, _TOLD_AFTER = "told before", "told after"
# Five seconds in all: switching takes milliseconds, on a slow disk tenths of a second.
_WAL_TRIES, _WAL_PAUSE_S = 100, 0.05


class Moment(TypeDecorator[datetime]):
    """A UTC-aware datetime; SQLite forgets zones, so the type gives them back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Returns the moment in UTC; a naive one is refused."""
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Returns the stored moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Constraints have names by rule, so that migrations can speak of them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment()}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Witness(Protocol):
    """Keeps word, outside of the database, of what must be known should the database be lost (curator/leavings)."""

    def keep(self, facts: Sequence[Any], /) -> None:
        """Keeps facts, and returns when they outlast a power cut. It must not raise: the transaction goes on."""


class Database:
    """One database with its two kinds of session; nothing else in Curator opens a connection."""

    def __init__(self, url: str, *, cache_mb: int = 2) -> None:
        """Opens it; `cache_mb` is what each connection to SQLite may hold of the file: more for who writes it whole."""
        self.url = make_url(url)
        self.engine = _engine(self.url.render_as_string(hide_password=False), cache_mb=cache_mb)
        writes = self.engine.execution_options(curator_writes=True)
        durable = self.engine.execution_options(curator_writes=True, curator_synchronous="FULL")
        reads = self.engine.execution_options(curator_writes=False, postgresql_readonly=True)
        self._writing = sessionmaker(writes, expire_on_commit=False)
        self._writing_durably = sessionmaker(durable, expire_on_commit=False)
        self._reading = sessionmaker(reads, expire_on_commit=False)
        self._facts: dict[str, object] = {}
        self.veil: Veil | None = None
        self.witness: Witness | None = None

    def wear(self, veil: Veil) -> None:
        """Lets every session from now on know erased addresses by their marks; see `veil_of`."""
        self.veil = veil
        self._tell_sessions({_VEIL: veil})

    def act_by_command(self) -> None:
        """Lets what is written from now on be known as done by a command of the command line; see `is_by_command`."""
        self._tell_sessions({_BY_COMMAND: True})

    def _tell_sessions(self, facts: dict[str, object]) -> None:
        self._facts |= facts
        for sessions in (self._writing, self._writing_durably, self._reading):
            sessions.configure(info=dict(self._facts))

    @property
    def is_sqlite(self) -> bool:
        """Whether one file holds everything."""
        return self.engine.dialect.name == "sqlite"

    @property
    def shown(self) -> str:
        """The database's URL as a person may see it."""
        return shown(self.url)

    @contextmanager
    def write(self, *, is_durable: bool = False) -> Iterator[Session]:
        """Yields a session in a transaction that may write; commits at the end, rolls back on an error.

        On SQLite it begins IMMEDIATE: a deferred BEGIN loses read-modify-writes of other processes to lock errors.
        `is_durable` is for what must outlast a power cut there: SQLite's usual commit outlasts a kill, but the last
        ones before a power cut may be gone. (PostgreSQL's always stay.) Raises StorageError.
        """
        with _wrapped(), (self._writing_durably if is_durable else self._writing).begin() as session:
            yield session
            if _TOLD_BEFORE in session.info and self.witness is not None:
                session.flush()
                self.witness.keep(session.info[_TOLD_BEFORE])
        if _TOLD_AFTER in session.info and self.witness is not None:
            self.witness.keep(session.info[_TOLD_AFTER])

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yields a session that sees one state of the database; a write through it raises. Raises StorageError."""
        with _wrapped(), self._reading() as session:
            yield session

    def close(self) -> None:
        """Gives every connection back to the system."""
        self.engine.dispose()


def is_by_command(session: Session) -> bool:
    """Tells whether somebody at the command line does this, and no page, program or worker."""
    return _BY_COMMAND in session.info


def veil_of(session: Session) -> Veil | None:
    """Returns what knows erased addresses; None in a database that was opened without the installation's keys."""
    return cast("Veil | None", session.info.get(_VEIL))


def tell_witness(session: Session, fact: Any, *, is_after: bool) -> None:
    """Has the database's witness keep a fact: right before the commit, or once the transaction stands."""
    session.info.setdefault(_TOLD_AFTER if is_after else _TOLD_BEFORE, []).append(fact)


def shown(url: URL) -> str:
    """Returns a database's URL without its passwords: one may stand behind the ? as well."""
    secrets = {name: "***" for name in url.query if "password" in name.lower()}
    return url.update_query_dict(secrets).render_as_string()


def insertion(session: Session, table: Any) -> "postgresql.Insert | sqlite.Insert":
    """Returns an INSERT that can say what a conflict comes to, as the session's database writes it."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: Any) -> "postgresql.Insert | sqlite.Insert":
    """Returns an INSERT that can say what a conflict comes to, as a kind of database writes it."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def upsert(
    session: Session,
    table: Any,
    rows: Sequence[dict[str, Any]],
    *,
    keys: Sequence[str],
    update: Sequence[str] = (),
) -> int:
    """Inserts rows in one statement, updating the columns in `update` where `keys` are already there.

    Without `update` a row that is there stays as it is. Returns how many rows were inserted or changed.
    """
    return len(upserted(session, table, rows, keys=keys, update=update))


def upserted(
    session: Session,
    table: Any,
    rows: Sequence[dict[str, Any]],
    *,
    keys: Sequence[str],
    update: Sequence[str] = (),
) -> list[Any]:
    """Does what `upsert` does and returns the first key of every row that was inserted or changed."""
    if not rows:
        return []
    insert = insertion(session, table)
    if update:
        statement = insert.on_conflict_do_update(
            index_elements=keys, set_={name: insert.excluded[name] for name in update}
        )
    else:
        statement = insert.on_conflict_do_nothing(index_elements=keys)
    # The rows go as parameters, not into the statement: it is compiled once however many rows there are.
    touched = statement.returning(getattr(table, keys[0]))
    return list(session.connection().execute(touched, list(rows)).scalars())


def insert_once(session: Session, table: Any, row: dict[str, Any]) -> bool:
    """Inserts a row unless a unique index (a partial one too, which `upsert` cannot name) has it; tells whether."""
    first_key = next(iter(table.__table__.primary_key))
    statement = insertion(session, table).values(row).on_conflict_do_nothing().returning(first_key)
    return session.execute(statement).first() is not None


def facts_of(row: Base) -> dict[str, Any]:
    """Returns a row's columns fit for JSON, from which `put_back` makes the row again."""
    return {name: _as_json(getattr(row, name)) for name in row.__mapper__.column_attrs.keys()}  # noqa: SIM118 - it is no dict


def put_back(session: Session, table: type[Base], facts: Mapping[str, Any]) -> Any:
    """Inserts a row as `facts_of` told of it and returns its key, which is its old one where that is free.

    None, and nothing happens, where another row stands in its place. A column that was not noted gets its default.
    """
    known = table.__mapper__.columns
    columns = {name: _from_json(table, name, value) for name, value in facts.items() if name in known}
    key = next(iter(table.__mapper__.primary_key))
    for given in (columns, {name: value for name, value in columns.items() if name != key.name}):
        statement = insertion(session, table).values(given).on_conflict_do_nothing().returning(key)
        made = session.execute(statement).scalar_one_or_none()
        if made is not None:
            return made
    return None


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(table: type[Base], name: str, value: Any) -> Any:
    is_moment = isinstance(table.__mapper__.columns[name].type, Moment)
    return datetime.fromisoformat(value) if is_moment and value is not None else value


def in_parts(values: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Yields a list part by part: a statement takes only so many parameters, and is made anew for each number."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def changed(session: Session, statement: Executable) -> int:
    """Runs an UPDATE, a DELETE or an INSERT ... SELECT and returns how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


@contextmanager
def at_most(session: Session, limit: timedelta) -> Iterator[None]:
    """Ends a query within that takes longer than `limit`; for reading sessions, whose view of the database it renews.

    Raises TooSlowError. PostgreSQL measures each statement, SQLite all that is within.
    """
    end = _stops_postgresql if session.get_bind().dialect.name == "postgresql" else _stops_sqlite
    try:
        with end(session, limit):
            yield
    except OperationalError as error:
        # Both say it of themselves: no other trouble is called slowness.
        if not any(word in str(error.orig) for word in ("interrupted", "statement timeout")):
            raise
        session.rollback()
        raise TooSlowError("The question takes too long to answer.") from error


@contextmanager
def _stops_postgresql(session: Session, limit: timedelta) -> Iterator[None]:
    set_to = "select set_config('statement_timeout', :limit, true)"
    session.execute(text(set_to), {"limit": str(round(limit.total_seconds() * 1000))})
    yield
    session.execute(text(set_to), {"limit": "0"})


@contextmanager
def _stops_sqlite(session: Session, limit: timedelta) -> Iterator[None]:
    connection: Any = session.connection().connection.driver_connection
    end = time.monotonic() + limit.total_seconds()
    # Asked every so many steps of SQLite's machine: some milliseconds.
    connection.set_progress_handler(lambda: time.monotonic() > end, 50_000)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def each_dialect(build: Callable[[str], Statement]) -> dict[str, Statement]:
    """Returns a statement as each kind of database is best asked, by the name of its dialect; see `run`."""
    return {name: build(name) for name in ("sqlite", "postgresql")}


def run(session: Session, statements: Mapping[str, Executable], values: Mapping[str, Any]) -> Sequence[Any]:
    """Returns the rows of the one of `each_dialect`'s statements that is meant for the session's database.

    On the connection: the session is not told what changed, which would cost more than the change.
    """
    connection = session.connection()
    return connection.execute(statements[connection.dialect.name], values).all()


def among(column: InstrumentedAttribute[int], name: str, *, dialect: str) -> ColumnElement[bool]:
    """Tells whether a number is in the list that is given as parameter `name`.

    To PostgreSQL it is one array: it plans such a statement once, and a list of parameters for each length anew.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(BigInteger())))
    return column.in_(bindparam(name, expanding=True))


@contextmanager
def _wrapped() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StorageError("The database cannot be used just now: it is locked, full or away. Try again.") from error


def _engine(url: str, *, cache_mb: int) -> Engine:
    # Parameters are hidden, because a logged error would carry addresses.
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "handle_error", _hide_detail)
        return engine
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)

    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        # The driver's own idea of when a transaction begins is switched off; `begin` below says it.
        connection.isolation_level = None
        for pragma in ("busy_timeout=30000", "foreign_keys=ON", f"cache_size=-{cache_mb * 1000}"):
            connection.execute(f"PRAGMA {pragma}")
        _keep_log_ahead(connection)

    event.listen(engine, "connect", prepare)
    turnstile = Path(f"{path}.turn") if path and path != ":memory:" else None
    event.listen(engine, "begin", partial(_begin, turnstile=turnstile))
    return engine


def _keep_log_ahead(connection: Any) -> None:
    """Sets WAL mode. A new file is switched by one connection alone, and SQLite's busy timeout does not cover the wait:
    of several processes that open it at once all but one would fail.
    """
    for tries_left in reversed(range(_WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError:
            if not tries_left:
                raise
            time.sleep(_WAL_PAUSE_S)
        else:
            return


def _hide_detail(context: ExceptionContext) -> None:
    """Takes the rows out of PostgreSQL's errors: DETAIL quotes them, addresses and all."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def _begin(connection: Connection, *, turnstile: Path | None) -> None:
    options = connection.get_execution_options()
    writes = options.get("curator_writes", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql(f"PRAGMA synchronous={options.get('curator_synchronous', 'NORMAL')}")
    if not writes or turnstile is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        return
    # SQLite's waiting writers sleep and look again, so one that writes chunk after chunk (a fan-out, an import) is
    # always first and the desk waited 10 s. A file lock is given in the order of asking: whoever waits is next.
    descriptor = os.open(turnstile, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        os.close(descriptor)


def answers(database: Database) -> bool:
    """Tells whether the database can be reached and read; used by `curator doctor` and health pages."""
    with database.read() as session:
        return session.execute(text("select 1")).scalar() == 1


def accepts_writes(database: Database) -> bool:
    """Tells whether a transaction that writes can begin; nothing is written. Used by `curator doctor`."""
    query = "select 1" if database.is_sqlite else "select case when pg_is_in_recovery() then 0 else 1 end"
    try:
        with database.write() as session:
            return session.execute(text(query)).scalar() == 1
    except (StorageError, OSError):
        return False


def tidy(database: Database) -> None:
    """Renews SQLite's statistics and folds its write-ahead log back; PostgreSQL does both by itself.

    PASSIVE waits for nobody: what a reader still needs is folded back the next time.
    """
    if not database.is_sqlite:
        return
    # `optimize` reads before it writes; without the lock taken first, another writer in between would break it.
    steps = ("PRAGMA query_only=OFF", "PRAGMA analysis_limit=400", "BEGIN IMMEDIATE", "PRAGMA optimize", "COMMIT")
    connection = database.engine.raw_connection()
    try:
        for step in (*steps, "PRAGMA wal_checkpoint(PASSIVE)"):
            connection.cursor().execute(step)
    finally:
        connection.close()
