"""Decides which marks of which months are over, and what they come to. Months are numbers, one after the other. Pure.

A mark counts whole months: of those who joined in January, whoever is there when February ends stayed for one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from curator.audience.cohorts.values import MARKS, Cohort

MOST_SOURCES = 20
"""A month's greatest sources have numbers of their own, all others one: a file of readers may name thousands."""
OTHERS = "(others)"


@dataclass(frozen=True)
class Group:
    """So many readers who joined in one month, came in one way, and left in one month, None where they did not."""

    joined: int
    source: str
    left: int | None
    number: int


@dataclass(frozen=True)
class Count:
    """How many who joined in a month in one way were there at a mark; the mark 0 has all who joined."""

    joined: int
    source: str
    mark: int
    number: int


def of(day: date) -> int:
    """Returns the number of a day's month."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Returns the first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def counts(groups: Iterable[Group], *, last: int, known: Mapping[int, set[str]]) -> list[Count]:
    """Returns what every mark comes to that is over by the end of the month `last`.

    `known` are the sources that have numbers of their own already, by month: they are not chosen anew.
    """
    some = [each for each in groups if each.joined <= last]
    own = _sources(some) | dict(known)
    sums: dict[tuple[int, str, int], int] = {}
    for group in some:
        source = group.source if group.source in own[group.joined] else OTHERS
        for mark in (0, *MARKS):
            if group.joined + mark <= last:
                stays = mark == 0 or group.left is None or group.left > group.joined + mark
                key = (group.joined, source, mark)
                sums[key] = sums.get(key, 0) + (group.number if stays else 0)
    return [Count(*key, number) for key, number in sorted(sums.items())]


def by_month(rows: Iterable[Count]) -> list[Cohort]:
    """Returns a cohort for each month, the last one first."""
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        marks = found.setdefault(row.joined, {})
        marks[row.mark] = marks.get(row.mark, 0) + row.number
    return [
        Cohort(
            joined=marks.get(0, 0),
            joined_on=first_day(month),
            stayed={mark: number for mark, number in marks.items() if mark},
            of={mark: marks.get(0, 0) for mark in marks if mark},
        )
        for month, marks in sorted(found.items(), reverse=True)
    ]


def by_source(rows: Iterable[Count]) -> list[Cohort]:
    """Returns a cohort for each source over all months, the greatest first."""
    rows = list(rows)
    joined = {(row.joined, row.source): row.number for row in rows if row.mark == 0}
    found: dict[str, Cohort] = {}
    for row in rows:
        known = found.setdefault(row.source, Cohort(0, source=row.source))
        if row.mark:
            known.stayed[row.mark] = known.stayed.get(row.mark, 0) + row.number
            known.of[row.mark] = known.of.get(row.mark, 0) + joined.get((row.joined, row.source), 0)
    sums = {source: sum(number for (_, name), number in joined.items() if name == source) for source in found}
    cohorts = [Cohort(sums[source], None, source, each.stayed, each.of) for source, each in found.items()]
    return sorted(cohorts, key=lambda each: (-each.joined, each.source or ""))


def whole(cohorts: Iterable[Cohort]) -> Cohort:
    """Returns all of these as one."""
    cohorts = list(cohorts)
    marks = sorted({mark for each in cohorts for mark in each.stayed})
    return Cohort(
        joined=sum(each.joined for each in cohorts),
        stayed={mark: sum(each.stayed.get(mark, 0) for each in cohorts) for mark in marks},
        of={mark: sum(each.of.get(mark, 0) for each in cohorts) for mark in marks},
    )


def _sources(groups: Iterable[Group]) -> dict[int, set[str]]:
    sums: dict[int, dict[str, int]] = {}
    for group in groups:
        month = sums.setdefault(group.joined, {})
        month[group.source] = month.get(group.source, 0) + group.number
    return {
        month: set(sorted(numbers, key=lambda name: (-numbers[name], name))[:MOST_SOURCES])
        for month, numbers in sums.items()
    }
