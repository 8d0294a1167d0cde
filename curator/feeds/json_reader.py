"""JSON Feed 1.0 and 1.1 (jsonfeed.org), in feedparser's form."""

import json
from typing import Any

from curator.errors import ParseError
from curator.feeds import referee

MAX_ITEMS = 50_000


def is_json(text: str) -> bool:
    """Tells whether a document is JSON, by how it begins."""
    return text[:1] == "{"


def read_json(text: str, *, url: str, language: str) -> dict[str, Any]:
    """Returns feed and entries, or raises ParseError for JSON that is no feed."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("This begins like JSON but is damaged: it cannot be read as a JSON Feed.") from error
    version = _text(found, "version")
    if "jsonfeed.org/version/1" not in version or not isinstance(_value(found, "items"), list):
        raise ParseError("This is JSON, not a feed. Curator reads RSS, Atom and JSON Feed.")
    feed = {
        "title": _text(found, "title"),
        "title_detail": {"type": "text/plain"},
        "link": _text(found, "home_page_url"),
        "language": _text(found, "language") or language,
        "image": {"href": _text(found, "icon") or _text(found, "favicon")},
    }
    items = [_entry(item, base=url) for item in found["items"][:MAX_ITEMS] if isinstance(item, dict)]
    return {"feed": feed, "entries": items, "version": version}


def _entry(item: dict[str, Any], *, base: str) -> dict[str, Any]:
    dates = {"published_parsed": "date_published", "updated_parsed": "date_modified"}
    media = _list(item, "attachments")
    return {
        "id": _text(item, "id"),
        "link": _text(item, "url") or _text(item, "external_url"),
        "title": _text(item, "title"),
        "title_detail": {"type": "text/plain"},
        "author": _author(item),
        "image": {"href": _text(item, "image") or _text(item, "banner_image")},
        "links": [_enclosure(part) for part in media],
        "itunes_duration": next((length for part in media if (length := _text(part, "duration_in_seconds"))), ""),
        **{key: referee.moment(_text(item, name).strip()) for key, name in dates.items()},
        **_content(item, base=base),
    }


def _content(item: dict[str, Any], *, base: str) -> dict[str, Any]:
    html, plain, summary = (_text(item, name) for name in ("content_html", "content_text", "summary"))
    value = html or plain or summary
    return {
        "summary": value,
        "summary_detail": {"type": "text/html" if html else "text/plain", "value": value, "base": base},
    }


def _author(item: dict[str, Any]) -> str:
    names = [_text(author, "name") for author in _list(item, "authors")]
    return ", ".join(name for name in names if name) or _text(_value(item, "author"), "name")


def _enclosure(part: Any) -> dict[str, str]:
    return {
        "rel": "enclosure",
        "href": _text(part, "url"),
        "type": _text(part, "mime_type"),
        "length": _text(part, "size_in_bytes"),
    }


def _value(thing: Any, key: str) -> Any:
    return thing.get(key) if isinstance(thing, dict) else None


def _text(thing: Any, key: str) -> str:
    """Returns a text or a number (an id may be one, against the standard) as text; else nothing."""
    value = _value(thing, key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:1_000_000]


def _list(thing: Any, key: str) -> list[Any]:
    value = _value(thing, key)
    return value[:100] if isinstance(value, list) else []
