"""A newsletter with an outbox of letters, and a relay in memory to post them to."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, cast

from sqlalchemy import update

from curator.app import TEMPLATES
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.issues.render import Renderer
from curator.letters import store
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState, NewLetter
from curator.mailings import post as posting
from curator.mailings.return_path import ReturnPath
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Outgoing, PostReport
from curator.newsletters.tables import Newsletter
from curator.tokens import Keys
from tests.builders import newsletter_row, subscriber_rows
from tests.conftest import FakeClock

KEYS = Keys.from_secret("k" * 40)
URL = "https://news.example"
READER = "ada@example.org"


class FragileRenderer(Renderer):
    """A renderer that breaks on demand: a bug, not an error that was meant."""

    def __init__(self) -> None:
        super().__init__(TEMPLATES)
        self.is_broken = False

    def letter(self, letter: Any) -> Any:
        if self.is_broken:
            raise ValueError("a bug")
        return super().letter(letter)


@dataclass
class Desk:
    """A newsletter with one reader, an outbox, a relay in memory and a clock."""

    db: Database
    clock: FakeClock
    newsletter: int
    reader: int
    relay: MemoryTransport = field(default_factory=MemoryTransport)
    renderer: FragileRenderer = field(default_factory=FragileRenderer)
    return_path: ReturnPath | None = None

    def write(self, kind: LetterKind, *, address: str = READER, name: str = "Ada", **payload: object) -> None:
        given = payload or {"subscriber_id": self.reader, "newsletter_id": self.newsletter}
        with self.db.write() as session:
            store.write(session, NewLetter(kind, address, address, name=name, payload=given), now=self.clock())

    def confirm(self, *, asked_at: datetime | None = None, **given: Any) -> None:
        asked_at = asked_at or self.asked_at()
        ids = {"subscriber_id": self.reader, "newsletter_id": self.newsletter}
        self.write(LetterKind.CONFIRM, asked_at=asked_at.isoformat(), **ids, **given)

    def asked_at(self) -> datetime:
        """Makes the reader's sign-up one that waits for its confirmation, and returns its moment."""
        self.set_state(SubscriptionState.PENDING)
        return self.clock()

    def set_state(self, state: SubscriptionState) -> None:
        with self.db.write() as session:
            session.execute(update(Subscription).values(state=state, changed_at=self.clock()))

    def set_newsletter(self, **columns: object) -> None:
        with self.db.write() as session:
            session.execute(update(Newsletter).values(**columns))

    def post(self, *, until: Callable[[], bool] = lambda: False) -> PostReport:
        return posting.post(
            self.db,
            self.relay,
            keys=KEYS,
            public_url=URL,
            renderer=self.renderer,
            clock=self.clock,
            until=until,
            return_path=self.return_path,
        )

    def letters(self) -> list[tuple[LetterState, str]]:
        with self.db.read() as session:
            return [(LetterState(row.state), row.reason) for row in session.query(Letter).order_by(Letter.id)]

    def only(self) -> EmailMessage:
        (message,) = self.relay.sent
        return parsed(message)


def letter_desk(db: Database, clock: FakeClock) -> Desk:
    newsletter = newsletter_row(db, zone="Europe/London", postal_address="1 Quay Road")
    (reader,) = subscriber_rows(db, newsletter, [READER])
    return Desk(db, clock, newsletter, reader)


def parsed(message: Outgoing) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(message.content, policy=email.policy.default))


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = [part.get_content() for part in message.iter_parts()]
    return text, html
