"""Reads a pool and picks of elsewhere, JSON a line, gzipped or not, one line at a time."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curator.errors import InvalidError
from curator.feeds.normalize import canonical_url
from curator.picks.taste.replay import Printed
from curator.picks.taste.values import Facts


def pool(path: Path, *, feed: str | None = None) -> Iterator[Facts]:
    """Yields the items of a pool as they lie: day, pub, srcs, title, text, url, points, comments.

    With `feed` only those that this feed has, and only it as their source. Raises InvalidError (field "pool").
    """
    for number, line in _lines(path, "pool"):
        try:
            sources = [str(each) for each in line["srcs"]]
            if feed is None or feed in sources:
                yield _facts(line, [feed] if feed else sources)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidError("pool", f"Line {number} of {path.name} is no item: {error!r}") from error


def printed(path: Path, newsletter: str) -> list[Printed]:
    """Returns what a newsletter ran: date, newsletter, issue, title, url. Raises InvalidError (field "picks")."""
    found = []
    for number, line in _lines(path, "picks"):
        try:
            if line["newsletter"] == newsletter:
                found.append(_printed(line))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidError("picks", f"Line {number} of {path.name} is no pick: {error!r}") from error
    if not found:
        raise InvalidError("newsletter", f"{path.name} has no picks of a newsletter {newsletter}.")
    return found


def _lines(path: Path, field: str) -> Iterator[tuple[int, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise InvalidError(field, f"{path.name} cannot be read as JSON lines: {error}") from error


def _facts(line: Any, sources: list[str]) -> Facts:
    url = str(line["url"] or "")
    return Facts(
        key=canonical_url(url) or url,
        title=str(line["title"] or ""),
        text=str(line["text"] or "")[:400],
        url=url,
        feed=sources[0] if sources else "",
        sources=len(sources),
        points=line.get("points"),
        comments=line.get("comments"),
        first_seen_at=_seen_at(line),
    )


def _seen_at(line: Any) -> datetime:
    """The day that a line stands under counts; the hour is the feed's, where it speaks of the same day."""
    day = datetime.fromisoformat(line["day"]).replace(tzinfo=UTC)
    published = datetime.fromisoformat(line["pub"]) if line.get("pub") else day
    published = published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC)
    return published if published.date() == day.date() else day


def _printed(line: Any) -> Printed:
    url = str(line["url"])
    issue = line.get("issue")
    facts = Facts(key=canonical_url(url) or url, title=str(line.get("title") or ""), url=url)
    at = datetime.fromisoformat(line["date"]).replace(tzinfo=UTC)
    return Printed(facts=facts, at=at, issue=f"issue {issue}" if issue else "")
