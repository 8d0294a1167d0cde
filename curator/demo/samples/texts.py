"""Reads the sample texts that lie beside this file as JSON."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class Form(StrEnum):
    """The kind of document that a sample feed is written as."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"


class Fault(StrEnum):
    """What is odd about the server of a sample feed that is otherwise sound."""

    NONE = ""
    SLOW = "slow"
    GZIP = "gzip"
    MOVED = "moved"


@dataclass(frozen=True)
class SampleItem:
    """One text. `hours` is its age when the demo starts; the audio facts are None for articles.

    `has_talk` says that a transcript and chapters of it lie in the folder `talks`, by its slug.
    """

    slug: str
    title: str
    text: str
    by: str
    hours: int
    season: int | None = None
    number: int | None = None
    duration_s: int | None = None
    guest: str = ""
    has_talk: bool = False


@dataclass(frozen=True)
class SampleFeed:
    """One publisher with its items, newest first. A show has hosts, and `listen` names the places that carry it."""

    path: str
    form: Form
    title: str
    language: str
    author: str
    about: str
    items: tuple[SampleItem, ...]
    is_own_show: bool = False
    fault: Fault = Fault.NONE
    hosts: tuple[str, ...] = ()
    listen: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The feed's short name, as it stands in the links of its items."""
        return self.path.partition(".")[0]


@cache
def sample_feeds() -> tuple[SampleFeed, ...]:
    """Returns every sample feed, the demo's own show first."""
    files = sorted(FOLDER.glob("*.json"))
    return tuple(_feed(json.loads(file.read_text(encoding="utf-8"))) for file in files)


def _feed(told: dict[str, Any]) -> SampleFeed:
    items = tuple(SampleItem(**{"by": told["author"], **item}) for item in told["items"])
    feed = SampleFeed(
        path=told["path"],
        form=Form(told["format"]),
        title=told["title"],
        language=told["language"],
        author=told["author"],
        about=told["about"],
        items=items,
        hosts=tuple(told.get("hosts", ())),
        listen=tuple(told.get("listen", ())),
    )
    return replace(feed, is_own_show=told.get("own_show", False), fault=Fault(told.get("fault", "")))
