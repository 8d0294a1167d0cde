"""A whole application with an issue for its readers: what a clock and workers do is done by calling them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event

from curator.app import App
from curator.db import Database
from curator.issues import store as issues
from curator.jobs import clock as ticking
from curator.jobs import worker
from curator.mailings import store as mailings
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import MailingView
from tests.builders import approved_issue_row, newsletter_row
from tests.conftest import FakeClock
from tests.jobs.conftest import app, make_app, sqlite_app
from tests.mailings.line import Line

__all__ = ["app", "make_app", "sqlite_app"]


class Died(BaseException):
    """The process was killed here."""


@contextmanager
def dying_before_commit(db: Database, when: Callable[[], bool]) -> Iterator[None]:
    """Kills whoever is about to commit when it is time: what was to be written is not."""

    def step(_connection: object) -> None:
        if when():
            raise Died

    event.listen(db.engine, "commit", step)
    try:
        with pytest.raises(Died):
            yield
    finally:
        event.remove(db.engine, "commit", step)


@dataclass
class House(Line):
    """The line within an application."""

    app: App | None = None

    def work(self) -> None:
        """What a clock and a worker do until nothing is due."""
        assert self.app is not None
        ticking.tick_all(self.app)
        while worker.run_one(self.app, owner="runner/1", tasks=("start_mailing", "pump_mailing")):
            ticking.ask_mailings(self.app)

    def the_mailing(self) -> MailingView:
        """The only mailing there is."""
        with self.db.read() as session:
            (view,) = mailings.mailings(session)
        return view


MakeHouse = Callable[[App], House]


@pytest.fixture
def make_house(clock: FakeClock) -> MakeHouse:
    def make(of: App) -> House:
        newsletter_id = newsletter_row(of.db)
        issue_id = approved_issue_row(of.db, newsletter_id)
        with of.db.write() as session:
            issues.set_send_at(session, issue_id, clock())
        assert isinstance(of.transport, MemoryTransport)
        return House(of.db, clock, of.journal_dir, newsletter_id, issue_id, relay=of.transport, app=of)

    return make


@pytest.fixture
def house(make_house: MakeHouse, app: App) -> House:
    """On both kinds of database."""
    return make_house(app)


@pytest.fixture
def sqlite_house(make_house: MakeHouse, sqlite_app: App) -> House:
    """Where the database makes no difference, or is the subject."""
    return make_house(sqlite_app)
