"""Short words of feeds as what they mean: durations, numbers, languages."""

import re
from datetime import timedelta

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8}){0,2}")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(?:(\d{1,6}):)?(\d{1,8})(?:[.,]\d*)?", re.ASCII)
_FINE_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,8}(?:\.\d{0,9})?)", re.ASCII)
_NUMBER = re.compile(r"(\d{1,18})(?:\.\d*)?", re.ASCII)
_LONGEST = timedelta(days=10)


def duration_s(text: str) -> int | None:
    """Returns the seconds in "1:02:03", "62:03" or "3723" (fractions dropped); None when it is none of them."""
    match = _CLOCK.fullmatch(text.strip()[:40])
    if not match:
        return None
    first, second, last = (int(part) if part else None for part in match.groups())
    minutes = (first or 0) * 60 + second if second is not None else (first or 0)
    found = minutes * 60 + (last or 0)
    return found if 0 < found <= _LONGEST.total_seconds() else None


def seconds(text: str) -> float | None:
    """Returns the seconds in "0:03:07.500", "3:07" or "187.5", 0 included; None when it is none of them."""
    match = _FINE_CLOCK.fullmatch(text.strip()[:40])
    if not match:
        return None
    hours, minutes, last = match.groups()
    found = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(last)
    return round(found, 3) if found <= _LONGEST.total_seconds() else None


def whole(text: str, *, low: int, high: int) -> int | None:
    """Returns a whole number between two bounds, a fraction dropped; None when it is none."""
    match = _NUMBER.fullmatch(text.strip()[:100])
    return number if match and low <= (number := int(match[1])) <= high else None


def language_of(text: str) -> str | None:
    """Returns a language's tag as BCP 47 writes it, None for what is none."""
    match = _LANGUAGE.fullmatch(text.strip()[:40])
    return match[0].replace("_", "-")[:20] if match else None
