"""What crosses the audience's border: states of a subscription, reasons of suppression, a recipient."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.newsletters.values import NewsletterSpec


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


@dataclass(frozen=True)
class SubscriptionRow:
    """How a subscription stands, since when, and how it came to that."""

    newsletter_id: int
    state: SubscriptionState
    changed_at: datetime
    how: str


@dataclass(frozen=True)
class ConsentRow:
    """One step as it was written down: when, where (a page, a file, the desk) and in which words."""

    newsletter_id: int
    step: ConsentStep
    at: datetime
    place: str
    words: str


class Confirmation(StrEnum):
    """What the link of a confirmation letter leads to. OPEN is for a look: the button is still to be pressed."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    ALREADY = "already"
    EXPIRED = "expired"
    OVER = "over"


class Ticked(StrEnum):
    """What came of a box that a reader ticked: it comes (again), a letter asks first, or no letter could be written."""

    BACK = "back"
    ASKED = "asked"
    UNSENT = "unsent"


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
class Reader:
    """A subscriber whose row is held until the transaction ends."""

    id: int
    address: str
    address_key: str
    name: str


@dataclass(frozen=True)
class Choice:
    """A newsletter on a reader's preferences page; `state` is None where they never asked for it."""

    newsletter: NewsletterSpec
    state: SubscriptionState | None


@dataclass(frozen=True)
class Preferences:
    """What a reader's own page shows. A suppressed reader may leave, but nothing is sent to them."""

    address: str
    name: str
    choices: tuple[Choice, ...]
    suppression: SuppressionReason | None


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
