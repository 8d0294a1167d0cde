"""What crosses the border of withdrawing: what is withdrawn, and what that touches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from curator.episodes.values import Words


class Kind(StrEnum):
    """What is withdrawn."""

    QUOTE = "quote"
    PERSON = "person"


@dataclass(frozen=True)
class What:
    """A quote by its id, or a person by the name that they have everywhere."""

    kind: Kind
    quote_id: int | None = None
    name: str = ""


@dataclass(frozen=True)
class TouchedIssue:
    """An issue of which something goes: `is_out` when mail of it has left, which nobody can call back."""

    id: int
    number: int
    newsletter_id: int
    is_out: bool


@dataclass(frozen=True)
class Change:
    """New values of one row, by its key's columns."""

    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Everything that a withdrawal changes; made by reading alone, so it can be shown before it is done.

    `rows` are changes by table. `documents` are the new documents of revisions. `mailings` are those that live.
    `read` are issues in whose words for the search it may stand. `corrections` are those of what goes as a whole.
    """

    quotes: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    rows: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    words: Mapping[int, tuple[Words, int]] = field(default_factory=dict)
    documents: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    issues: tuple[TouchedIssue, ...] = ()
    mailings: tuple[int, ...] = ()
    log: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    read: tuple[int, ...] = ()
    corrections: tuple[int, ...] = ()

    @property
    def turns(self) -> int:
        """How many turns of transcripts lose their words."""
        return len(self.rows.get("turn", ()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.quotes or self.blocks or self.words or self.documents or any(self.rows.values()))

    @property
    def coming(self) -> tuple[TouchedIssue, ...]:
        """The issues that are still to leave."""
        return tuple(each for each in self.issues if not each.is_out)

    @property
    def gone(self) -> tuple[TouchedIssue, ...]:
        """The issues of which mail has left."""
        return tuple(each for each in self.issues if each.is_out)
