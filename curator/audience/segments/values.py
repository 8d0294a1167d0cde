"""What the filter language says of readers, as a tree; and a filter that was kept under a name."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias


class Fact(StrEnum):
    """What holds of a reader at this moment: how their subscription stands, and what they chose."""

    ACTIVE = "active"
    PENDING = "pending"
    LEFT = "left"
    PAUSED = "paused"
    TEXT_ONLY = "text-only"
    SUPPRESSED = "suppressed"


class Deed(StrEnum):
    """What a reader did at a moment."""

    CLICKED = "clicked"
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True)
class Ever:
    """At whatever moment."""


@dataclass(frozen=True)
class Within:
    """In the last so many days."""

    days: int


@dataclass(frozen=True)
class Before:
    """Before a day began, on the newsletter's clock."""

    day: date


@dataclass(frozen=True)
class Since:
    """From the beginning of a day on, on the newsletter's clock."""

    day: date


When: TypeAlias = Ever | Within | Before | Since


@dataclass(frozen=True)
class Tagged:
    """Bears a tag of the desk."""

    name: str


@dataclass(frozen=True)
class Interested:
    """Named an interest of the newsletter as theirs."""

    name: str


@dataclass(frozen=True)
class CameFrom:
    """Came first by this way; a star at the end stands for whatever follows."""

    source: str


@dataclass(frozen=True)
class Is:
    """A fact holds of them."""

    fact: Fact


@dataclass(frozen=True)
class Did:
    """They did something, and when they did it last."""

    deed: Deed
    when: When


@dataclass(frozen=True)
class Not:
    """Whatever does not fit the part."""

    part: "Filter"


@dataclass(frozen=True)
class All:
    """What fits every part; two at least."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Some:
    """What fits one part or more; two at least."""

    parts: "tuple[Filter, ...]"


Filter: TypeAlias = Tagged | Interested | CameFrom | Is | Did | Not | All | Some


@dataclass(frozen=True)
class SegmentRow:
    """A newsletter's filter as it is kept: `words` are in the language, as they were typed."""

    id: int
    newsletter_id: int
    name: str
    words: str
    version: int
    created_at: datetime


@dataclass(frozen=True)
class Count:
    """How many readers fit. `is_exact` is False where counting took too long and a sample was multiplied."""

    number: int
    is_exact: bool = True


def both(*parts: Filter | None) -> Filter | None:
    """Returns what fits all of these; None is no condition, and comes back where nothing else is given."""
    given = [part for part in parts if part is not None]
    flat = tuple(piece for part in given for piece in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat) if flat else None
