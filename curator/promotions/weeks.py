"""Lays out the calendar of slots: the coming issues' dates by slot, and what is booked in each. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from curator.newsletters.cadence import next_slot
from curator.newsletters.values import Cadence
from curator.promotions import due
from curator.promotions.values import Booking, Promotion, Slot

# A quarter of weekly issues: what sponsors book ahead.
ISSUES = 13


@dataclass(frozen=True)
class Cell:
    """A slot of one issue. `state` is the booking's, else "house" where the house promotion runs, else "free".

    `runs` is what would run if the issue left as things stand.
    """

    slot: Slot
    state: str
    booking: Booking | None
    booked: Promotion | None
    runs: Promotion | None


@dataclass(frozen=True)
class Row:
    """The issue of one date, which is to leave at `at`, with its slots."""

    on: date
    at: datetime
    cells: tuple[Cell, ...]


def coming(cadence: Cadence, *, now: datetime, also: Iterable[date] = (), issues: int = ISSUES) -> list[date]:
    """Returns the dates of the next issues by the newsletter's clock, and of those beside the rhythm, in order."""
    zone = ZoneInfo(cadence.zone)
    today = now.astimezone(zone).date()
    found, after = set(), datetime.combine(today, datetime.min.time(), zone) - timedelta(seconds=1)
    for _ in range(issues):
        slot = next_slot(cadence, after=after)
        found.add(date.fromisoformat(slot.key[:10]))
        after = slot.at
    return sorted(found | {on for on in also if on >= today})


def rows(
    dates: Sequence[tuple[date, datetime]],
    slots: Sequence[Slot],
    bookings: Iterable[Booking],
    promotions: Mapping[int, Promotion],
) -> list[Row]:
    """Returns a row for each date, with a cell for each slot."""
    booked = {(each.slot_id, each.issue_on): each for each in bookings}
    return [
        Row(on, at, tuple(_cell(slot, booked.get((slot.id, on)), promotions, at=at) for slot in slots))
        for on, at in dates
    ]


def _cell(slot: Slot, booking: Booking | None, promotions: Mapping[int, Promotion], *, at: datetime) -> Cell:
    house = promotions.get(slot.house_id or 0)
    known = promotions.get(booking.promotion_id) if booking else None
    runs = due.running(known, booking, house, at=at)
    state = str(booking.state) if booking else "free" if runs is None else "house"
    return Cell(slot, state, booking, known, runs)
