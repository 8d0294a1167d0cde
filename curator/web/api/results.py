"""The API's results: what readers did with an issue."""

from dataclasses import dataclass
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.events import report
from curator.events.values import ItemResult
from curator.newsletters.values import Tracking
from curator.web import here
from curator.web.api.issues import own_issue
from curator.web.api.operations import Call, Operation, Tag
from curator.web.api.shapes import of, told


@dataclass(frozen=True)
class SectionClicks:
    """What came of one section."""

    title: str
    clicks: int
    share: Annotated[float | None, told("Its part of all clicks; null before the first.")]


@dataclass(frozen=True)
class LinkClicks:
    """What came of one place in the mail that leads somewhere."""

    url: str
    placement: Annotated[str, told("Which kind of place: title, go, picture, ...")]
    clicks: int
    readers: Annotated[int, told("How many people.")]
    robot_hits: Annotated[int, told("What machines did; no part of the clicks.")]


@dataclass(frozen=True)
class ItemClicks:
    """What came of one block."""

    title: str
    section: str
    clicks: int
    links: tuple[LinkClicks, ...]


@dataclass(frozen=True)
class Results:
    """What came of an issue over all of its mailings; of its newest test where it never went to readers."""

    issue_id: int
    number: int
    is_sent: bool
    is_test: bool
    accepted: Annotated[int, told("How many messages the relay took.")]
    bounced: int
    unsubscribed: int
    clicks: int
    clickers: int
    clicker_share: Annotated[float | None, told("Which part of those who got it clicked; null where nobody knows.")]
    median_share: Annotated[float | None, told("The same of the issues before.")]
    median_of: Annotated[int, told("How many issues that is.")]
    opens: int
    openers: int
    robot_hits: Annotated[int, told("What machines did: removed from all other numbers.")]
    clicks_by: Annotated[Tracking, told("What is noted of clicks.")]
    opens_by: Annotated[Tracking, told("What is noted of opens.")]
    sections: tuple[SectionClicks, ...]
    items: tuple[ItemClicks, ...]


def get_results(call: Call) -> Results:
    """Returns an issue's results; they come from counters, and scan no event."""
    issue = own_issue(call)
    with here.db().read() as session:
        found = report.results(session, issue)
    shown: Results = of(
        Results,
        found,
        sections=tuple(of(SectionClicks, each) for each in found.sections),
        items=tuple(_item(each) for each in found.items),
    )
    return shown


def _item(found: ItemResult) -> ItemClicks:
    links = tuple(of(LinkClicks, each, url=each.link.url, placement=str(each.link.placement)) for each in found.links)
    return ItemClicks(found.title, found.section, found.clicks, links)


OPERATIONS = (
    Operation(
        "get_results",
        "GET",
        "/issues/{issue_id}/results",
        Tag.RESULTS,
        ApiScope.READ_RESULTS,
        "Get what readers did with an issue",
        get_results,
        {200: Results},
    ),
)
