"""What crosses the border of feed health: which feeds are listed, and all that a feed's own page shows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from curator.feeds.values import FeedKind, FeedState

_PULSE = timedelta(seconds=60)
"""A worker asks something within this, or it has stopped."""


class Show(StrEnum):
    """Which feeds a list holds. The broken ones come first: they are why somebody looks."""

    TROUBLE = "trouble"
    PAUSED = "paused"
    GONE = "gone"
    NEW = "new"
    ALL = "all"


@dataclass(frozen=True)
class FeedPage:
    """A feed with everything about asking it."""

    id: int
    url: str
    kind: FeedKind
    state: FeedState
    title: str
    site_url: str | None
    language: str | None
    is_own_show: bool
    folder: tuple[str, ...]
    is_ok: bool
    note: str
    has_validators: bool
    poll_minutes: int | None
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_status: int | None
    next_poll_at: datetime
    failures: int
    failing_since: datetime | None
    moved_to: str | None
    moved_seen: int
    moved_since: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Failing:
    """A feed that does not answer as it should: since when, as far as that is known, and in which words."""

    id: int
    title: str
    is_own_show: bool
    since: datetime | None
    note: str


@dataclass(frozen=True)
class Standing:
    """How a feed stands: a word and its look (good, warn, bad, live), what is the matter, and what to do about it."""

    word: str
    look: str
    what: str
    todo: str = ""


@dataclass(frozen=True)
class FetchRun:
    """How many feeds are asked at all, how many of them are due now, how many fail; since when one waits."""

    active: int
    due: int
    failing: int
    oldest_due_at: datetime | None
    asked_at: datetime | None

    def is_on(self, *, now: datetime) -> bool:
        """Whether feeds are being asked; one at a time is due all day long, and some wait for their host's peace."""
        if self.asked_at is None:  # the very first time one is enough
            return self.due > 0
        return self.due > 1 and now - self.asked_at < _PULSE

    def is_stuck(self, *, now: datetime) -> bool:
        """Whether every feed waits, and nobody has asked one for a minute."""
        waits = self.oldest_due_at is not None and now - self.oldest_due_at > _PULSE
        return waits and self.due == self.active and not (self.asked_at and now - self.asked_at < _PULSE)
