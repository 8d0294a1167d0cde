"""What crosses the trends' border: what is counted, a term of a title, a trend with its evidence, and its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Told:
    """An item as trends count it. `feeds` are the feeds that told it; without any it is its own."""

    id: int
    title: str
    feeds: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class Term:
    """One to three words of a title: `key` is the same for "GPT-4", "gpt 4" and "GPT4", `shown` is for people."""

    key: str
    words: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class Counts:
    """What is known of a term in a window and in the past before it: items, and days of the past that had it."""

    items: int
    feeds: int
    of_items: int
    past_items: int
    past_of_items: int
    past_days_with: int
    past_days: int


@dataclass(frozen=True)
class Trend:
    """A rising term with its evidence.

    `factor` is its share of the items now over its share in the past, None when the past never told it. `feeds` maps
    each feed to its items in the window, most first; `item_ids` are at most five that show it best; `daily` has the
    items of every day, past and window, oldest first; `also` are terms of the same topic that were folded into it.
    """

    term: str
    key: str
    score: float
    items: int
    past_items: int
    factor: float | None
    first_seen_on: date
    feeds: Mapping[str, int]
    item_ids: tuple[int, ...]
    daily: tuple[int, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """An item's row as far as trends are counted of it."""

    id: int
    title: str
    feed_id: int | None
    at: datetime
    page: str | None


@dataclass(frozen=True)
class Topic:
    """A trend as it was last computed for all newsletters, with what shows it.

    `term` is the label in lower case: no window has it twice. `counts` are the items of every day, past and window,
    oldest first; `days` of them are the window. `feed_ids` stand most items first, `item_ids` are at most five.
    """

    days: int
    term: str
    label: str
    place: int
    score: float
    factor: float | None
    counts: tuple[int, ...]
    feed_ids: tuple[int, ...]
    item_ids: tuple[int, ...]
    first_seen_at: datetime
    made_at: datetime

    @property
    def items(self) -> int:
        """How many items of the window tell it."""
        return sum(self.counts[-self.days :])


@dataclass(frozen=True)
class Blocked:
    """A term that a newsletter does not want among its trends (lower case, single spaces)."""

    id: int
    newsletter_id: int
    words: str


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: how many items were counted and how many trends they gave; nothing without anything new."""

    counted: int = 0
    found: int = 0
