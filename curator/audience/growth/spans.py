"""Puts days together to weeks and months, and decides how each way of coming and leaving is counted. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from curator.audience.growth.values import Change, Span
from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason

State = SubscriptionState | None


class Unit(StrEnum):
    """How long one bar of the chart is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def shown(self) -> int:
        """How many of them the page shows: a month, half a year, two years."""
        return {Unit.DAY: 30, Unit.WEEK: 26, Unit.MONTH: 24}[self]


def begin_of(day: date, unit: Unit) -> date:
    """Returns the first day of the span that a day is in; weeks begin on Monday."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)


def frame(last: date, unit: Unit, *, number: int) -> list[tuple[date, date]]:
    """Returns so many spans, oldest first, of which the last one holds this day: first and last day of each."""
    spans: list[tuple[date, date]] = []
    begin = begin_of(last, unit)
    end = last
    while len(spans) < number:
        spans.append((begin, end))
        end = begin - timedelta(days=1)
        begin = begin_of(end, unit)
    return spans[::-1]


def spans(days: Mapping[date, Mapping[Change, int]], framed: list[tuple[date, date]]) -> list[Span]:
    """Returns the sums of each span."""
    found = [Span(first, last, {}) for first, last in framed]
    for day, changes in days.items():
        home = next((span for span in found if span.first <= day <= span.last), None)
        if home is not None:
            for what, number in changes.items():
                home.counts[what] = home.counts.get(what, 0) + number
    return found


_CAME = {
    ConsentStep.CONFIRMED: Change.CONFIRMED,
    ConsentStep.ADDED: Change.ADDED,
    ConsentStep.IMPORTED: Change.IMPORTED,
    ConsentStep.RETURNED: Change.RETURNED,
}


def of_step(before: State, step: ConsentStep, after: State, *, is_by_desk: bool) -> Change | None:
    """Returns how a step of consent counts; None where nobody came or left by it."""
    if after is SubscriptionState.ACTIVE and before is not SubscriptionState.ACTIVE:
        return _CAME.get(step, Change.ADDED)
    if after is not SubscriptionState.ENDED:
        return None
    if before is SubscriptionState.PENDING:
        return Change.NEVER_CONFIRMED
    return Change.BY_DESK if is_by_desk else Change.UNSUBSCRIBED


def of_suppression(reason: SuppressionReason) -> Change:
    """Returns how it counts that an address is never mailed from now on."""
    return {
        SuppressionReason.BOUNCED: Change.BOUNCED,
        SuppressionReason.COMPLAINED: Change.COMPLAINED,
        SuppressionReason.ERASED: Change.ERASED,
        SuppressionReason.BY_HAND: Change.BY_DESK,
    }[reason]
