"""One page of the list of subscribers, with what leads on and back from it."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from curator.audience.matching import store as matching
from curator.audience.segments import store as segments
from curator.audience.segments.values import Count
from curator.audience.tags import store as tags
from curator.audience.tags.values import TagRow
from curator.audience.values import SubscriberRow
from curator.db import Session, at_most
from curator.errors import TooSlowError
from curator.web.desk import asked
from curator.web.desk.asked import Asked
from curator.web.forms import key

PAGE = 50

_LONGEST = timedelta(seconds=8)
"""A list that nobody wants to wait for: who asks for a few among a million is asked to say it closer."""


@dataclass(frozen=True)
class Listed:
    """The rows with their tags, the addresses of the pages around them, and how many fit (None: everybody is shown)."""

    rows: list[SubscriberRow]
    tags: dict[int, list[TagRow]]
    known_tags: list[TagRow]
    known_interests: list[str]
    newer: str
    older: str
    fits: Count | None
    unknown: tuple[str, ...]
    is_too_slow: bool
    export: str


def listed(session: Session, of: Asked) -> Listed:
    """Returns the page that the address names, a fixed number of queries; nothing where the filter is refused."""
    known_tags, interests = tags.tags(session), segments.interests(session, of.newsletter.id)
    empty = Listed([], {}, known_tags, interests, "", "", None, (), is_too_slow=False, export="")
    if not of.form.is_good:
        return empty
    where = asked.scope(session, of)
    after, before = key(request.args.get("after")), key(request.args.get("before"))
    place = {"before": before} if before is not None else {"after": after}
    try:
        with at_most(session, _LONGEST):
            rows = matching.page(session, of.wanted, where, **place, limit=PAGE + 1)
    except TooSlowError:
        return Listed([], {}, known_tags, interests, "", "", None, where.unknown, is_too_slow=True, export="")
    has_more = len(rows) > PAGE
    rows = rows[-PAGE:] if before is not None else rows[:PAGE]
    is_behind = after is not None if before is None else has_more
    has_older = has_more if before is None else bool(rows)
    return Listed(
        rows=rows,
        tags=tags.of(session, [row.id for row in rows]),
        known_tags=known_tags,
        known_interests=interests,
        newer=of.address(before=rows[0].id) if rows and is_behind else "",
        older=of.address(after=rows[-1].id) if rows and has_older else "",
        fits=None if of.wanted.is_everybody else asked.count(session, of, where),
        unknown=where.unknown,
        is_too_slow=False,
        export=_export(of),
    )


def _export(of: Asked) -> str:
    """Returns where the readers of the list can be had as a file, empty where that is not built in."""
    path = "/desk/subscribers/export"
    try:
        current_app.url_map.bind("desk").match(path, method="GET")
    except HTTPException:
        return ""
    return of.address().replace("/desk/subscribers?", f"{path}?")
