"""Senders killed with -9 at every kind of moment: nobody gets it twice, nobody is lost, every doubt is named."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.db import Database
from curator.errors import StateError
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import control, mime, store
from curator.mailings.mended.mend import mend
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters import edit
from curator.newsletters.tables import Newsletter
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.mailings.nursery import KEYS, NOW
from tests.mailings.relay import Relay
from tests.published import revision_row

READERS = 70
_ENDS = (DeliveryState.SENT, DeliveryState.IN_DOUBT)
POINTS = ("mail", "data", "content", "dot", "answered")
pytestmark = pytest.mark.slow


class Nursery:
    """A process that forks senders."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mailings.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def bear(self, order: dict[str, object]) -> int:
        """Starts a sender and returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> int:
        """Waits until the sender has ended and returns its wait status."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    running = Nursery()
    yield running
    running.close()


@dataclass
class Killer:
    """Kills a sender when the relay reaches a point with at least so many messages accepted."""

    point: str
    number: int
    pid: int = 0
    is_known: threading.Event = field(default_factory=threading.Event)
    has_struck: bool = False
    turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, point: str, number: int) -> bool:
        with self.turn:
            if self.has_struck:
                return True
            if point != self.point or number < self.number:
                return False
            self.is_known.wait()
            os.kill(self.pid, signal.SIGKILL)
            self.has_struck = True
            return True


@dataclass
class Drill:
    """One issue, its readers, and senders that are killed one after the other."""

    db: Database
    nursery: Nursery
    relay: Relay
    journal_dir: Path
    kills: int = 0
    connections: int = 1

    def __post_init__(self) -> None:
        self.newsletter_id = newsletter_row(self.db)
        self.ids = subscriber_rows(self.db, self.newsletter_id, [f"r{n}@example.org" for n in range(READERS)])
        self.issue_id = approved_issue_row(self.db, self.newsletter_id)

    def seat(self, people: int) -> None:
        """Puts the newsletter into test mode and so many of its readers at the desk."""
        for number in range(people):
            admit.create_user(self.db, f"r{number}@example.org", name="", role=Role.EDITOR, now=NOW)
        with self.db.write() as session:
            session.execute(update(Newsletter).values(live_at=None))

    def run(self, killer: Killer | None = None, *, dies_at: int = -1, is_after: bool = False) -> bool:
        """Lets one sender run; returns whether it was killed."""
        self.relay.strike = killer or (lambda _point, _number: False)
        order = {
            "url": self.db.url.render_as_string(hide_password=False),
            "issue_id": self.issue_id,
            "port": self.relay.port,
            "journal_dir": str(self.journal_dir),
            "dies_at": dies_at,
            "is_after": is_after,
            "connections": self.connections,
        }
        pid = self.nursery.bear(order)
        if killer is not None:
            killer.pid = pid
            killer.is_known.set()
        status = self.nursery.end()
        assert status in (0, signal.SIGKILL), f"the sender ended with {status}"
        self.kills += status != 0
        return status != 0

    def check(self) -> int:
        """Holds the ledger against what the relay accepted; returns how many are in doubt."""
        with self.db.read() as session:
            (view,) = store.mailings(session)
            rows = store.deliveries(session, view.id, states=list(DeliveryState), limit=READERS)
            issue = issues.issue_row(session, self.issue_id)
        assert view.balance.is_even
        assert (view.state, issue.state, view.balance.candidates) == (MailingState.FINISHED, IssueState.SENT, READERS)

        ids = {row.subscriber_id: self.message_id(view.id, row.subscriber_id) for row in rows}
        assert len(ids) == READERS
        assert len(self.relay.accepted) == len(set(self.relay.accepted)), "somebody got it twice"
        assert set(self.relay.accepted) <= set(ids.values())
        sent = {ids[row.subscriber_id] for row in rows if row.state is DeliveryState.SENT}
        doubts = {ids[row.subscriber_id] for row in rows if row.state is DeliveryState.IN_DOUBT}
        assert sent <= set(self.relay.accepted), "somebody is written down as sent who got nothing"
        assert sent | doubts == set(ids.values()), "somebody is lost"
        assert len(doubts) <= self.kills * self.connections
        assert list(self.journal_dir.glob("*.journal")) == []
        return len(doubts)

    def message_id(self, mailing_id: int, subscriber_id: int) -> str:
        """Returns the Message-ID of one reader's message."""
        return mime.message_id(KEYS, mailing_id=mailing_id, subscriber_id=subscriber_id, domain="podcast.example")


@pytest.fixture
def drill(database: Database, nursery: Nursery, tmp_path: Path) -> Iterator[Drill]:
    with Relay() as relay:
        yield Drill(database, nursery, relay, tmp_path / "journals")


@pytest.mark.parametrize("seed", [2])
def test_kills_at_random_moments_send_nothing_twice_and_lose_nothing(drill: Drill, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(18):
        if chance.random() < 0.35:
            was_killed = drill.run(dies_at=chance.randint(1, 7), is_after=chance.random() < 0.5)
        else:
            number = len(drill.relay.accepted) + chance.randint(0, 4)
            was_killed = drill.run(Killer(chance.choice(POINTS), number))
        if not was_killed:
            break
    drill.run()
    assert drill.kills >= 12
    drill.check()


@pytest.mark.parametrize("seed", [3])
def test_kills_of_a_sender_with_three_connections_leave_one_message_of_each_in_doubt(drill: Drill, seed: int) -> None:
    drill.connections = 3
    chance = random.Random(seed)
    for _ in range(12):
        number = len(drill.relay.accepted) + chance.randint(0, 6)
        if not drill.run(Killer(chance.choice(POINTS), number)):
            break
    drill.run()
    assert drill.kills >= 6
    drill.check()


@pytest.mark.parametrize("transaction", [3, 4, 5, 6, 8, 11])
def test_a_kill_around_a_commit_of_three_connections_loses_nothing(drill: Drill, transaction: int) -> None:
    drill.connections = 3
    assert drill.run(dies_at=transaction, is_after=True)
    assert not drill.run()
    drill.check()


@pytest.mark.parametrize(
    ("point", "doubts"),
    [("mail", {0}), ("data", {0}), ("content", {0, 1}), ("dot", {1}), ("answered", {0, 1})],
)
def test_a_kill_leaves_at_most_the_message_under_way_in_doubt(drill: Drill, point: str, doubts: set[int]) -> None:
    assert drill.run(Killer(point, 10))
    assert not drill.run()
    assert drill.check() in doubts


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("transaction", [1, 3, 6, 8, 9, 10])
def test_a_kill_around_a_commit_leaves_nothing_in_doubt(drill: Drill, transaction: int, is_after: bool) -> None:
    assert drill.run(dies_at=transaction, is_after=is_after)
    assert not drill.run()
    assert drill.check() == 0


@pytest.mark.parametrize(("point", "transaction"), [("data", 9), ("content", 10), ("mail", 1)])
def test_a_killed_test_reaches_the_desk_once_and_everybody_else_once_the_newsletter_is_live(
    drill: Drill, point: str, transaction: int
) -> None:
    drill.seat(20)
    assert drill.run(dies_at=transaction, is_after=True)
    assert drill.run(Killer(point, 5))
    assert not drill.run()
    with drill.db.read() as session:
        (test,) = store.mailings(session)
        issue = issues.issue_row(session, drill.issue_id)
    doubts = test.balance.by_state.get(DeliveryState.IN_DOUBT, 0)
    assert (test.state, test.is_test, issue.state) == (MailingState.FINISHED, True, IssueState.APPROVED)
    assert test.balance.is_even
    assert test.balance.excluded_by_reason == {store.TEST_MODE: READERS - 20}
    assert len(drill.relay.accepted) in range(20 - doubts, 21)

    edit.go_live(drill.db, drill.newsletter_id, now=NOW)
    assert not drill.run()
    with drill.db.read() as session:
        real, _ = store.mailings(session)
        rows = store.deliveries(session, real.id, states=[DeliveryState.SENT], limit=READERS)
    assert (real.is_test, real.balance.by_state[DeliveryState.SENT]) == (False, READERS - 20)
    assert {row.subscriber_id for row in rows} == set(drill.ids[20:])
    assert len(drill.relay.accepted) == len(set(drill.relay.accepted))


def test_without_the_dead_senders_journal_its_window_is_in_doubt_and_no_more(drill: Drill) -> None:
    assert drill.run(Killer("mail", 3))
    for path in drill.journal_dir.iterdir():
        path.unlink()
    assert not drill.run()
    with drill.db.read() as session:
        (view,) = store.mailings(session)
        on_their_way = store.deliveries(session, view.id, states=[DeliveryState.INTENDED])
    # The lease is not over, so the batch is left alone; the rest was sent.
    assert view.state is MailingState.RUNNING
    assert len(on_their_way) == 7
    assert len(drill.relay.accepted) == len(set(drill.relay.accepted))


@pytest.mark.parametrize(("point", "transaction"), [("content", 2), ("dot", 3), ("answered", 6)])
def test_kills_before_and_after_a_mailing_was_mended_send_nothing_twice_and_lose_nothing(
    drill: Drill, point: str, transaction: int
) -> None:
    assert drill.run(Killer(point, 20))
    with drill.db.read() as session:
        (first,) = store.mailings(session)
    control.pause(drill.db, first.id, now=NOW)
    with pytest.raises(StateError, match="still on their way"):
        mend(drill.db, first.id, now=NOW)
    assert not drill.run(), "a paused mailing is settled, and nothing of it leaves"
    mend(drill.db, first.id, now=NOW)
    revision_row(drill.db, drill.issue_id)
    with drill.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.SCHEDULED, approved_hash="b" * 64))
    assert drill.run(dies_at=transaction, is_after=True)
    drill.run(Killer(point, len(drill.relay.accepted) + 5))
    assert not drill.run()

    with drill.db.read() as session:
        second, first = store.mailings(session)
        states = {each.id: store.deliveries(session, each.id, states=_ENDS, limit=READERS) for each in (first, second)}
    assert (first.state, second.state) == (MailingState.CANCELLED, MailingState.FINISHED)
    assert first.balance.is_even
    assert second.balance.is_even
    ends = [row.subscriber_id for rows in states.values() for row in rows]
    assert sorted(ends) == sorted(drill.ids), "somebody is lost, or counted twice"
    known = {drill.message_id(id_, row.subscriber_id) for id_, rows in states.items() for row in rows}
    assert set(drill.relay.accepted) <= known
    assert len(drill.relay.accepted) == len(set(drill.relay.accepted)), "somebody got it twice"
