"""The API's newsletters: their ids and those of their sections, which everything else asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec, Takes
from curator.web import here
from curator.web.api.operations import Call, Operation, Tag
from curator.web.api.shapes import told


@dataclass(frozen=True)
class Section:
    """A section of a newsletter."""

    id: int
    title: str
    takes: Annotated[Takes, told("What it is filled from.")]
    budget: Annotated[int, told("How many picks fill it.")]


@dataclass(frozen=True)
class Newsletter:
    """A newsletter that the token may see."""

    id: int
    slug: str
    name: str
    language: str
    timezone: Annotated[str, told("The zone of its cadence.", example="Europe/London")]
    live_at: Annotated[
        datetime | None, told("Since when it goes to its readers; null: in test mode, to the desk alone.")
    ]
    sections: Annotated[tuple[Section, ...], told("In their order.")]


@dataclass(frozen=True)
class NewsletterList:
    """All of them: there are few."""

    items: tuple[Newsletter, ...]


def list_newsletters(call: Call) -> NewsletterList:
    """Returns the newsletters in which the token may look, by name."""
    with here.db().read() as session:
        known = store.newsletters(session)
    return NewsletterList(tuple(_shown(each) for each in known if call.may_in(each.id)))


def _shown(spec: NewsletterSpec) -> Newsletter:
    sections = tuple(Section(each.id, each.title, each.takes, each.budget) for each in spec.sections)
    return Newsletter(spec.id, spec.slug, spec.name, spec.language, spec.cadence.zone, spec.live_at, sections)


OPERATIONS = (
    Operation(
        "list_newsletters",
        "GET",
        "/newsletters",
        Tag.NEWSLETTERS,
        ApiScope.READ_ISSUES,
        "List newsletters with their sections",
        list_newsletters,
        {200: NewsletterList},
    ),
)
