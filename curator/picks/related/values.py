"""What crosses the border of related things: a part of a text, what an item is about, and what is related to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class RelatedKind(StrEnum):
    """What may be related to an item: an episode of an own show, or a thing that was picked."""

    EPISODE = "episode"
    PICK = "pick"


@dataclass(frozen=True)
class Part:
    """A piece of an item's text; `weight` is what one word of it counts.

    The seconds say when it is told, None where that is not known. `is_spoken` marks talk: what is said there in passing
    is not what the item is about.
    """

    text: str
    weight: float
    start_s: float | None = None
    end_s: float | None = None
    is_spoken: bool = False


@dataclass(frozen=True)
class Told:
    """How much an item tells of a term, how it writes the term, and at which seconds it does."""

    weight: float
    shown: str
    at_s: tuple[float, ...] = ()


About = Mapping[str, Told]
"""What an item is about, by term."""


@dataclass(frozen=True)
class Subject:
    """An item with what it is about. Two of the same `keys` (its address, its title) are one and the same thing."""

    id: int
    keys: frozenset[str]
    about: About
    kind: RelatedKind | None = None


@dataclass(frozen=True)
class Match:
    """What was found to be about the same; `terms` are what both tell of, as the subject writes them."""

    other_id: int
    kind: RelatedKind
    score: float
    terms: tuple[str, ...]
    at_s: float | None = None


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: how many items were read anew, and how many were compared."""

    read: int = 0
    compared: int = 0


Found = Mapping[int, Sequence[Match]]
"""What is related, by item, the nearest first."""
