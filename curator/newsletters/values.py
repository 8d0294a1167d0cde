"""What crosses the newsletters' border: the cadence and what a section takes."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from curator.addresses import address_key
from curator.errors import InvalidError
from curator.newsletters.theme import HOUSE, Theme

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 80


class Rhythm(StrEnum):
    """How issues repeat."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Takes(StrEnum):
    """Which items a section is filled from."""

    EPISODES = "episodes"
    TRENDS = "trends"
    ARTICLES = "articles"


class WhenShort(StrEnum):
    """What becomes of a slot with fewer picks than the newsletter's minimum."""

    HOLD = "hold"
    SKIP = "skip"


class WhenUnapproved(StrEnum):
    """What becomes of an issue that nobody has approved by its deadline."""

    HOLD = "hold"
    SEND = "send"


class Tracking(StrEnum):
    """What is noted when a reader follows a link or opens a mail: nothing, that somebody did, or who."""

    OFF = "off"
    AGGREGATE = "aggregate"
    INDIVIDUAL = "individual"

    @property
    def is_on(self) -> bool:
        """Whether the mail carries anything that this site is asked by."""
        return self is not Tracking.OFF


@dataclass(frozen=True)
class Cadence:
    """The rhythm of issues on the wall clock of a named zone.

    Weekly: on each of `weekdays` (0 is Monday) of every `every_n_weeks`-th week, counted from the week of `anchor_on`.
    Monthly: on `month_day` (1 to 31; a shorter month takes its last day). `at` is local time.
    """

    rhythm: Rhythm
    zone: str
    at: time
    anchor_on: date
    weekdays: tuple[int, ...] = ()
    every_n_weeks: int = 1
    month_day: int = 1


@dataclass(frozen=True)
class SectionSpec:
    """One titled slot of an issue: what it takes, and how many picks fill it."""

    id: int
    title: str
    takes: Takes
    budget: int
    position: int


def is_slug(text: str) -> bool:
    """Tells whether this can be a newsletter's short name: up to 80 lower-case letters, digits and single hyphens."""
    return len(text) <= _LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def domain_of(sender_address: str) -> str:
    """Returns the domain that a sender's address lies in, in ASCII: whose DNS records say who may send for it."""
    try:
        return address_key(sender_address).rpartition("@")[2]
    except InvalidError:
        return sender_address.rpartition("@")[2].lower()


@dataclass(frozen=True)
class NewsletterSpec:
    """A newsletter as the later stages read it.

    `transport` and `spare_transport` are names in the settings: an empty one is the usual transport, and no spare. Mail
    leaves from `send_from` to `send_until` on the cadence's wall clock, at any time when they are None.
    """

    id: int
    slug: str
    name: str
    tagline: str
    sender_name: str
    sender_address: str
    reply_to: str | None
    postal_address: str
    language: str
    cadence: Cadence
    draft_lead_hours: int
    minimum_picks: int
    when_short: WhenShort
    is_paused: bool
    sections: tuple[SectionSpec, ...]
    live_at: datetime | None = None
    dns_seen_at: datetime | None = None
    clicks: Tracking = Tracking.INDIVIDUAL
    opens: Tracking = Tracking.OFF
    transport: str = ""
    spare_transport: str = ""
    # How long a mailing can be taken back before anything leaves, and how long each wave is watched (0: no waves).
    hold_minutes: int = 5
    wave_minutes: int = 15
    send_from: time | None = None
    send_until: time | None = None
    # By when an issue has to be approved, counted back from its moment, and what happens when it is not.
    approval_lead_minutes: int = 0
    when_unapproved: WhenUnapproved = WhenUnapproved.HOLD
    needs_second_person: bool = False
    # The colour of its mail and pages, "#0b5f5a"; empty: the house's own.
    accent: str = ""
    theme: Theme = HOUSE
    # Whether issues that were sent before Curator stand in the archive for everybody.
    shows_back_issues: bool = True

    @property
    def is_test_mode(self) -> bool:
        """Whether only people at the desk get its mail, because its first-send checklist is not ticked yet."""
        return self.live_at is None


@dataclass(frozen=True)
class NewsletterSchedule:
    """When a newsletter is due next; None until it has a cadence. `note` says what became of a missed slot."""

    next_slot: str | None
    next_issue_at: datetime | None
    next_draft_at: datetime | None
    note: str


@dataclass(frozen=True)
class DueSlot:
    """A slot whose issue is to be drafted now."""

    newsletter_id: int
    slot: str
    issue_at: datetime


@dataclass(frozen=True)
class SectionForm:
    """A section as an editor gives it; without an id it is a new one."""

    title: str
    takes: Takes
    budget: int
    id: int | None = None


DEFAULT_SECTIONS = (
    SectionForm("Highlights from recent episodes", Takes.EPISODES, 3),
    SectionForm("Trends", Takes.TRENDS, 4),
    SectionForm("Recommendations", Takes.ARTICLES, 8),
)


@dataclass(frozen=True, kw_only=True)
class NewsletterForm:
    """A newsletter as an editor gives it; the order of `sections` is their order in an issue."""

    slug: str
    name: str
    sender_name: str
    sender_address: str
    cadence: Cadence
    tagline: str = ""
    reply_to: str | None = None
    postal_address: str = ""
    language: str = "en"
    draft_lead_hours: int = 72
    minimum_picks: int = 3
    when_short: WhenShort = WhenShort.HOLD
    clicks: Tracking = Tracking.INDIVIDUAL
    opens: Tracking = Tracking.OFF
    transport: str = ""
    spare_transport: str = ""
    hold_minutes: int = 5
    wave_minutes: int = 15
    send_from: time | None = None
    send_until: time | None = None
    approval_lead_minutes: int = 0
    when_unapproved: WhenUnapproved = WhenUnapproved.HOLD
    needs_second_person: bool = False
    accent: str = ""
    shows_back_issues: bool = True
    sections: tuple[SectionForm, ...] = DEFAULT_SECTIONS
