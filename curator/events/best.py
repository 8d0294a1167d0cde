"""What readers clicked most, in one issue or in many: from counters, robots left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curator.db import Session
from curator.events import report
from curator.events.values import ItemResult
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.values import Link, Placement


@dataclass(frozen=True)
class Clicked:
    """A pick with people's clicks on it; `share` is for each message of its issue that was accepted."""

    item_id: int
    issue_number: int
    title: str
    url: str
    clicks: int
    share: float


def most_clicked(session: Session, issue_ids: Sequence[int], *, limit: int) -> list[Clicked]:
    """Returns the picks of these issues that were clicked most, in four queries; promotions and texts do not count.

    Issues have more readers every year, so it is the share that counts; where it is equal, the higher on the page.
    """
    numbers = {row.id: row.number for row in issues.issues_by_id(session, issue_ids).values()}
    found = [
        (told, item, link)
        for told in report.items_of(session, issue_ids)
        for item in told.items
        if (link := _titled(item))
    ]
    items = blocks.items_of_blocks(session, sorted({link.block_id for *_, link in found if link.block_id is not None}))
    clicked = [
        Clicked(
            items[link.block_id],
            numbers[told.issue_id],
            item.title,
            link.url,
            item.clicks,
            item.clicks / max(told.accepted, 1),
        )
        for told, item, link in found
        if link.block_id in items and item.clicks
    ]
    return _each_once(sorted(clicked, key=lambda each: (-each.share, -each.clicks)))[:limit]


def _titled(item: ItemResult) -> Link | None:
    places = (Placement.TITLE, Placement.GO)
    return next((each.link for each in item.links if each.link.placement in places), None)


def _each_once(clicked: Iterable[Clicked]) -> list[Clicked]:
    first: dict[int, Clicked] = {}
    for each in clicked:
        first.setdefault(each.item_id, each)
    return list(first.values())
