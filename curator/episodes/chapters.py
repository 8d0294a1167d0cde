"""Chapters in JSON, as the podcast namespace has them."""

import json

from curator.errors import ParseError
from curator.feeds.decode import text_of
from curator.feeds.normalize import one_line
from curator.feeds.values import Chapter
from curator.http.urls import absolute_url

MAX_CHAPTERS = 500
_MAX_BYTES = 2_000_000
_MAX_S = 100 * 3600


def chapters(body: bytes, *, content_type: str = "", base_url: str = "") -> tuple[Chapter, ...]:
    """Returns the chapters of a JSON document in their order; a start that cannot be is None.

    A start cannot be when it is no number, lies beyond 100 hours or before an earlier chapter's. Chapters that are to
    be hidden ("toc": false) and such without a title are left out. Raises ParseError.
    """
    if len(body) > _MAX_BYTES:
        raise ParseError(f"The chapters have {len(body) / 1e6:.1f} MB; at most {_MAX_BYTES / 1e6:.0f} MB are read.")
    try:
        read = json.loads(text_of(body, content_type=content_type))
    except (ValueError, RecursionError) as error:
        raise ParseError("The chapters are meant to be JSON, but that is broken off or damaged.") from error
    listed = read.get("chapters") if isinstance(read, dict) else None
    if not isinstance(listed, list):
        raise ParseError("The JSON has no list of chapters in it.")
    found: list[Chapter] = []
    latest = 0.0
    for each in listed:
        title = one_line(str(each.get("title") or ""), limit=300) if isinstance(each, dict) else ""
        if not title or each.get("toc") is False or len(found) == MAX_CHAPTERS:
            continue
        start_s = _start(each.get("startTime"), latest)
        latest = latest if start_s is None else start_s
        found.append(Chapter(start_s, title, _link(each.get("url"), base_url), _link(each.get("img"), base_url)))
    return tuple(found)


def _start(value: object, latest: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        start_s = float(value)
    except (ValueError, OverflowError):
        return None
    return start_s if latest <= start_s <= _MAX_S else None


def _link(value: object, base_url: str) -> str | None:
    return absolute_url(value, base=base_url) if isinstance(value, str) and value.strip() else None
