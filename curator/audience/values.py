"""What crosses the audience's border: states of a subscription, reasons of suppression, a recipient."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from curator.newsletters.values import NewsletterSpec


class SubscriptionState(StrEnum):
    """Only ACTIVE gets mail."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class ConsentStep(StrEnum):
    """One thing that happened between a reader and a newsletter; the record of consent is made of these.

    The last four change what is sent and how, never whether the reader agreed to it.
    """

    ASKED = "asked"
    CONFIRMED = "confirmed"
    LEFT = "left"
    RETURNED = "returned"
    DENIED = "denied"
    ADDED = "added"
    IMPORTED = "imported"
    PAUSED = "paused"
    RESUMED = "resumed"
    CHOSE = "chose"
    READDRESSED = "readdressed"

    @property
    def is_agreement(self) -> bool:
        """Whether the state machine of consent knows the step."""
        return self not in (self.PAUSED, self.RESUMED, self.CHOSE, self.READDRESSED)


class Welcome(StrEnum):
    """How a newsletter takes addresses of a kind: like any other, asked once by one letter, or not at all."""

    ALLOW = "allow"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True)
class SignUpRules:
    """How a newsletter takes addresses that are hardly one person's, and where its forms may stand in a frame.

    `frame_origins` are origins ("https://show.example"); none means any. `own_page` is the show's own, "" for none.
    """

    role_addresses: Welcome = Welcome.ASK
    disposable_addresses: Welcome = Welcome.ASK
    frame_origins: tuple[str, ...] = ()
    own_page: str = ""


@dataclass(frozen=True)
class InterestRow:
    """A subject that a newsletter's readers may name as theirs."""

    id: int
    newsletter_id: int
    name: str
    position: int


@dataclass(frozen=True)
class InterestForm:
    """An interest as an editor gives it; without an id it is a new one."""

    name: str
    id: int | None = None


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


@dataclass(frozen=True)
class Wanted:
    """A newsletter that somebody signs up for: the words at its box, and the interests that were ticked with it.

    None for the interests leaves what was ticked before.
    """

    newsletter_id: int
    words: str
    interest_ids: frozenset[int] | None = None


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
    """Whoever a message is for; one who wants the text alone gets no HTML."""

    subscriber_id: int
    address: str
    name: str
    is_text_only: bool = False


@dataclass(frozen=True)
class Reader:
    """A subscriber whose row is held until the transaction ends."""

    id: int
    address: str
    address_key: str
    name: str


@dataclass(frozen=True)
class Manner:
    """How a newsletter comes to a reader: until when it is kept back, and whether as text alone."""

    paused_until: datetime | None = None
    is_text_only: bool = False

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing is sent at this moment; a pause ends by itself."""
        return self.paused_until is not None and self.paused_until > now


@dataclass(frozen=True)
class AddressChangeRow:
    """A reader wants their mail at another address: asked, agreed to by its mailbox, taken back by the old one."""

    id: int
    subscriber_id: int
    old_address: str
    new_address: str
    new_key: str
    asked_at: datetime
    moved_at: datetime | None
    taken_back_at: datetime | None


class Moving(StrEnum):
    """What the link of a change of address leads to. OPEN is for a look: the button is still to be pressed."""

    OPEN = "open"
    MOVED = "moved"
    ALREADY = "already"
    EXPIRED = "expired"
    OVER = "over"


@dataclass(frozen=True)
class Choice:
    """A newsletter on a reader's preferences page; `state` is None where they never asked for it."""

    newsletter: NewsletterSpec
    state: SubscriptionState | None
    manner: Manner = field(default_factory=Manner)
    interests: tuple[InterestRow, ...] = ()
    chosen: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Preferences:
    """What a reader's own page shows. A suppressed reader may leave, but nothing is sent to them."""

    address: str
    name: str
    choices: tuple[Choice, ...]
    suppression: SuppressionReason | None


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
