"""Programs with tokens, and a desk in which everything that the examples speak of has the id 1."""

from datetime import datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from curator.accounts import api_tokens
from curator.accounts.values import ApiScope, Role
from curator.app import App
from curator.db import Database
from curator.web import create_app
from tests.conftest import FakeClock
from tests.web.conftest import make_app, person

EVERYTHING = tuple(ApiScope)


class Program:
    """A program that speaks JSON, with a token or none."""

    def __init__(self, flask: Flask, token: str | None) -> None:
        self.client = flask.test_client(use_cookies=False)
        self.token = token

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """Sends one request below /api/v1; in a header's name an underscore stands for a hyphen."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        given = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **given)  # type: ignore[arg-type]

    def get(self, path: str, *, status: int = 200) -> dict:
        """Asks for something, and returns it."""
        return told(self.ask("GET", path), status)

    def post(self, path: str, body: object = None, *, status: int = 200, **headers: str) -> dict:
        """Sends something, and returns what it was answered."""
        return told(self.ask("POST", path, body, **headers), status)

    def refused(self, code: str, method: str, path: str, body: object = None, **headers: str) -> dict:
        """Sends what is to be refused, and returns the problem."""
        answer = self.ask(method, path, body, **headers)
        assert answer.mimetype == "application/problem+json", answer.text
        assert answer.json is not None
        assert answer.json["code"] == code, answer.text
        assert answer.json["status"] == answer.status_code
        return dict(answer.json)


def told(answer: TestResponse, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert "Set-Cookie" not in answer.headers
    return dict(answer.json or {})


class Installation:
    """An application on one of the databases, with an owner."""

    def __init__(self, database: Database, clock: FakeClock, tmp_path: object) -> None:
        self.app: App = make_app(database, clock, tmp_path)  # type: ignore[arg-type]
        self.flask = create_app(self.app)
        self.mina = person(self.app, "Mina")

    def program(
        self,
        *scopes: ApiScope,
        user_id: int | None = None,
        newsletter_id: int | None = None,
        expires_at: datetime | None = None,
    ) -> Program:
        """Returns a program with a token of Mina's, or of another's, for these scopes (none named: all)."""
        token = api_tokens.make_token(
            self.app.db,
            user_id or self.mina,
            "Test",
            scopes=scopes or EVERYTHING,
            now=self.app.clock(),
            newsletter_id=newsletter_id,
            expires_at=expires_at,
        )
        return Program(self.flask, token)

    def person(self, name: str, role: Role) -> int:
        return person(self.app, name, role)


@pytest.fixture
def desk(database: Database, clock: FakeClock, tmp_path: object) -> Installation:
    """On both databases."""
    return Installation(database, clock, tmp_path)


@pytest.fixture
def sqlite_desk(sqlite_database: Database, clock: FakeClock, tmp_path: object) -> Installation:
    return Installation(sqlite_database, clock, tmp_path)
