"""Readers before the public pages: a newsletter, their links, and the whole database to compare."""

import re
import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from curator import tokens
from curator.app import App
from curator.audience import links, store
from curator.audience.links import ConfirmLink
from curator.audience.record import store as record
from curator.db import Base, Database
from curator.letters.tables import Letter
from curator.web import create_app
from tests import builders

ADA = "ada@readers.example"
HIDDEN = re.compile(r'<input type="hidden" name="words" value="([^"]*)"')


def stamp(app: App, *, ago: timedelta = timedelta(seconds=10)) -> str:
    """The signed time of a form that was shown so long ago."""
    shown_ms = round((app.clock() - ago).timestamp() * 1000)
    return tokens.sign(app.keys, tokens.Purpose.FORM, struct.pack(">Q", shown_ms))


@dataclass
class Readers:
    """A newsletter's public side, asked by programs that keep no cookie."""

    app: App
    flask: Flask
    newsletter: int

    @property
    def client(self) -> FlaskClient:
        return self.flask.test_client(use_cookies=False)

    def sign_up(
        self,
        address: str = ADA,
        *,
        at: str = "203.0.113.7",
        to: str = "/n/ai-weekly/sign-up",
        shown: str = "",
        **fields: object,
    ) -> TestResponse:
        """Fills in the form as a person does, who takes ten seconds for it; `shown` is the form's own stamp."""
        typed = {"address": address, "at": shown or self.stamp(), **fields}
        return self.client.post(to, data=typed, environ_overrides={"REMOTE_ADDR": at})

    def stamp(self, *, ago: timedelta = timedelta(seconds=10)) -> str:
        """The signed time of a form that was shown so long ago."""
        return stamp(self.app, ago=ago)

    def subscriber(self, address: str = ADA) -> int:
        with self.app.db.read() as session:
            id_ = store.subscriber_id(session, address)
        assert id_ is not None
        return id_

    def active(self, address: str = ADA) -> int:
        return builders.subscriber_rows(self.app.db, self.newsletter, [address])[0]

    def state(self, address: str = ADA) -> str | None:
        with self.app.db.read() as session:
            id_ = store.subscriber_id(session, address)
            row = None if id_ is None else record.subscription(session, self.newsletter, id_)
        return None if row is None else str(row.state)

    def steps(self, address: str = ADA) -> list[tuple[str, str, str]]:
        """Step, place and words, oldest first."""
        with self.app.db.read() as session:
            rows = record.steps(session, self.subscriber(address))
        return [(str(row.step), row.place, row.words) for row in reversed(rows)]

    def letters(self) -> list[tuple[str, str]]:
        with self.app.db.read() as session:
            rows = session.execute(select(Letter.kind, Letter.address).order_by(Letter.id))
            return [(str(kind), address) for kind, address in rows]

    def confirm_token(self, address: str = ADA) -> str:
        with self.app.db.read() as session:
            row = record.subscription(session, self.newsletter, self.subscriber(address))
        assert row is not None
        return links.confirm_token(
            self.app.keys, ConfirmLink(self.newsletter, self.subscriber(address), row.changed_at)
        )

    def leave_token(self, address: str = ADA, *, mailing_id: int | None = None) -> str:
        return links.unsubscribe_token(self.app.keys, self.newsletter, self.subscriber(address), mailing_id=mailing_id)

    def own_token(self, address: str = ADA) -> str:
        return links.preferences_token(self.app.keys, self.subscriber(address))


@pytest.fixture
def readers(app: App) -> Readers:
    """On both databases."""
    return _readers(app)


@pytest.fixture
def sqlite_readers(sqlite_app: App) -> Readers:
    return _readers(sqlite_app)


def _readers(app: App) -> Readers:
    return Readers(app, create_app(app), builders.newsletter_row(app.db, tagline="What we heard", zone="Europe/London"))


def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with db.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }
