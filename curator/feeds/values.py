"""What crosses the feeds' border: feed and item kinds, and an item as the stages after it read it."""

import re
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


_AUDIO_FILE = re.compile(r"\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|flac|wav)(?:[?#]|$)", re.IGNORECASE)


def is_audio(media_type: str, url: str) -> bool:
    """Tells whether an enclosure can be listened to, by its type or, where that says nothing, by its file name."""
    if media_type.startswith("audio/"):
        return True
    return media_type in ("", "application/octet-stream") and _AUDIO_FILE.search(url) is not None


@dataclass(frozen=True)
class ParsedEnclosure:
    """Attached media as the feed names it; `bytes` is None when the feed does not say."""

    url: str
    media_type: str
    bytes: int | None


@dataclass(frozen=True)
class Person:
    """Somebody of an episode. `role` and `group` are lower case, from the podcast taxonomy or the feed's own."""

    name: str
    role: str = "host"
    group: str = "cast"
    href: str | None = None
    image_url: str | None = None


@dataclass(frozen=True)
class TranscriptLink:
    """Where an episode's transcript lies; `is_captions` when it is timed to be shown along with the audio."""

    url: str
    media_type: str
    language: str | None = None
    is_captions: bool = False


@dataclass(frozen=True)
class Chapter:
    """A titled part of an episode, with the second at which it begins where the feed says so."""

    start_s: float | None
    title: str
    url: str | None = None
    image_url: str | None = None


@dataclass(frozen=True)
class Soundbite:
    """A stretch of the audio that its makers would quote."""

    start_s: float
    duration_s: float
    title: str


@dataclass(frozen=True)
class ParsedEpisode:
    """Audio facts of one item; None or empty where the feed is silent. People and chapters keep the feed's order."""

    duration_s: int | None
    season: int | None
    number: int | None
    episode_type: str | None
    subtitle: str = ""
    guid: str | None = None
    is_explicit: bool | None = None
    image_url: str | None = None
    author: str = ""
    location: str = ""
    chapters_url: str | None = None
    people: tuple[Person, ...] = ()
    transcripts: tuple[TranscriptLink, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()


@dataclass(frozen=True)
class ParsedItem:
    """One thing that a feed published, cleaned: HTML is sanitised, URLs are absolute http(s), dates are UTC.

    `identity` is unique within its document. `published_at` is None when the feed gives no usable date; `is_date_odd`
    says that it gives one that cannot be, as 1970, which is what a clock says that was never set.
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
    is_date_odd: bool = False


@dataclass(frozen=True)
class ParsedFeed:
    """A feed document, understood. `kind` is PODCAST when any item carries audio.

    `skip_hours` (0 to 23, UTC) and `skip_days` (0 is Monday) are when it asks to be left alone, in order;
    `update_minutes` is how often it says that it changes.
    """

    kind: FeedKind
    title: str
    site_url: str | None
    language: str | None
    image_url: str | None
    ttl_minutes: int | None
    items: tuple[ParsedItem, ...]
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    update_minutes: int | None = None


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


@dataclass(frozen=True)
class FeedRow:
    """A feed as the desk and the command line list it. `title` is the host until the feed has told its own."""

    id: int
    url: str
    kind: FeedKind
    state: FeedState
    title: str
    site_url: str | None
    is_own_show: bool
    is_ok: bool
    note: str
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_poll_at: datetime
    failures: int
    items: int


@dataclass(frozen=True)
class PollState:
    """What a poll must know of its feed; validators are byte for byte what the server sent."""

    id: int
    url: str
    state: FeedState
    is_ok: bool
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    ttl_minutes: int | None
    failures: int
    last_ok_at: datetime | None
    created_at: datetime
    title: str = ""
    is_own_show: bool = False
    poll_minutes: int | None = None
    update_minutes: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    moved_to: str | None = None
    moved_seen: int = 0
    moved_since: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True)
class NextPoll:
    """When a feed is asked next, and why then."""

    at: datetime
    because: str
    state: FeedState = FeedState.ACTIVE


@dataclass(frozen=True)
class KnownItem:
    """An item that is stored, as far as a poll compares it. `edits` is how often its content has changed."""

    id: int
    identity: str
    canonical_url: str | None
    content_hash: str
    edits: int = 0


@dataclass(frozen=True)
class NewItem:
    """A parsed item with its place in time: `at` is its date, or now when it has none that can be true.

    `is_date_odd` says that it states one that cannot.
    """

    item: ParsedItem
    at: datetime
    is_archive: bool
    is_date_odd: bool = False
