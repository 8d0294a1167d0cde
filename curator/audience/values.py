"""What crosses the audience's border: states of a subscription, reasons of suppression, a recipient."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionState(StrEnum):
    """Only ACTIVE gets mail."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class ConsentStep(StrEnum):
    """One thing that happened between a reader and a newsletter; the record of consent is made of these."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    LEFT = "left"
    RETURNED = "returned"
    DENIED = "denied"
    ADDED = "added"
    IMPORTED = "imported"


class SuppressionReason(StrEnum):
    """Why an address must never be mailed."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BY_HAND = "by hand"
    ERASED = "erased"

    def outweighs(self, other: "SuppressionReason") -> bool:
        """Whether this reason replaces the other: what a reader asked for is never hidden by what a machine saw."""
        order = (self.BY_HAND, self.BOUNCED, self.COMPLAINED, self.ERASED)
        return order.index(self) > order.index(other)


@dataclass(frozen=True)
class Recipient:
    """Whoever a message is for."""

    subscriber_id: int
    address: str
    name: str


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row of an imported file; `line` counts from 1 and includes the heading."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """What an import did with every row of the file.

    `ended_before` counts people who unsubscribed: an import never brings them back. `refused` lists the first refused
    rows, `refused_beyond` counts those that are not listed.
    """

    added: int
    already_there: int
    suppressed: int
    refused: tuple[RowError, ...]
    ended_before: int = 0
    refused_beyond: int = 0


@dataclass(frozen=True)
class AudienceMember:
    """Somebody with an active subscription; `exclusion` says why they get no mail all the same, None that they do."""

    subscriber_id: int
    address_key: str
    exclusion: str | None


@dataclass(frozen=True)
class SubscriberRow:
    """A subscriber as lists show them; the subscription's facts are None where no newsletter was asked for."""

    id: int
    address: str
    name: str
    source: str
    created_at: datetime
    state: SubscriptionState | None
    how: str | None
    changed_at: datetime | None
    suppression: SuppressionReason | None


@dataclass(frozen=True)
class SubscriberCounts:
    """A newsletter's subscriptions, each counted once: `suppressed` are active ones whose address is never mailed."""

    active: int
    pending: int
    ended: int
    suppressed: int


@dataclass(frozen=True)
class SuppressionRow:
    """An address that is never mailed, with its reason."""

    address_key: str
    reason: SuppressionReason
    note: str
    at: datetime
