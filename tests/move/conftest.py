"""An empty PostgreSQL database to move to, and a mailing to move."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from curator.db import Database
from tests.conftest import create_postgres
from tests.mailings.conftest import line

__all__ = ["line"]


@pytest.fixture
def target_url(postgres_server: str, worker_name: str) -> str:
    """The URL of an empty PostgreSQL database."""
    name = f"moved_{worker_name}"
    create_postgres(postgres_server, name)
    return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def moved(target_url: str) -> Iterator[Database]:
    """The database that is moved to, opened as an installation opens it."""
    database = Database(target_url)
    yield database
    database.close()
