"""Times as transcripts write them, in milliseconds."""

import math
import re

PATTERN = r"(?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,3})?"
"""1:02:03.500, 62:03, 00:12; what a line of a transcript may write before or behind a name."""

_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?")


def from_clock(text: str) -> int | None:
    """Returns the time of "01:02:03.5" (or with a comma, or without hours), None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    is_odd = int(seconds) > 59 or (hours is not None and int(minutes) > 59)
    return None if is_odd else whole * 1000 + int((fraction or "0").ljust(3, "0"))


def from_seconds(value: object) -> int | None:
    """Returns the time of a number of seconds, given as a number or its text; None for anything else."""
    if isinstance(value, str) and ":" in value:
        return from_clock(value)
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return round(seconds * 1000) if 0 <= seconds < 1e9 else None


def clock(ms: int) -> str:
    """Returns a time as people write it: "1:02:03", "2:03"."""
    hours, rest = divmod(ms // 1000, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
