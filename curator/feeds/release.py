"""When the next episode of a show is expected, judged by the hours of its newest ones."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

EARLY, LATE = timedelta(hours=1), timedelta(hours=2)
"""How long before and after the usual hour begins its episode is waited for."""

QUARTER = timedelta(minutes=15)
_FEWEST = 3
"""Episodes that make a habit; two may be chance."""


def expected(published: Sequence[datetime], *, now: datetime) -> tuple[datetime, datetime] | None:
    """Returns the next window (or the present one) in which an episode usually comes, None without a habit.

    The habit is the hour at which most of the episodes came, on the weekdays on which they came then. A window whose
    episode has come already is over.
    """
    moments = [each.astimezone(UTC) for each in published]
    hour, weekdays = _habit(moments)
    if hour is None:
        return None
    newest = max(moments)
    today = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    for days in range(-1, 8):
        usual = today + timedelta(days=days)
        begins, ends = usual - EARLY, usual + LATE
        if usual.weekday() in weekdays and ends > now and newest < begins:
            return begins, ends
    return None


def every_quarter(window: tuple[datetime, datetime], *, spread: float, now: datetime) -> datetime:
    """Returns the next moment to look: the window's beginning, or a quarter of an hour from now within it."""
    begins, _ = window
    return begins if now < begins else now + QUARTER * spread


def _habit(moments: Sequence[datetime]) -> tuple[int | None, frozenset[int]]:
    hours = Counter(each.hour for each in moments)
    if not hours:
        return None, frozenset()
    hour, times = min(hours.items(), key=lambda found: (-found[1], found[0]))
    if times < max(_FEWEST, (len(moments) + 1) // 2):
        return None, frozenset()
    return hour, frozenset(each.weekday() for each in moments if each.hour == hour)
