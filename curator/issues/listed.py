"""A list of links under a heading, as a block keeps it: made once, and as it was made from then on. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ListOf(StrEnum):
    """What a list was made of."""

    RELATED = "related"
    MOST_CLICKED = "most clicked"
    BEST = "best"


@dataclass(frozen=True)
class ListLink:
    """One line of a list; `note` says in a few words where it is from."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class LinkList:
    """A list before it is a block: the heading may be written anew, the links stay as they are."""

    of: ListOf
    heading: str
    links: tuple[ListLink, ...]


def facts_of(made: LinkList) -> dict[str, Any]:
    """Returns what a block keeps of a list."""
    return {"of": made.of.value, "links": [asdict(link) for link in made.links]}


def links_of(facts: Mapping[str, Any] | None) -> tuple[ListLink, ...]:
    """Returns the links that a block keeps."""
    return tuple(ListLink(**link) for link in (facts or {}).get("links", ()))
