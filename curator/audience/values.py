"""What crosses the audience's border: states of a subscription, reasons of suppression, a recipient."""

from dataclasses import dataclass
from enum import StrEnum


class SubscriptionState(StrEnum):
    """Only ACTIVE gets mail."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class SuppressionReason(StrEnum):
    """Why an address must never be mailed."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BY_HAND = "by hand"
    ERASED = "erased"


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
    """What an import did: new subscriptions, ones that were there, suppressed ones, and rows that were refused."""

    added: int
    already_there: int
    suppressed: int
    refused: tuple[RowError, ...]
