"""Adds up an issue's counters: over its mailings, by item, by section, and against the issues before. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from curator.events import usual as usuals
from curator.events.bounces.values import Reason
from curator.events.values import (
    IssueItems,
    ItemResult,
    LinkResult,
    MailingCounters,
    PlacementResult,
    Results,
    SectionResult,
)
from curator.issues.values import IssueRow, Link, Placement
from curator.newsletters.values import Tracking

_USUAL = (Tracking.INDIVIDUAL, Tracking.OFF)


def results(
    issue: IssueRow,
    mailings: Sequence[MailingCounters],
    links: Sequence[Sequence[LinkResult]],
    *,
    shares: Sequence[float],
    before: Sequence[IssueItems] = (),
    bounces: Mapping[Reason, int] | None = None,
    signed_up: int = 0,
) -> Results:
    """Returns an issue's results from its mailings and the links of each, in the same order, oldest first.

    `before` are up to twelve issues before, against which each place is held.
    """
    taken = sum(each.accepted for each in mailings)
    clickers = sum(each.clickers for each in mailings)
    clicks_by, opens_by = (
        (_least(by) for by in zip(*(each.measured for each in mailings), strict=True)) if mailings else _USUAL
    )
    told = IssueItems(issue.id, taken, items(merged(links)))
    usual = [each for each in map(usuals.rates, before) if each is not None]
    found = _held_against(told, usual)
    return Results(
        issue_id=issue.id,
        number=issue.number,
        is_sent=bool(mailings),
        is_test=bool(mailings) and mailings[-1].is_test,
        accepted=taken,
        bounced=sum(each.bounced for each in mailings),
        unsubscribed=sum(each.unsubscribed for each in mailings),
        clicks=sum(each.clicks for each in mailings),
        clickers=clickers,
        clicker_share=clickers / taken if taken and clicks_by is Tracking.INDIVIDUAL else None,
        robot_hits=sum(each.robot_hits for each in mailings),
        dropped=sum(each.dropped for each in mailings),
        items=found,
        sections=_sections(IssueItems(issue.id, taken, found), usual),
        median_share=median(shares) if shares else None,
        median_of=len(shares),
        clicks_by=clicks_by,
        opens_by=opens_by,
        opens=sum(each.opens for each in mailings),
        openers=sum(each.openers for each in mailings),
        complained=sum(each.complained for each in mailings),
        bounces=bounces or {},
        signed_up=signed_up,
        placements=_placements(told, usual),
    )


def _held_against(told: IssueItems, usual: Sequence[usuals.Rates]) -> tuple[ItemResult, ...]:
    now = usuals.rates(told)
    known = {} if now is None else usuals.against(now.slots, [each.slots for each in usual])
    return tuple(replace(item, against=known.get(slot)) for slot, item in usuals.by_slot(told.items))


def _sections(told: IssueItems, usual: Sequence[usuals.Rates]) -> tuple[SectionResult, ...]:
    now = usuals.rates(told)
    known = {} if now is None else usuals.against(now.sections, [each.sections for each in usual])
    return tuple(replace(each, against=known.get(each.title)) for each in sections(told.items))


def _placements(told: IssueItems, usual: Sequence[usuals.Rates]) -> tuple[PlacementResult, ...]:
    now = usuals.rates(told)
    known = {} if now is None else usuals.against(now.placements, [each.placements for each in usual])
    clicks = usuals.clicks_by_placement(told.items)
    return tuple(PlacementResult(name, number, known.get(name)) for name, number in clicks.items())


def _least(measured: Sequence[Tracking]) -> Tracking:
    return min(measured, key=list(Tracking).index)


def shown(mailings: Sequence[MailingCounters]) -> list[MailingCounters]:
    """Returns the mailings that an issue's results are about: all in earnest, else the newest test."""
    return [each for each in mailings if not each.is_test] or list(mailings[-1:])


def shares(issues: Iterable[Sequence[MailingCounters]]) -> list[float]:
    """Returns which part of those who got an issue clicked, for each issue whose clicks were counted by reader."""
    found: list[float] = []
    for mailings in issues:
        ours = [each for each in mailings if not each.is_test]
        taken = sum(each.accepted for each in ours)
        is_by_reader = all(each.measured[0] is Tracking.INDIVIDUAL for each in ours)
        if taken and is_by_reader and any(each.clicks or each.robot_hits for each in ours):
            found.append(sum(each.clickers for each in ours) / taken)
    return found


def by_issue(mailings: Iterable[MailingCounters]) -> dict[int, list[MailingCounters]]:
    """Returns mailings by their issue, in the order that they are in."""
    found: dict[int, list[MailingCounters]] = {}
    for each in mailings:
        found.setdefault(each.issue_id, []).append(each)
    return found


def merged(mailings: Sequence[Sequence[LinkResult]]) -> list[LinkResult]:
    """Adds up the same place in several mailings; in the order of the newest, then what only older ones had.

    Nobody gets an issue in two mailings, so readers add up too.
    """
    found: dict[tuple[object, ...], LinkResult] = {}
    for links in reversed(mailings):
        times: Counter[tuple[object, ...]] = Counter()
        for each in links:
            place = (each.link.section, each.link.block_id, each.link.placement, each.link.url)
            times[place] += 1
            key = (*place, times[place])
            found[key] = _sum(found[key], each) if key in found else each
    return list(found.values())


def items(links: Iterable[LinkResult]) -> tuple[ItemResult, ...]:
    """Returns the links by the block in which they stand, in the order of the page."""
    blocks: dict[tuple[str, int | None], list[LinkResult]] = {}
    for each in links:
        blocks.setdefault((each.link.section, each.link.block_id), []).append(each)
    return tuple(
        ItemResult(_title([each.link for each in some]), section, sum(each.clicks for each in some), tuple(some))
        for (section, _), some in blocks.items()
    )


def sections(found: Sequence[ItemResult]) -> tuple[SectionResult, ...]:
    """Returns each section's clicks and its part of all of them, in the order of the page."""
    clicks: dict[str, int] = {}
    for item in found:
        clicks[item.section] = clicks.get(item.section, 0) + item.clicks
    total = sum(clicks.values())
    return tuple(SectionResult(title, number, number / total if total else None) for title, number in clicks.items())


def _title(links: Sequence[Link]) -> str:
    """The item's own title, where a link stands on it; a text has none."""
    titled = (link.label for link in links if link.placement in (Placement.TITLE, Placement.GO))
    return next(titled, "A text")


def _sum(one: LinkResult, other: LinkResult) -> LinkResult:
    return LinkResult(
        one.link, one.clicks + other.clicks, one.readers + other.readers, one.robot_hits + other.robot_hits
    )
