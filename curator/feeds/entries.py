"""An entry of a feed, as feedparser or another reader gives it, to an item: bounded and cleaned."""

import calendar
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from curator.feeds.identity import Sighting, identities
from curator.feeds.normalize import canonical_url, clean, cleaned, html_of, one_line, plain_text
from curator.feeds.values import ItemKind, ParsedEnclosure, ParsedEpisode, ParsedItem, is_audio
from curator.feeds.words import duration_s, whole
from curator.http.urls import absolute_url

MAX_TEXT = 10_000
MAX_TITLE = 500
MAX_AUTHOR = 300
MAX_ENCLOSURES = 20

Facts = Callable[[], ParsedEpisode]
"""Reads the audio facts of one item; called for those that have audio."""


def items_of(entries: Sequence[Any], *, base: str, facts: Sequence[Facts] | None) -> tuple[ParsedItem, ...]:
    """Returns the items of a document's entries, links absolute against `base`; one for each identity.

    `facts` are in the entries' order; None where nobody can say which belong to which entry.
    """
    drafts = [_item(entry, base=base, facts=facts[place] if facts else None) for place, entry in enumerate(entries)]
    sightings = [
        Sighting(
            guid=clean(string(entry, "id")).strip(),
            link=draft.url or "",
            enclosure=draft.enclosures[0].url if draft.enclosures else "",
            content=draft.title + "\n" + draft.summary_text,
        )
        for entry, draft in zip(entries, drafts, strict=True)
    ]
    kept: dict[str, ParsedItem] = {}
    for identity, draft in zip(identities(sightings), drafts, strict=True):
        kept.setdefault(identity, _with_identity(draft, identity))
    return tuple(kept.values())


def _item(entry: Any, *, base: str, facts: Facts | None) -> ParsedItem:
    html, whole_text = _content(entry, base=base)
    enclosures = _enclosures(entry, base=base)
    has_audio = any(is_audio(enclosure.media_type, enclosure.url) for enclosure in enclosures)
    link = absolute_url(string(entry, "link"), base=base)
    text = whole_text[:MAX_TEXT]
    published_at = _published_at(entry)
    is_believable = published_at is None or 1970 < published_at.year < 9000
    title = line_of(entry, "title", limit=MAX_TITLE)
    return ParsedItem(
        identity="",
        kind=ItemKind.EPISODE if has_audio else ItemKind.ARTICLE,
        url=link,
        canonical_url=canonical_url(link) if link else None,
        title=title or one_line(text, limit=120) or _name_of(link) or "Untitled",
        author=_author(entry),
        summary_html=html,
        summary_text=text,
        image_url=image_of(entry, base=base),
        published_at=published_at if is_believable else None,
        content_hash="",
        enclosures=enclosures,
        episode=(facts() if facts else _episode(entry)) if has_audio else None,
        is_date_odd=not is_believable,
    )


def _with_identity(draft: ParsedItem, identity: str) -> ParsedItem:
    facts = {name: value for name, value in vars(draft).items() if name not in ("identity", "content_hash")}
    written = json.dumps(facts, default=lambda value: str(value) if isinstance(value, datetime) else vars(value))
    return ParsedItem(**{**vars(draft), "identity": identity, "content_hash": _sha256(written)})


def _enclosures(entry: Any, *, base: str) -> tuple[ParsedEnclosure, ...]:
    links = [link for link in _list(entry, "links") if string(link, "rel") == "enclosure"]
    media = [part for part in _list(entry, "media_content") if is_audio(string(part, "type"), "")]
    found: dict[str, ParsedEnclosure] = {}
    for part in [*links, *media]:
        url = absolute_url(string(part, "href") or string(part, "url"), base=base)
        if url and url not in found and len(found) < MAX_ENCLOSURES:
            size = whole(string(part, "length") or string(part, "filesize"), low=1, high=2**62)
            found[url] = ParsedEnclosure(url, one_line(string(part, "type"), limit=100).lower(), size)
    return tuple(found.values())


def _episode(entry: Any) -> ParsedEpisode:
    return ParsedEpisode(
        duration_s=duration_s(string(entry, "itunes_duration")),
        season=whole(string(entry, "itunes_season"), low=0, high=100_000),
        number=whole(string(entry, "itunes_episode"), low=0, high=1_000_000),
        episode_type=one_line(string(entry, "itunes_episodetype"), limit=20).lower() or None,
    )


def _published_at(entry: Any) -> datetime | None:
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = _value(entry, key)
        if parts is None:
            continue
        if isinstance(parts, datetime):
            return parts
        try:
            moment = datetime.fromtimestamp(calendar.timegm(parts), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        return moment
    return None


def _content(entry: Any, *, base: str) -> tuple[str, str]:
    detail = _value(entry, "summary_detail")
    contents = _list(entry, "content")
    if not (string(entry, "summary").strip() and detail) and contents:
        detail = contents[0]
    if not isinstance(detail, dict):
        return "", ""
    value, kind = string(detail, "value"), string(detail, "type")
    if kind == "text/plain":
        value = html_of(value[:20_000])
    elif kind == "application/xhtml+xml":
        value = value.replace("</br>", "")  # feedparser closes every element, and HTML takes that for a second break
    elif kind not in ("text/html", ""):
        return "", ""
    # xml:base reaches the detail; without one feedparser puts the document's own URL there.
    return cleaned(value, base_url=string(detail, "base") or base)


def line_of(thing: Any, key: str, *, limit: int) -> str:
    """Returns a title as one line of plain text."""
    value = string(thing, key)[:20_000]
    if string(_value(thing, f"{key}_detail"), "type") == "text/plain":
        # A "<" means itself here; entities do not, titles are often encoded once too often.
        value = value.replace("<", "&lt;")
    return one_line(plain_text(value), limit=limit)


def _author(entry: Any) -> str:
    named = string(_value(entry, "author_detail"), "name") or string(entry, "author")
    return one_line(plain_text(named[:2000]), limit=MAX_AUTHOR)


def image_of(thing: Any, *, base: str) -> str | None:
    """Returns the picture of a feed or an entry."""
    candidates = [string(_value(thing, "image"), "href")]
    candidates += [string(part, "url") for part in _list(thing, "media_thumbnail")[:3]]
    candidates += [
        string(part, "url") for part in _list(thing, "media_content")[:3] if string(part, "medium") == "image"
    ]
    return next((url for text in candidates if text and (url := absolute_url(text, base=base))), None)


def _name_of(url: str | None) -> str:
    return one_line(urlsplit(url).hostname or "", limit=120) if url else ""


def _value(thing: Any, key: str) -> Any:
    # Not thing.get(): FeedParserDict answers for other keys too, with a warning.
    return dict.get(thing, key) if isinstance(thing, dict) else None


def string(thing: Any, key: str) -> str:
    """Returns a text of an entry, empty where there is none."""
    value = _value(thing, key)
    return value if isinstance(value, str) else ""


def _list(thing: Any, key: str) -> list[Any]:
    value = _value(thing, key)
    return value if isinstance(value, list) else []


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
