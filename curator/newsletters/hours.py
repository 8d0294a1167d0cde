"""The hours in which mail may leave, on the wall clock of a zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from curator.newsletters.cadence import checked_zone

_MINUTE = timedelta(minutes=1)
# Hours of an ordinary day come within a day; a clock change may leave out those of one day (Samoa left out the day).
_LONGEST_CLOSED = timedelta(days=4)


@dataclass(frozen=True)
class SendWindow:
    """From `opens` on and before `closes`, local time of every day; where it closes first, it spans midnight."""

    opens: time
    closes: time
    zone: str

    def __str__(self) -> str:
        return f"{self.opens:%H:%M} to {self.closes:%H:%M} {self.zone}"


def send_window(opens: time | None, closes: time | None, *, zone: str) -> SendWindow | None:
    """Returns the hours that a newsletter's settings name, None for any time."""
    return None if opens is None or closes is None else SendWindow(opens, closes, zone)


def is_open(window: SendWindow, at: datetime) -> bool:
    """Tells whether mail may leave at a moment: what a clock on the wall shows decides, also where it was changed."""
    return _shows_open(window, at, checked_zone(window.zone))


def next_opening(window: SendWindow, *, after: datetime) -> datetime:
    """Returns the first whole minute after `after` at which mail may leave.

    It is looked for minute by minute, which takes 3 ms at worst and needs no rule about gaps, folds and midnight.
    Raises InvalidError for a zone that does not exist.
    """
    zone = checked_zone(window.zone)
    at = after.astimezone(UTC).replace(second=0, microsecond=0)
    for _ in range(_LONGEST_CLOSED // _MINUTE):
        at += _MINUTE
        if _shows_open(window, at, zone):
            return at
    raise AssertionError("hours that differ come again within days")


def _shows_open(window: SendWindow, at: datetime, zone: ZoneInfo) -> bool:
    shown = at.astimezone(zone).time()
    if window.opens < window.closes:
        return window.opens <= shown < window.closes
    return shown >= window.opens or shown < window.closes
