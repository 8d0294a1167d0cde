"""What crosses the labels' border: where an item ran, what was decided about one, and an item as ranking reads it."""

from dataclasses import dataclass
from datetime import datetime

from curator.feeds.values import ItemKind
from curator.picks.taste.values import Kind


@dataclass(frozen=True)
class Run:
    """That an item stood in an issue that readers got; `issue` is what people call it: "issue 41".

    Issues are a later room: they hand this down. `is_back` marks a back issue that was read in.
    """

    item_id: int
    issue: str
    at: datetime
    is_back: bool = False


@dataclass(frozen=True)
class Deed:
    """What was decided about an item at a moment, for a section where it was one. `weight` corrects for chance."""

    item_id: int
    kind: Kind
    at: datetime
    section_id: int | None = None
    weight: float = 1.0
    # Nobody has looked at what the machine put into a draft: only what of it was sent says something.
    is_machines: bool = False


@dataclass(frozen=True)
class Known:
    """An item as ranking reads it: `text` is no more than its beginning, `feed` is what people call its feed.

    `sources` is how many feeds had the same page or story within days; `story_id` is None where it has none.
    """

    id: int
    kind: ItemKind
    title: str
    text: str
    url: str | None
    canonical_url: str | None
    feed_id: int | None
    feed: str
    at: datetime
    first_seen_at: datetime
    story_id: int | None = None
    sources: int = 1

    @property
    def key(self) -> str:
        """What is the same for the same page."""
        return self.canonical_url or self.url or f"item {self.id}"


@dataclass(frozen=True)
class Taken:
    """What must not be offered: pages by their key, items by their id, and stories of which one is."""

    keys: frozenset[str]
    item_ids: frozenset[int]
    story_ids: frozenset[int]
