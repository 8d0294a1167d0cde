"""A desk with its people: an application whose ports obey, and browsers that are signed in or not."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import TEMPLATES, App
from curator.clock import Clock
from curator.db import Database
from curator.feeds.values import ItemKind
from curator.http.memory import MemoryFetcher
from curator.issues import publish
from curator.issues.render import Renderer
from curator.mailings.transports.memory import MemoryTransport
from curator.settings import Settings
from curator.tokens import Keys
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A browser without JavaScript: it sends the CSRF token of a page that it saw in this session."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._tokens: dict[str, str] = {}

    def see(self, url: str, *, status: int = 200) -> str:
        """Opens a page and returns its text."""
        answer = self.client.get(url)
        assert answer.status_code == status, f"{url} gives {answer.status_code}"
        return answer.text

    def token(self) -> str:
        """Returns this session's token, read off a page once: it holds for as long as the session does."""
        kept = self._tokens.get(self._session())
        return kept if kept is not None else self._read_token()

    def _read_token(self) -> str:
        pages = (self.client.get(url) for url in ("/desk/account", "/desk/sign-in"))
        found = next((found for page in pages if (found := _TOKEN.search(page.text))), None)
        assert found is not None
        return self._tokens.setdefault(self._session(), found.group(1))

    def _session(self) -> str:
        """Returns what tells this session from another; whoever has seen no form yet has none."""
        with self.client.session_transaction() as session:
            return str(session.get("csrf_token", ""))

    def post(self, url: str, fields: dict[str, object] | None = None) -> TestResponse:
        """Sends a form with its token."""
        return self.client.post(url, data={"csrf_token": self.token(), **(fields or {})})

    def follow(self, answer: TestResponse) -> str:
        """Goes where an answered form leads, and returns that page's text."""
        assert answer.status_code == 303, answer.text
        return self.see(answer.headers["Location"])


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path) -> App:
    return make_app(database, clock, tmp_path)


@pytest.fixture
def sqlite_app(sqlite_database: Database, clock: Clock, tmp_path: Path) -> App:
    return make_app(sqlite_database, clock, tmp_path)


_RENDERER = Renderer(TEMPLATES)


@pytest.fixture
def flask(sqlite_app: App) -> Flask:
    return create_app(sqlite_app)


@pytest.fixture
def visitor(flask: Flask, sqlite_app: App) -> Browser:
    """Somebody who is not signed in, at a desk that has people."""
    person(sqlite_app, "Somebody")
    return Browser(flask.test_client())


@pytest.fixture
def mina(flask: Flask, sqlite_app: App) -> Browser:
    """An owner, signed in."""
    return signed_in(flask, sqlite_app, "Mina", Role.OWNER)


@pytest.fixture
def theo(flask: Flask, sqlite_app: App) -> Browser:
    """An editor, signed in."""
    return signed_in(flask, sqlite_app, "Theo", Role.EDITOR)


def make_app(database: Database, clock: Clock, tmp_path: Path, **settings: object) -> App:
    base = Settings(
        data_dir=tmp_path, database_url=database.url.render_as_string(hide_password=False), secret_key="x" * 40
    )
    return App(
        settings=replace(base, **settings),  # type: ignore[arg-type]
        db=database,
        clock=clock,
        keys=Keys.from_secret(base.secret_key),
        fetcher=MemoryFetcher(),
        transport=MemoryTransport(),
        renderer=_RENDERER,
        random=Random(1),
    )


def person(app: App, name: str, role: Role = Role.OWNER) -> int:
    return admit.create_user(app.db, f"{name.lower()}@podcast.example", name=name, role=role, now=app.clock())


def signed_in(flask: Flask, app: App, name: str, role: Role = Role.OWNER) -> Browser:
    link = admit.make_link(app.db, person(app, name, role), now=app.clock())
    browser = Browser(flask.test_client())
    assert browser.post("/desk/enter", {"t": link}).status_code == 303
    return browser


class Newsroom:
    """A newsletter with three sections, two feeds and six fresh items; its first issue on demand."""

    def __init__(self, app: App) -> None:
        now, db = app.clock(), app.db
        self.app = app
        self.newsletter = builders.newsletter_row(db, zone="Europe/London")
        self.sections = builders.section_rows(db, self.newsletter)
        self.show = builders.feed_row(db, "The AI Podcast", is_own_show=True, kind="podcast")
        self.blog = builders.feed_row(db, "Gradient Notes")
        self.episodes = [
            builders.item_row(db, self.show, title, at=now - timedelta(hours=age), kind=ItemKind.EPISODE)
            for age, title in ((1, "Tide pools"), (30, "City trees"), (60, "Loud rivers"))
        ]
        self.articles = [
            builders.item_row(db, self.blog, title, at=now - timedelta(hours=age))
            for age, title in ((2, "Small models"), (3, "Held-out sets"), (4, "Old tokenizers"))
        ]

    def issue(self) -> int:
        now = self.app.clock()
        return publish.draft(self.app.db, self.newsletter, now=now, due_at=now + timedelta(days=3))


@pytest.fixture
def newsroom(sqlite_app: App) -> Newsroom:
    return Newsroom(sqlite_app)


__all__ = ["Browser", "FakeClock", "Newsroom"]
