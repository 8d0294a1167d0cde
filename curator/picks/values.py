"""What crosses the picks' border: a candidate with its reasons, and a pick."""

from dataclasses import dataclass

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
