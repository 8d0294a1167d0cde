"""`curator mailings rehearse`: starts senders, kills them by a seed, and holds the ledger against the relay."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from curator import schema
from curator.app import TEMPLATES, utc_now
from curator.db import Database
from curator.demo.rehearsal import scene
from curator.demo.rehearsal.clock import SharedClock
from curator.demo.rehearsal.relay import Relay
from curator.demo.rehearsal.sender import Order
from curator.errors import InvalidError, StateError
from curator.issues.render import Renderer
from curator.mailings import mime, store
from curator.mailings.ledger import store as ledger
from curator.mailings.values import DeliveryState, MailingState
from curator.tokens import Keys

# No real installation's key: the drill's links lead nowhere.
_SECRET = "drill" * 8
_LOOK_EVERY_S = 0.01
# Longer than the longest wait of a deferred message, so that one step is enough.
_STEP = timedelta(hours=5)
# How long nothing is accepted before the drill helps on: a step of the clock must not overtake a live sender's lease.
_QUIET_S = 1.0
_STALLED_S = 120.0
_PAGE = 10_000


@dataclass(frozen=True)
class Report:
    """What a drill came to. `unanswered` messages were accepted without an answer: each must be in doubt, no more."""

    recipients: int
    kills: int
    twice: int
    lost: int
    in_doubt: int
    balance: bool
    senders: int
    connections: int
    accepted: int
    refused: int
    unanswered: int
    seconds: float

    @property
    def held(self) -> bool:
        """Whether nobody got it twice, nobody was lost, and the accounts balance."""
        return self.balance and self.twice == 0 and self.lost == 0


def rehearse(
    *, recipients: int, kills: int, senders: int, seed: int, database_url: str | None = None, connections: int = 1
) -> Report:
    """Runs one drill and returns its report; each sender has so many `connections`.

    Without a database it uses a SQLite file of its own. One that is named must be empty (InvalidError) and is empty
    again afterwards.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="curator-drill-") as name:
        folder = Path(name)
        url = database_url or f"sqlite:///{folder / 'drill.sqlite3'}"
        with _empty_database(url) as db, Relay(seed) as relay:
            clock = SharedClock(folder / "clock", utc_now)
            issue_id = scene.set_up(db, Renderer(TEMPLATES), recipients=recipients, now=clock())
            order = Order("", url, relay.port, issue_id, _SECRET, f"https://{scene.SENDER_DOMAIN}", name, connections)
            drill = _Drill(db, relay, clock, order, Random(seed), senders, kills, recipients)  # noqa: S311 - a drill is to be repeatable
            with drill.running():
                drill.watch()
            clock.close()
            return _report(drill, time.monotonic() - began)


@contextmanager
def _empty_database(url: str) -> Iterator[Database]:
    db = Database(url)
    try:
        if schema.current(db) is not None:
            raise InvalidError(
                "database", "This database holds an installation of Curator. Name an empty one: the drill fills it."
            )
        schema.upgrade(db)
        try:
            yield db
        finally:
            schema.downgrade(db, "base")
    finally:
        db.close()


@dataclass
class _Drill:
    """Senders in processes of their own, the moments at which one is killed, and the watch over them."""

    db: Database
    relay: Relay
    clock: SharedClock
    order: Order
    random: Random
    senders: int
    kills: int
    recipients: int
    killed: int = 0
    _born: int = 0
    _children: list[subprocess.Popen[str]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Runs the senders for the block and ends those that are left."""
        try:
            self._children = [self._bear() for _ in range(self.senders)]
            yield
        finally:
            for child in self._children:
                child.kill()
                child.wait()

    def watch(self) -> None:
        """Kills at its moments until the mailing is over; raises StateError when nothing moves any more."""
        moments = sorted(self.random.randrange(max(1, self.recipients)) for _ in range(self.kills))
        seen, moved_at, acted_at = -1, time.monotonic(), time.monotonic()
        while not self._is_over():
            if moments and self.relay.accepted >= moments[0]:
                moments.pop(0)
                self._kill_one()
            self._replace_dead()
            if self.relay.accepted != seen:
                seen, moved_at, acted_at = self.relay.accepted, time.monotonic(), time.monotonic()
            elif time.monotonic() - acted_at > _QUIET_S:
                acted_at = time.monotonic()
                self._go_on(moments)
            if time.monotonic() - moved_at > _STALLED_S:
                raise StateError(f"The drill stands still at {seen} accepted messages; look at the senders' errors.")
            time.sleep(_LOOK_EVERY_S)

    def _go_on(self, moments: list[int]) -> None:
        """While nothing is due: kills whoever idles, if kills are left over, and sets the clock ahead."""
        if moments:
            moments.pop(0)
            self._kill_one()
            return
        with self.db.read() as session:
            waits = [view.id for view in store.mailings(session, limit=1) if not ledger.claims(session, view.id)]
        if waits:
            self.clock.advance(_STEP)

    def _kill_one(self) -> None:
        child = self.random.choice(self._children)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            self.killed += 1
        self._replace_dead()

    def _replace_dead(self) -> None:
        for place, child in enumerate(self._children):
            if child.poll() is not None and not self._is_over():
                self._children[place] = self._bear()

    def _bear(self) -> subprocess.Popen[str]:
        self._born += 1
        child = subprocess.Popen(
            [sys.executable, "-m", "curator.demo.rehearsal.sender"], stdin=subprocess.PIPE, text=True
        )
        assert child.stdin is not None
        child.stdin.write(Order(**{**vars(self.order), "name": f"drill-{self._born}"}).as_lines())
        child.stdin.close()
        return child

    def _is_over(self) -> bool:
        with self.db.read() as session:
            return any(view.state.is_final for view in store.mailings(session, limit=1))


def _report(drill: _Drill, seconds: float) -> Report:
    keys, accepted = Keys.from_secret(_SECRET), drill.relay.message_ids
    with drill.db.read() as session:
        (view,) = store.mailings(session)
        lost = sum(
            accepted[mime.message_id(keys, mailing_id=view.id, subscriber_id=id_, domain=scene.SENDER_DOMAIN)] == 0
            for id_ in _sent_ids(drill.db, view.id)
        )
    counts = view.balance.by_state
    open_ones = sum(number for state, number in counts.items() if state.is_open)
    missing = drill.recipients - view.balance.candidates
    return Report(
        recipients=drill.recipients,
        kills=drill.killed,
        twice=accepted.total() - len(accepted),
        lost=lost + open_ones + missing,
        in_doubt=counts.get(DeliveryState.IN_DOUBT, 0),
        balance=view.balance.is_even and view.state is MailingState.FINISHED,
        senders=drill.senders,
        connections=drill.order.connections,
        accepted=accepted.total(),
        refused=counts.get(DeliveryState.REFUSED, 0),
        unanswered=sum(number for fate, number in drill.relay.dealt.items() if fate.leaves_doubt),
        seconds=round(seconds, 1),
    )


def _sent_ids(db: Database, mailing_id: int) -> Iterator[int]:
    after = 0
    while True:
        with db.read() as session:
            rows = store.deliveries(session, mailing_id, states=[DeliveryState.SENT], after_id=after, limit=_PAGE)
        if not rows:
            return
        yield from (row.subscriber_id for row in rows)
        after = rows[-1].subscriber_id
