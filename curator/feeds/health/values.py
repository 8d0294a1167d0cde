"""What crosses the border of feed health: which feeds are listed, and all that a feed's own page shows of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.feeds.values import FeedKind, FeedState


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
class Standing:
    """How a feed stands: a word and its look (good, warn, bad, live), what is the matter, and what to do about it."""

    word: str
    look: str
    what: str
    todo: str = ""
