"""The hours and days in which a feed asks to be left alone (skipHours and skipDays of RSS 2.0)."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

_HOUR = timedelta(hours=1)
_WEEK = 7 * 24
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def after_skips(at: datetime, *, hours: Collection[int], days: Collection[int]) -> datetime:
    """Returns the first moment from `at` on that lies in none of the hours (0 to 23, UTC) and days (0 is Monday).

    A feed that skips all of them is not believed: `at` itself is returned.
    """
    if not hours and not days:
        return at
    free = at.astimezone(UTC)
    for _ in range(_WEEK + 24):
        if free.hour not in hours and free.weekday() not in days:
            return max(at, free)
        free = free.replace(minute=0, second=0, microsecond=0) + _HOUR
    return at


def skipped(at: datetime, *, days: Collection[int]) -> str:
    """Returns what stood in the way at a moment, in words: "on Saturday and Sunday", "at 3:00 UTC"."""
    utc = at.astimezone(UTC)
    if utc.weekday() in days:
        return "on " + " and ".join(_DAYS[day] for day in sorted(set(days)) if 0 <= day < 7)
    return f"at {utc.hour}:00 UTC"
