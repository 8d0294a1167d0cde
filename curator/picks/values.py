"""What crosses the picks' border: a candidate with its reasons, a pick, and the inbox with its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from curator.errors import StateError
from curator.feeds.values import FreshItem, ItemKind


@dataclass(frozen=True)
class Candidate:
    """An item offered for a section; `reasons` say in words where the score comes from."""

    item: FreshItem
    section_id: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PickedItem:
    """A pick as issues read it: the editor's words over the feed's."""

    id: int
    item: FreshItem
    section_id: int
    title: str
    link: str | None
    blurb: str
    version: int
    # Whether the blurb is sentences of the article that nobody edited or accepted yet.
    is_blurb_draft: bool = False
    # Why the draft chose it, in words; empty for what somebody picked.
    reasons: str = ""
    # Whether the item's own picture is shown with it, and what that shows.
    shows_picture: bool = False
    picture_alt: str = ""


class TakenError(StateError):
    """Somebody else picked the item first: `by` is None when the draft did."""

    def __init__(self, item_id: int, *, by: int | None, at: datetime) -> None:
        super().__init__("This item is picked by now. Take it out of its issue first, or leave it there.")
        self.item_id = item_id
        self.by = by
        self.at = at


class SkipReason(StrEnum):
    """Why an item was passed over, in the words that people read; NONE when nobody said."""

    NONE = ""
    OFF_TOPIC = "off topic"
    SEEN_BEFORE = "seen before"
    TOO_THIN = "too thin"
    OUT_OF_DATE = "out of date"
    PAYWALL = "behind a paywall"
    ADVERTISING = "advertising"


class InboxFilter(StrEnum):
    """Which items the inbox shows. Of several that fit an item the first of PICKED, SKIPPED, LATER, MUTED counts."""

    NEW = "new"
    PICKED = "picked"
    SKIPPED = "skipped"
    LATER = "later"
    MUTED = "muted"
    ALL = "all"


class InboxOrder(StrEnum):
    """In which order the inbox shows what is new."""

    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True)
class Mute:
    """A muted feed (`feed_id` and its title) or muted words of a title; the other is None."""

    id: int
    newsletter_id: int
    feed_id: int | None
    words: str | None
    feed_title: str = ""


@dataclass(frozen=True)
class Narrowing:
    """What narrows the inbox beyond its tab. `since` bounds the age; `language` is a code as "en"."""

    kind: ItemKind | None = None
    feed_id: int | None = None
    language: str = ""
    search: str = ""
    since: datetime | None = None


InboxMark = int | tuple[datetime, int]
"""Where the inbox goes on: behind a place of the list of candidates, or behind a moment and the id of its item."""


@dataclass(frozen=True)
class InboxRow:
    """An item of the inbox with what became of it; what did not happen to it is None.

    `place` is where the list of candidates has it, in that order alone; `why_back` says why it is offered again.
    """

    item: FreshItem
    pick_id: int | None
    section_id: int | None
    is_skipped: bool
    skip_reason: SkipReason = SkipReason.NONE
    later_until: datetime | None = None
    mute: Mute | None = None
    place: int | None = None
    why_back: str = ""

    @property
    def mark(self) -> InboxMark:
        """Where the list goes on behind this row."""
        return (self.item.at, self.item.id) if self.place is None else self.place


@dataclass(frozen=True)
class InboxCounts:
    """How many items stand under each heading of the inbox; `has_more` when there are more new ones than counted."""

    new: int
    picked: int
    skipped: int
    later: int = 0
    has_more: bool = False


@dataclass(frozen=True)
class FeedRecord:
    """What a feed was worth to a newsletter of late: how many of its items came, and how many were picked."""

    came: int
    picked: int


@dataclass(frozen=True)
class Memory:
    """What is remembered about a page of items: records by feed, and the other feeds that tell the same by item."""

    records: Mapping[int, FeedRecord] = field(default_factory=dict)
    also_in: Mapping[int, Sequence[str]] = field(default_factory=dict)
