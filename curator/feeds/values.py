"""What crosses the feeds' border: feed and item kinds, and an item as the stages after it read it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedKind(StrEnum):
    """What a feed carries."""

    PODCAST = "podcast"
    ARTICLE = "article"


class FeedState(StrEnum):
    """Whether a feed is asked for news. GONE means that its server said 410."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class ItemKind(StrEnum):
    """An episode is an item with audio."""

    EPISODE = "episode"
    ARTICLE = "article"


@dataclass(frozen=True)
class ParsedEnclosure:
    """Attached media as the feed names it; `bytes` is None when the feed does not say."""

    url: str
    media_type: str
    bytes: int | None


@dataclass(frozen=True)
class ParsedEpisode:
    """Audio facts of one item; None where the feed is silent."""

    duration_s: int | None
    season: int | None
    number: int | None
    episode_type: str | None


@dataclass(frozen=True)
class ParsedItem:
    """One thing that a feed published, cleaned: HTML is sanitised, URLs are absolute http(s), dates are UTC.

    `identity` is unique within its document. `published_at` is None when the feed gives no usable date.
    """

    identity: str
    kind: ItemKind
    url: str | None
    canonical_url: str | None
    title: str
    author: str
    summary_html: str
    summary_text: str
    image_url: str | None
    published_at: datetime | None
    content_hash: str
    enclosures: tuple[ParsedEnclosure, ...]
    episode: ParsedEpisode | None


@dataclass(frozen=True)
class ParsedFeed:
    """A feed document, understood. `kind` is PODCAST when any item carries audio."""

    kind: FeedKind
    title: str
    site_url: str | None
    language: str | None
    image_url: str | None
    ttl_minutes: int | None
    items: tuple[ParsedItem, ...]


@dataclass(frozen=True)
class FreshItem:
    """An item as picks and issues read it. `at` is when it was published, or first seen when undated."""

    id: int
    feed_id: int | None
    feed_title: str
    kind: ItemKind
    url: str | None
    canonical_url: str | None
    title: str
    author: str
    summary_html: str
    summary_text: str
    image_url: str | None
    at: datetime
    first_seen_at: datetime
    is_archive: bool
    audio_url: str | None
    duration_s: int | None
    season: int | None
    number: int | None


@dataclass(frozen=True)
class PollOutcome:
    """What one poll came to: the line for the editor, and the counts."""

    feed_id: int
    note: str
    is_ok: bool
    new: int = 0
    updated: int = 0
