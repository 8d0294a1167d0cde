"""What a place in the mail usually gets, and how an issue stands against that. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from curator.events.values import Against, IssueItems, ItemResult

# With fewer, one holiday or one famous guest is the median.
FEWEST_ISSUES = 5
# A quarter of a weekly newsletter: the readers and the template are about the same.
MOST_ISSUES = 12

Slot = tuple[str, int]
"""A place for an item: its section, and its number there, counted from 1."""

Place = TypeVar("Place")


@dataclass(frozen=True)
class Rates:
    """Of one issue: clicks for each message that was accepted, by slot, by section and by what was clicked."""

    slots: Mapping[Slot, float]
    sections: Mapping[str, float]
    placements: Mapping[str, float]


def by_slot(items: Iterable[ItemResult]) -> list[tuple[Slot, ItemResult]]:
    """Returns an issue's items with their slots, in the order of the page."""
    seen: dict[str, int] = {}
    found = []
    for item in items:
        seen[item.section] = seen.get(item.section, 0) + 1
        found.append(((item.section, seen[item.section]), item))
    return found


def clicks_by_placement(items: Iterable[ItemResult]) -> dict[str, int]:
    """Returns the clicks on all titles, on all buttons, and so on, by the placement's word."""
    sums: dict[str, int] = {}
    for item in items:
        for each in item.links:
            sums[str(each.link.placement)] = sums.get(str(each.link.placement), 0) + each.clicks
    return sums


def rates(told: IssueItems) -> Rates | None:
    """Returns what an issue's places got; None where nobody clicked or nothing was accepted: it tells nothing."""
    if not told.accepted or not any(item.clicks for item in told.items):
        return None
    sections: dict[str, int] = {}
    for item in told.items:
        sections[item.section] = sections.get(item.section, 0) + item.clicks
    return Rates(
        {slot: item.clicks / told.accepted for slot, item in by_slot(told.items)},
        {title: number / told.accepted for title, number in sections.items()},
        {name: number / told.accepted for name, number in clicks_by_placement(told.items).items()},
    )


def against(now: Mapping[Place, float], before: Sequence[Mapping[Place, float]]) -> dict[Place, Against]:
    """Returns how many times its median each place got.

    A place that fewer than five of the issues before had is left out, and one whose median is nothing.
    """
    found: dict[Place, Against] = {}
    for place, rate in now.items():
        seen = [each[place] for each in before if place in each]
        usual = median(seen) if len(seen) >= FEWEST_ISSUES else 0.0
        if usual > 0:
            found[place] = Against(rate / usual, len(seen))
    return found
