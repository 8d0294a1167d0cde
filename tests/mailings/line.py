"""A newsletter with an approved issue, and a relay in memory to send it to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from curator.audience.tables import Suppression
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.issues import store as issues
from curator.issues.values import IssueState
from curator.mailings import send, store
from curator.mailings.pacer import FREE, Pacer
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.transports.port import Transport
from curator.mailings.values import DeliveryState, MailingView, Outgoing, PumpReport
from curator.tokens import Keys
from tests.builders import subscriber_rows
from tests.conftest import FakeClock


@dataclass
class Line:
    """One newsletter with an approved issue, its readers, a relay in memory and a clock."""

    db: Database
    clock: FakeClock
    journal_dir: Path
    newsletter_id: int
    issue_id: int
    relay: MemoryTransport = field(default_factory=MemoryTransport)

    def readers(self, count: int) -> list[int]:
        return subscriber_rows(self.db, self.newsletter_id, [f"r{n}@example.org" for n in range(count)])

    def start(self, *, chunk: int = 5000, batch: int = 500) -> int:
        return send.start(self.db, self.issue_id, now=self.clock(), chunk=chunk, batch=batch)

    def pump(
        self,
        mailing_id: int,
        *,
        until: Callable[[], bool] = lambda: False,
        window: int = 20,
        connections: int = 1,
        transport: Transport | None = None,
        pacer: Pacer = FREE,
    ) -> PumpReport:
        return send.pump(
            self.db,
            transport or self.relay,
            mailing_id,
            owner="test:1",
            journal_dir=self.journal_dir,
            clock=self.clock,
            keys=Keys.from_secret("k" * 40),
            public_url="https://news.example",
            until=until,
            window=window,
            connections=connections,
            pacer=pacer,
        )

    def view(self, mailing_id: int) -> MailingView:
        with self.db.read() as session:
            return store.mailing(session, mailing_id)

    def states(self, mailing_id: int) -> dict[DeliveryState, int]:
        view = self.view(mailing_id)
        assert view.balance.is_even
        return view.balance.by_state

    def issue_state(self) -> IssueState:
        with self.db.read() as session:
            return issues.issue_row(session, self.issue_id).state

    def pumpable(self) -> list[int]:
        with self.db.read() as session:
            return store.pumpable_ids(session, now=self.clock())

    def sent_to(self) -> list[str]:
        return [message.recipient for message in self.relay.sent]

    def suppress(self, address: str) -> None:
        with self.db.write() as session:
            session.add(Suppression(address_key=address, reason=SuppressionReason.COMPLAINED, at=self.clock()))

    def on_message(self, wanted: str, act: Callable[[], None]) -> None:
        """Does something while the message to `wanted` is under way."""

        def hook(message: Outgoing) -> None:
            if message.recipient == wanted:
                act()

        self.relay.on_message = hook
