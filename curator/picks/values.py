"""What crosses the picks' border: a candidate with its reasons, a pick, and the inbox."""

from dataclasses import dataclass
from enum import StrEnum

from curator.feeds.values import FreshItem


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


class InboxFilter(StrEnum):
    """Which items the inbox shows."""

    NEW = "new"
    PICKED = "picked"
    SKIPPED = "skipped"
    ALL = "all"


@dataclass(frozen=True)
class InboxRow:
    """An item of the inbox with what became of it; `pick_id` and `section_id` are None until it is picked."""

    item: FreshItem
    pick_id: int | None
    section_id: int | None
    is_skipped: bool


@dataclass(frozen=True)
class InboxCounts:
    """How many items stand under each heading of the inbox."""

    new: int
    picked: int
    skipped: int
