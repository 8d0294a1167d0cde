"""The trends of a foreign pool of items, one JSON object a line, as an answer for machines."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from curator.errors import InvalidError
from curator.picks.trends.rising import Floor, Span, ranked, tallied
from curator.picks.trends.sparkline import words
from curator.picks.trends.values import Told, Trend

_MOST_ITEMS = 2_000_000
_LONGEST_LINE = 1_000_000
# Its past is some years long, and the calendar has a first day.
_FIRST_YEAR = 1970


def pool_trends(
    path: Path, *, on: date, days: int, past_days: int | None = None, limit: int = 20, blocked: Sequence[str] = ()
) -> dict[str, object]:
    """Returns the rising terms of a file of items, each with rank, score and evidence.

    A line has `day`, `title` and, when known, `srcs` (names of feeds) and `url`; a name that ends in .gz is unpacked. A
    pool of a single feed cannot ask for two: then one is enough, and a term of one item too. Raises InvalidError when
    the file cannot be read.
    """
    span = span_of(on=on, days=days, past_days=past_days)
    urls: dict[int, str] = {}
    items = list(_within(_lines(path), span, urls))
    floor = Floor() if len({feed for each in items for feed in each.feeds}) > 1 else Floor(items=1, feeds=1)
    tally = tallied(items, span=span, blocked=blocked, floor=floor)
    found = ranked(tally, limit=limit)
    by_id = {each.id: each for each in items}
    return {
        "on": on.isoformat(),
        "days": days,
        "past_days": span.past_days,
        "items": tally.of_items,
        "past_items": tally.past_of_items,
        "least_items": floor.items,
        "least_feeds": floor.feeds,
        "terms": [_told(rank, trend, by_id, urls) for rank, trend in enumerate(found, start=1)],
    }


def span_of(*, on: date, days: int, past_days: int | None = None) -> Span:
    """Returns the window of so many days that ends on a day; its past is 28 days or three windows unless given."""
    if not 1 <= days <= 366:
        raise InvalidError("days", "A window has 1 to 366 days.")
    if on.year < _FIRST_YEAR:
        raise InvalidError("on", f"A window ends in {_FIRST_YEAR} or later.")
    return Span(on, days, past_days or max(28, 3 * days))


def _lines(path: Path) -> Iterator[Mapping[str, object]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if number > _MOST_ITEMS or len(line) > _LONGEST_LINE:
                    raise InvalidError("pool", f"Line {number} of {path.name} is beyond what a pool may hold.")
                if line.strip():
                    yield _object(line, number, path)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InvalidError("pool", f"{path.name} cannot be read: {error}.") from error


def _object(line: str, number: int, path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidError("pool", f"Line {number} of {path.name} is not JSON.") from error
    if not isinstance(found, dict):
        raise InvalidError("pool", f"Line {number} of {path.name} is not a JSON object.")
    return found


def _within(lines: Iterable[Mapping[str, object]], span: Span, urls: dict[int, str]) -> Iterator[Told]:
    """Yields the items of the span, and keeps their addresses; lines without a day or a title are passed over."""
    first, last = span.past_first_on.isoformat(), span.on.isoformat()
    for number, line in enumerate(lines, start=1):
        day, title = line.get("day"), line.get("title")
        if not isinstance(day, str) or not isinstance(title, str) or not first <= day[:10] <= last:
            continue
        try:
            on = date.fromisoformat(day[:10])
        except ValueError:
            continue
        urls[number] = str(line.get("url") or "")
        yield Told(number, title, _feeds(line), on)


def _feeds(line: Mapping[str, object]) -> tuple[str, ...]:
    named = line.get("srcs")
    feeds = tuple(sorted({str(each) for each in named})) if isinstance(named, list) else ()
    return feeds or ("the pool",)


def _told(rank: int, trend: Trend, by_id: Mapping[int, Told], urls: Mapping[int, str]) -> dict[str, object]:
    return {
        "term": trend.term,
        "rank": rank,
        "score": trend.score,
        "also": list(trend.also),
        "evidence": {
            "items": trend.items,
            "past_items": trend.past_items,
            "factor": trend.factor,
            "first_seen": trend.first_seen_on.isoformat(),
            "feeds": dict(trend.feeds),
            "daily": list(trend.daily),
            "in_words": words(trend.daily),
            "examples": [_example(by_id[item_id], urls) for item_id in trend.item_ids],
        },
    }


def _example(item: Told, urls: Mapping[int, str]) -> dict[str, object]:
    return {"title": item.title, "url": urls[item.id], "feeds": list(item.feeds), "day": item.on.isoformat()}
