"""Which slot a newsletter goes on to: after a draft, after an outage, after its cadence was changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.newsletters.cadence import Slot, next_slot
from curator.newsletters.values import Cadence


@dataclass(frozen=True)
class Step:
    """The slot to go on to, and those passed over because their moment is too long ago, oldest first."""

    to: Slot
    missed: tuple[Slot, ...]


def is_missed(at: datetime, *, now: datetime, limit: timedelta) -> bool:
    """Tells whether a due moment is so long ago that a person must decide (an outage, a restored backup)."""
    return now - at > limit


def on_date(key: str) -> str:
    """Returns the local date of a slot's key: a date has one slot at most, whatever its hour was meanwhile."""
    return key[:10]


def following(cadence: Cadence, *, after: datetime, skipped: Collection[str] = ()) -> Slot:
    """Returns the first slot after a moment whose local date is not among the `skipped` ones."""
    slot = next_slot(cadence, after=after)
    while on_date(slot.key) in skipped:
        slot = next_slot(cadence, after=slot.at)
    return slot


def step(cadence: Cadence, present: Slot, *, now: datetime, limit: timedelta, skipped: Collection[str] = ()) -> Step:
    """Returns where to go from the present slot, which is itself among the missed ones when it is too old."""
    missed = []
    slot = present
    while is_missed(slot.at, now=now, limit=limit):
        missed.append(slot)
        slot = following(cadence, after=slot.at, skipped=skipped)
    return Step(following(cadence, after=present.at, skipped=skipped) if slot is present else slot, tuple(missed))


def first_slot(cadence: Cadence, *, now: datetime, drafted: str | None, skipped: Collection[str] = ()) -> Slot:
    """Returns the first slot after now on a later local date than `drafted`, the newest key that has its issue.

    So a change of the hour does not draft a second issue for a date that has one. Dates in `skipped` are passed over.
    """
    slot = following(cadence, after=now, skipped=skipped)
    while drafted is not None and on_date(slot.key) <= on_date(drafted):
        slot = following(cadence, after=slot.at, skipped=skipped)
    return slot


def coming(cadence: Cadence, *, after: datetime, number: int) -> list[Slot]:
    """Returns the next slots after a moment in their order, those that are skipped among them."""
    found: list[Slot] = []
    while len(found) < number:
        found.append(next_slot(cadence, after=found[-1].at if found else after))
    return found


def missed_note(missed: tuple[Slot, ...], *, now: datetime) -> str:
    """Returns what an editor reads about slots that were passed over."""
    oldest, newest = missed[0], missed[-1]
    if len(missed) == 1:
        which = f"The slot of {wall(oldest)} was missed by {in_words(now - oldest.at)}"
    else:
        which = f"{len(missed)} slots from {wall(oldest)} to {wall(newest)} were missed"
    return f"{which}, so nothing was drafted. Start the issue by hand."


def in_words(span: timedelta) -> str:
    """Returns a span in whole days from two days on, in whole hours below: "3 days", "1 hour"."""
    hours = int(span / timedelta(hours=1))
    number, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def span(waited: timedelta) -> str:
    """Returns a time of waiting in words, below two hours in whole minutes."""
    return in_words(waited) if waited >= timedelta(hours=2) else f"{waited // timedelta(minutes=1)} minutes"


def wall(slot: Slot) -> str:
    """Returns a slot's wished wall-clock time: "Tue 10 Nov 07:00"."""
    wished = datetime.fromisoformat(slot.key)
    return f"{wished:%a} {wished.day} {wished:%b %H:%M}"
