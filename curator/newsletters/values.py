"""What crosses the newsletters' border: the cadence and what a section takes."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


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


@dataclass(frozen=True)
class NewsletterSpec:
    """A newsletter as the later stages read it."""

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
