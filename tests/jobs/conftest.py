"""An application whose every port obeys the test."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from curator.app import TEMPLATES, App
from curator.clock import Clock
from curator.db import Database
from curator.http.memory import MemoryFetcher
from curator.issues.render import Renderer
from curator.mailings.transports.memory import MemoryTransport
from curator.settings import Settings
from curator.tokens import Keys

MakeApp = Callable[[Database], App]


@pytest.fixture
def make_app(clock: Clock, tmp_path: Path) -> MakeApp:
    """Makes an application on a database, with a fetcher and a relay in memory and the clock that stands still."""

    def make(database: Database) -> App:
        settings = Settings(
            data_dir=tmp_path, database_url=database.url.render_as_string(hide_password=False), secret_key="x" * 40
        )
        return App(
            settings=settings,
            db=database,
            clock=clock,
            keys=Keys.from_secret(settings.secret_key),
            fetcher=MemoryFetcher(),
            transport=MemoryTransport(),
            renderer=Renderer(TEMPLATES),
            random=Random(1),
        )

    return make


@pytest.fixture
def app(make_app: MakeApp, database: Database) -> App:
    """The application on both kinds of database."""
    return make_app(database)


@pytest.fixture
def sqlite_app(make_app: MakeApp, sqlite_database: Database) -> App:
    """The application on SQLite, for tests whose subject is not the database."""
    return make_app(sqlite_database)
