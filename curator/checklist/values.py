"""The first-send checklist of one newsletter: five steps, each ticked by what is really there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.newsletters.values import domain_of


class Step(StrEnum):
    """What must hold before a newsletter goes live, in the order in which a newcomer gets there."""

    SENDER = "sender"
    DNS = "DNS records"
    FEEDS = "feeds"
    SUBSCRIBERS = "subscribers"
    TEST_MAIL = "test mail"


@dataclass(frozen=True)
class Checklist:
    """What was found about a newsletter. `dns_seen_at` is the one step that a person ticks; `live_at` ends it all."""

    newsletter_id: int
    name: str
    sender_address: str
    postal_address: str
    dns_seen_at: datetime | None
    live_at: datetime | None
    has_test_mail: bool
    has_readers: bool
    has_feeds: bool

    @property
    def ticked(self) -> dict[Step, bool]:
        """Every step in order, and whether it is done."""
        return {
            Step.SENDER: bool(self.sender_address and self.postal_address.strip()),
            Step.DNS: self.dns_seen_at is not None,
            Step.FEEDS: self.has_feeds,
            Step.SUBSCRIBERS: self.has_readers,
            Step.TEST_MAIL: self.has_test_mail,
        }

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that are still to be done, in order."""
        return tuple(step for step, is_done in self.ticked.items() if not is_done)

    @property
    def domain(self) -> str:
        """The sender's domain, whose records step DNS is about."""
        return domain_of(self.sender_address)
