"""What crosses the events' border: kinds of events, a hit on a link, a refusal, and an issue's results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from curator.events.bounces.values import Reason
from curator.issues.values import Link
from curator.newsletters.values import Tracking


class EventKind(StrEnum):
    """What became known after a message left."""

    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    DELIVERED = "delivered"
    OPENED = "opened"


@dataclass(frozen=True)
class Hit:
    """One request for a tracked link. `agent` is a hash of who asked (program and network), `link` 0 the canary.

    `subscriber_id` is NOBODY where the mail does not say whose it is. `is_open`: no link, the picture that is asked
    for when a mail is opened.
    """

    mailing_id: int
    link: int
    subscriber_id: int
    at: datetime
    agent: int
    is_head: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class StoredHit:
    """A hit that is in the database, and what it was last taken for."""

    id: int
    hit: Hit
    is_robot: bool


@dataclass(frozen=True)
class Refusal:
    """A delivery that the relay refused; `address` is None where the subscriber was erased."""

    subscriber_id: int
    address: str | None
    code: int
    words: str


@dataclass(frozen=True)
class Bounced:
    """A bounce as it is written down; `reason` is empty in those from before they were told apart."""

    at: datetime
    detail: str
    reason: str
    is_hard: bool


@dataclass(frozen=True)
class MailingCounters:
    """A mailing's counters as they stand. `accepted` is counted when it `is_over`: nothing leaves any more.

    `measured` is what its mail notes, clicks and opens: it stays as it was when the mailing began. `delivered` and
    `complained` are what a provider tells.
    """

    mailing_id: int
    issue_id: int
    is_test: bool
    is_over: bool = True
    accepted: int = 0
    clicks: int = 0
    clickers: int = 0
    robot_hits: int = 0
    dropped: int = 0
    bounced: int = 0
    unsubscribed: int = 0
    opens: int = 0
    openers: int = 0
    delivered: int = 0
    complained: int = 0
    measured: tuple[Tracking, Tracking] = (Tracking.INDIVIDUAL, Tracking.OFF)
    revision_id: int = 0


@dataclass(frozen=True)
class Against:
    """How a place in the mail stands: clicks for each accepted message, as `ratio` of their median over `of` issues."""

    ratio: float
    of: int


@dataclass(frozen=True)
class LinkResult:
    """What came of one place in the mail that leads somewhere: people's clicks, how many people, machines' hits."""

    link: Link
    clicks: int
    readers: int
    robot_hits: int


@dataclass(frozen=True)
class ItemResult:
    """What came of one block: all clicks on its links, and each link in the order of the page."""

    title: str
    section: str
    clicks: int
    links: tuple[LinkResult, ...]
    against: Against | None = None


@dataclass(frozen=True)
class IssueItems:
    """What readers clicked in an issue, in the order of the page, and how many messages of it were accepted."""

    issue_id: int
    accepted: int
    items: tuple[ItemResult, ...]


@dataclass(frozen=True)
class SectionResult:
    """What came of one section; `share` is its part of all clicks, None before the first."""

    title: str
    clicks: int
    share: float | None
    against: Against | None = None


@dataclass(frozen=True)
class PlacementResult:
    """What came of all titles, or of all buttons, or of all links in the words."""

    placement: str
    clicks: int
    against: Against | None = None


@dataclass(frozen=True)
class Results:
    """What came of an issue, over all of its mailings; of its newest test where it was never sent in earnest.

    `clicker_share` is of the messages that were accepted, and None without any; `median_share` is that of up to eight
    issues before with clicks (`median_of` says how many). `clicks_by` and `opens_by` say what the mail measures: the
    least that any of its mailings does, so that nothing is told of all that is known of some.
    """

    issue_id: int
    number: int
    is_sent: bool
    is_test: bool
    accepted: int
    bounced: int
    unsubscribed: int
    clicks: int
    clickers: int
    clicker_share: float | None
    robot_hits: int
    dropped: int
    items: tuple[ItemResult, ...]
    sections: tuple[SectionResult, ...]
    median_share: float | None
    median_of: int
    clicks_by: Tracking = Tracking.INDIVIDUAL
    opens_by: Tracking = Tracking.OFF
    opens: int = 0
    openers: int = 0
    complained: int = 0
    bounces: Mapping[Reason, int] = field(default_factory=dict)
    signed_up: int = 0
    placements: tuple[PlacementResult, ...] = ()

    @property
    def has_hits(self) -> bool:
        """Whether any tracked link was followed, by whomever."""
        return bool(self.clicks or self.robot_hits)

    def top(self, count: int) -> tuple[ItemResult, ...]:
        """Returns the most clicked items, those higher on the page first where they are equal."""
        clicked = [item for item in self.items if item.clicks]
        return tuple(sorted(clicked, key=lambda item: -item.clicks)[:count])
