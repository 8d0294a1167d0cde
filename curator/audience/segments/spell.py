"""Writes a filter in the language's own words, so that reading it again gives the same filter. Pure."""

import re
from typing import assert_never

from curator.audience.segments.values import (
    All,
    Before,
    CameFrom,
    Did,
    Ever,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Some,
    Tagged,
    When,
    Within,
)

_BARE = re.compile(r"[\w./*@+&-]+")


def spelled(filter_: Filter) -> str:  # noqa: PLR0911 - one for each kind of term
    """Returns the text of a filter."""
    match filter_:
        case Tagged(name):
            return f"tag:{_name(name)}"
        case Interested(name):
            return f"interest:{_name(name)}"
        case CameFrom(source):
            return f"source:{_name(source)}"
        case Is(fact):
            return f"is:{fact.value}"
        case Did(deed, when):
            return f"{deed.value}{_when(when)}"
        case Not(part):
            return f"not {_within_brackets(part, All, Some)}"
        case All(parts):
            return " and ".join(_within_brackets(part, All, Some) for part in parts)
        case Some(parts):
            return " or ".join(_within_brackets(part, Some) for part in parts)
        case _:
            assert_never(filter_)


def _when(when: When) -> str:
    match when:
        case Ever():
            return ""
        case Within(days):
            return f" within {days} {'day' if days == 1 else 'days'}"
        case Before(day):
            return f" before {day.isoformat()}"
        case Since(day):
            return f" since {day.isoformat()}"
        case _:
            assert_never(when)


def _within_brackets(part: Filter, *kinds: type) -> str:
    return f"({spelled(part)})" if isinstance(part, kinds) else spelled(part)


def _name(name: str) -> str:
    if _BARE.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
