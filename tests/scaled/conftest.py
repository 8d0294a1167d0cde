"""What the tests of many machines need: a broker of their own, and a database that every process can reach."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import curator.jobs.clock  # noqa: F401 - brings every table along
from curator import schema
from curator.db import Database
from tests.conftest import create_postgres
from tests.scaled.broker import Broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    node = Broker(tmp_path_factory.mktemp("rabbit"))
    try:
        node.start()
        yield node
    finally:
        node.close()


@pytest.fixture
def shared_database(postgres_server: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of the test's own."""
    create_postgres(postgres_server, "scaled")
    database = Database(make_url(postgres_server).set(database="scaled").render_as_string(hide_password=False))
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def machines_dir(tmp_path: Path) -> Path:
    path = tmp_path / "machines"
    path.mkdir()
    return path
