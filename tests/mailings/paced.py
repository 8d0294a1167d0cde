"""A newsletter's readers and the transports that its mail may take, each with its limits and its own memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from curator.mailings.pacing import Limits
from curator.mailings.routes import Route
from curator.mailings.tables import DayCount, Delivery, Mailing, Pace
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Outgoing, PumpReport
from curator.mailings.way import Way, way_of
from tests.builders import subscriber_rows
from tests.mailings.line import Line


@dataclass
class Paced:
    """The line's relay as the usual transport, and others by name. Resting moves the clock."""

    line: Line
    routes: dict[str, Route] = field(default_factory=dict)
    left: list[tuple[datetime, str]] = field(default_factory=list)

    def transport(self, name: str = "", **limits: object) -> MemoryTransport:
        relay = self.line.relay if name == "" else MemoryTransport()
        relay.on_message = self.note
        self.routes[name] = Route(name, relay, Limits(**limits))  # type: ignore[arg-type]  # as its test gives them
        return relay

    def note(self, message: Outgoing) -> None:
        self.left.append((self.line.clock(), message.recipient))

    def readers(self, count: int, *, domain: str) -> list[int]:
        return subscriber_rows(self.line.db, self.line.newsletter_id, [f"r{n}@{domain}" for n in range(count)])

    def way(self, mailing_id: int) -> Way:
        with self.line.db.read() as session:
            return way_of(session, self.routes, mailing_id, now=self.line.clock(), rest=self._rest)

    def pump(
        self, mailing_id: int, *, window: int = 20, until: Callable[[], bool] = lambda: False, way: Way | None = None
    ) -> PumpReport:
        way = way or self.way(mailing_id)
        return self.line.pump(mailing_id, window=window, until=until, transport=way.transport, pacer=way.pacer)

    def _rest(self, seconds: float) -> None:
        # The clock of the test counts microseconds, as the rows do.
        self.line.clock.advance(timedelta(seconds=seconds) + timedelta(microseconds=1))

    def seconds(self, domain: str = "") -> list[float]:
        """When messages (to a domain) left, in seconds from the first one's moment."""
        began = self.left[0][0]
        return [round((at - began).total_seconds(), 2) for at, to in self.left if to.endswith(domain)]

    def mailing(self, mailing_id: int) -> Mailing:
        with self.line.db.read() as session:
            return session.execute(select(Mailing).where(Mailing.id == mailing_id)).scalar_one()

    def buckets(self) -> set[tuple[str, str]]:
        with self.line.db.read() as session:
            return {(row.transport, row.domain) for row in session.scalars(select(Pace))}

    def today(self, name: str = "") -> int:
        with self.line.db.read() as session:
            on = self.line.clock().date()
            query = select(DayCount.count).where(DayCount.transport == name, DayCount.on == on)
            return session.scalar(query) or 0

    def attempts(self, mailing_id: int) -> set[int]:
        with self.line.db.read() as session:
            return set(session.scalars(select(Delivery.attempt).where(Delivery.mailing_id == mailing_id)))
