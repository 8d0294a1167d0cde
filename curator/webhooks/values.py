"""What crosses the webhooks' border: kinds of news, an endpoint, a call to it, and what came of each attempt."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a program can be told. TEST is sent by hand and chosen by nobody."""

    SUBSCRIBER_CONFIRMED = "subscriber.confirmed"
    SUBSCRIBER_LEFT = "subscriber.left"
    SUBSCRIBER_SUPPRESSED = "subscriber.suppressed"
    ISSUE_APPROVED = "issue.approved"
    ISSUE_SCHEDULED = "issue.scheduled"
    ISSUE_SENT = "issue.sent"
    MAILING_FINISHED = "mailing.finished"
    MAILING_STOPPED = "mailing.stopped"
    ITEM_PICKED = "item.picked"
    PROMOTION_BOOKED = "promotion.booked"
    TEST = "endpoint.test"

    @property
    def label(self) -> str:
        """What a person chooses."""
        return _LABELS[self]


_LABELS = {
    Kind.SUBSCRIBER_CONFIRMED: "A reader confirmed a subscription",
    Kind.SUBSCRIBER_LEFT: "A reader left a newsletter",
    Kind.SUBSCRIBER_SUPPRESSED: "An address is never mailed again",
    Kind.ISSUE_APPROVED: "An issue was approved",
    Kind.ISSUE_SCHEDULED: "An issue was scheduled",
    Kind.ISSUE_SENT: "An issue was sent to its readers",
    Kind.MAILING_FINISHED: "A mailing is over",
    Kind.MAILING_STOPPED: "A mailing stopped and needs a person",
    Kind.ITEM_PICKED: "An item was picked",
    Kind.PROMOTION_BOOKED: "A promotion was booked",
    Kind.TEST: "A test, sent by hand",
}

CHOICES = tuple(kind for kind in Kind if kind is not Kind.TEST)


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class EndpointForm:
    """What a person says of an endpoint. `newsletter_id` None: of all newsletters."""

    name: str
    url: str
    kinds: tuple[Kind, ...]
    newsletter_id: int | None = None
    gets_personal: bool = False


@dataclass(frozen=True)
class Endpoint:
    """An endpoint. `old_until`: the secret before this one signs too, until then. `failing_since`: its first failure
    that no success followed.
    """

    id: int
    name: str
    url: str
    kinds: tuple[Kind, ...]
    newsletter_id: int | None
    gets_personal: bool
    is_on: bool
    off_reason: str
    old_until: datetime | None
    failing_since: datetime | None
    is_removed: bool
    version: int

    @property
    def form(self) -> EndpointForm:
        """What a person says of it."""
        return EndpointForm(self.name, self.url, self.kinds, self.newsletter_id, self.gets_personal)


@dataclass(frozen=True)
class DueCall:
    """A call to be made: where to, what, and the sealed secrets that sign it, newest first."""

    id: int
    public_id: str
    endpoint_id: int
    url: str
    body: str
    attempts: int
    made_at: datetime
    sealed_secrets: tuple[str, ...]
    failing_since: datetime | None
    is_test: bool


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a status with the beginning of the answer, or the reason why there is none."""

    at: datetime
    took_ms: int
    status: int | None
    words: str

    @property
    def is_good(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class CallRow:
    """A call as pages show it, with its attempts, newest first."""

    id: int
    public_id: str
    kind: Kind
    body: str
    state: CallState
    made_at: datetime
    due_at: datetime
    attempts: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint as the list shows it, with how many calls wait and when the last one was taken."""

    endpoint: Endpoint
    waiting: int
    delivered_at: datetime | None
