"""Dates as other tools write them."""

import re
from datetime import UTC, datetime, timedelta

# 2021-03-04, 2021-03-04 05:06:07, 2021-03-04T05:06:07.123Z, ...+0000 UTC (what Go prints), ... UTC (what Ruby prints)
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?(?:\s+[A-Z]{3,4})?)?",
)
_SLASHED = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?:[, ]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?")
_UNIX = re.compile(r"\d{9,10}(?:\.\d+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(r"(?:([A-Za-z]{3,9})\.? (\d{1,2})|(\d{1,2})\.? ([A-Za-z]{3,9})\.?),? (\d{4})(?:,? .*)?")


def moment(text: str) -> datetime | None:
    """Returns the moment that a cell names, in UTC (where it names no zone, UTC is meant); None when none is plain.

    Of 3/4/2021 nobody can tell the day from the month, so it is none; 13/4/2021 and 4/13/2021 are plain.
    """
    text = text.strip()
    try:
        found = _quick(text) or _iso(text) or _slashed(text) or _unix(text) or _named(text)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and 1990 <= found.year < 2200 else None


def _quick(text: str) -> datetime | None:
    """Returns what the standard library reads, ten times as fast as any pattern."""
    if text[4:5] != "-":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    return at - _offset(zone)


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "")
    found = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return found if zone[0] == "+" else -found


def _slashed(text: str) -> datetime | None:
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    first, sign, second, year, hour, minute, seconds, half = found.groups()
    # With dots it is the day that comes first, everywhere.
    day, month = int(first), int(second)
    if sign == "/" and month > 12:
        day, month = month, day
    elif sign == "/" and day <= 12 and day != month:
        return None
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return datetime(int(year), month, day, hours, int(minute or 0), int(seconds or 0), tzinfo=UTC)


def _unix(text: str) -> datetime | None:
    return datetime.fromtimestamp(float(text), UTC) if _UNIX.fullmatch(text) else None


def _named(text: str) -> datetime | None:
    found = _NAMED.fullmatch(text)
    if found is None:
        return None
    month_before, day_after, day_before, month_after, year = found.groups()
    name = (month_before or month_after)[:3].lower()
    if name not in _MONTHS:
        return None
    return datetime(int(year), _MONTHS.index(name) + 1, int(day_after or day_before), tzinfo=UTC)
