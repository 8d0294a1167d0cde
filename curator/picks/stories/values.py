"""What crosses the stories' border: an item as stories compare it, and as they tell it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Telling:
    """An item as stories compare it.

    `story_id` is the story that it was given before, None while it has none; `feed` is any name of its feed that no
    other feed has, and `is_own` says that this is a feed of the newsletter's own show.
    """

    id: int
    title: str
    feed: str
    at: datetime
    canonical_url: str | None = None
    text: str = ""
    is_own: bool = False
    story_id: int | None = None


@dataclass(frozen=True)
class Folded:
    """An item's story as the fold found it: one that is kept, else the new one that the item `opened_by` opens."""

    item_id: int
    story_id: int | None
    opened_by: int
    at: datetime


@dataclass(frozen=True)
class Teller:
    """One telling of a story as people read it; `feed_title` is empty for what was added by hand.

    `is_of_story` is False for what has the same page or title and is no part of the story: it is dealt with apart.
    """

    item_id: int
    title: str
    feed_title: str
    url: str | None
    at: datetime
    is_of_story: bool = True
