"""Bytes to a parsed feed: feedparser reads, this file bounds and cleans what it found."""

import calendar
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from curator.errors import ParseError
from curator.feeds.decode import text_of
from curator.feeds.identity import Sighting, identities
from curator.feeds.normalize import canonical_url, clean, html_of, one_line, plain_text, safe_html
from curator.feeds.reader import read
from curator.feeds.values import FeedKind, ItemKind, ParsedEnclosure, ParsedEpisode, ParsedFeed, ParsedItem, is_audio
from curator.http.urls import absolute_url

MAX_TEXT = 10_000
MAX_TITLE = 500
MAX_AUTHOR = 300
MAX_ENCLOSURES = 20

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8}){0,2}")


def parsed_feed(body: bytes, *, url: str, headers: Mapping[str, str]) -> ParsedFeed:
    """Returns the feed in `body`, cleaned and bounded, its links absolute against `url`.

    `headers` are the response's, with lower-case names. Whatever goes wrong is a ParseError in an editor's words;
    a feed that is broken but has items is taken as far as it goes.
    """
    try:
        return _parsed(body, url, headers)
    except (ParseError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a Rust library (nh3) derives from BaseException
        raise ParseError("The document cannot be read: it is damaged in a way that no reader expects.") from error


def _parsed(body: bytes, url: str, headers: Mapping[str, str]) -> ParsedFeed:
    text = text_of(body, content_type=headers.get("content-type", "")).strip("\x00 \t\r\n")
    found = read(text, url=url, language=headers.get("content-language", ""))
    entries: list[Any] = found["entries"]
    if not entries and (not found.get("version") or found.get("bozo")):
        raise ParseError(_why_not(text, found.get("bozo_exception")))
    feed = found["feed"]
    items = _items(entries, base=url)
    is_podcast = any(item.kind is ItemKind.EPISODE for item in items)
    return ParsedFeed(
        kind=FeedKind.PODCAST if is_podcast else FeedKind.ARTICLE,
        title=_line(feed, "title", limit=MAX_TITLE),
        site_url=absolute_url(_string(feed, "link"), base=url),
        language=_language(_string(feed, "language")),
        image_url=_image(feed, base=url),
        ttl_minutes=_whole(_string(feed, "ttl"), low=1, high=60 * 24 * 31),
        items=items,
    )


def _why_not(text: str, trouble: object) -> str:
    start = text[:2000].lower()
    if not text:
        return "The document is empty."
    if "<!doctype html" in start or "<html" in start:
        return "This is a web page, not a feed. Look on it for a link named RSS, Atom or podcast feed, and add that."
    if start.startswith("{"):
        return "This is JSON, not a feed. Curator reads RSS and Atom."
    if not start.startswith("<"):
        return "This is not a feed: RSS and Atom begin with a tag."
    line = getattr(trouble, "getLineNumber", lambda: None)()
    where = f" (line {line})" if isinstance(line, int) else ""
    return f"The document is XML but no feed that can be read: no RSS or Atom items in it{where}."


def _items(entries: Sequence[Any], *, base: str) -> tuple[ParsedItem, ...]:
    drafts = [_item(entry, base=base) for entry in entries]
    sightings = [
        Sighting(
            guid=clean(_string(entry, "id")).strip(),
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


def _item(entry: Any, *, base: str) -> ParsedItem:
    html = _html(entry, base=base)
    enclosures = _enclosures(entry, base=base)
    has_audio = any(is_audio(enclosure.media_type, enclosure.url) for enclosure in enclosures)
    link = absolute_url(_string(entry, "link"), base=base)
    text = plain_text(html)[:MAX_TEXT]
    title = _line(entry, "title", limit=MAX_TITLE)
    return ParsedItem(
        identity="",
        kind=ItemKind.EPISODE if has_audio else ItemKind.ARTICLE,
        url=link,
        canonical_url=canonical_url(link) if link else None,
        title=title or one_line(text, limit=120) or _name_of(link) or "Untitled",
        author=_author(entry),
        summary_html=html,
        summary_text=text,
        image_url=_image(entry, base=base),
        published_at=_published_at(entry),
        content_hash="",
        enclosures=enclosures,
        episode=_episode(entry) if has_audio else None,
    )


def _with_identity(draft: ParsedItem, identity: str) -> ParsedItem:
    facts = {name: value for name, value in vars(draft).items() if name not in ("identity", "content_hash")}
    written = json.dumps(facts, default=lambda value: str(value) if isinstance(value, datetime) else vars(value))
    return ParsedItem(**{**vars(draft), "identity": identity, "content_hash": _sha256(written)})


def _enclosures(entry: Any, *, base: str) -> tuple[ParsedEnclosure, ...]:
    links = [link for link in _list(entry, "links") if _string(link, "rel") == "enclosure"]
    media = [part for part in _list(entry, "media_content") if is_audio(_string(part, "type"), "")]
    found: dict[str, ParsedEnclosure] = {}
    for part in [*links, *media]:
        url = absolute_url(_string(part, "href") or _string(part, "url"), base=base)
        if url and url not in found and len(found) < MAX_ENCLOSURES:
            size = _whole(_string(part, "length") or _string(part, "filesize"), low=1, high=2**62)
            found[url] = ParsedEnclosure(url, one_line(_string(part, "type"), limit=100).lower(), size)
    return tuple(found.values())


def _episode(entry: Any) -> ParsedEpisode:
    return ParsedEpisode(
        duration_s=duration_s(_string(entry, "itunes_duration")),
        season=_whole(_string(entry, "itunes_season"), low=0, high=100_000),
        number=_whole(_string(entry, "itunes_episode"), low=0, high=1_000_000),
        episode_type=one_line(_string(entry, "itunes_episodetype"), limit=20).lower() or None,
    )


def duration_s(text: str) -> int | None:
    """Returns the seconds in "1:02:03", "62:03" or "3723" (fractions dropped); None when it is none of them."""
    match = re.fullmatch(r"(?:(\d{1,4}):)?(?:(\d{1,6}):)?(\d{1,8})(?:[.,]\d*)?", text.strip()[:40], re.ASCII)
    if not match:
        return None
    first, second, last = (int(part) if part else None for part in match.groups())
    minutes = (first or 0) * 60 + second if second is not None else (first or 0)
    seconds = minutes * 60 + (last or 0)
    return seconds if 0 < seconds <= timedelta(days=10).total_seconds() else None


def _published_at(entry: Any) -> datetime | None:
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = _value(entry, key)
        if parts is None:
            continue
        try:
            moment = datetime.fromtimestamp(calendar.timegm(parts), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        # The first of January 1970 is what a clock says that was never set.
        return moment if 1970 < moment.year < 9000 else None
    return None


def _html(entry: Any, *, base: str) -> str:
    detail = _value(entry, "summary_detail")
    contents = _list(entry, "content")
    if not (_string(entry, "summary").strip() and detail) and contents:
        detail = contents[0]
    if not isinstance(detail, dict):
        return ""
    value, kind = _string(detail, "value"), _string(detail, "type")
    if kind == "text/plain":
        value = html_of(value[:20_000])
    elif kind not in ("text/html", "application/xhtml+xml", ""):
        return ""
    # xml:base reaches the detail; without one feedparser puts the document's own URL there.
    return safe_html(value, base_url=_string(detail, "base") or base)


def _line(thing: Any, key: str, *, limit: int) -> str:
    value = _string(thing, key)[:20_000]
    if _string(_value(thing, f"{key}_detail"), "type") == "text/plain":
        # A "<" means itself here; entities do not, titles are often encoded once too often.
        value = value.replace("<", "&lt;")
    return one_line(plain_text(value), limit=limit)


def _author(entry: Any) -> str:
    named = _string(_value(entry, "author_detail"), "name") or _string(entry, "author")
    return one_line(plain_text(named[:2000]), limit=MAX_AUTHOR)


def _image(thing: Any, *, base: str) -> str | None:
    candidates = [_string(_value(thing, "image"), "href")]
    candidates += [_string(part, "url") for part in _list(thing, "media_thumbnail")[:3]]
    candidates += [
        _string(part, "url") for part in _list(thing, "media_content")[:3] if _string(part, "medium") == "image"
    ]
    return next((url for text in candidates if text and (url := absolute_url(text, base=base))), None)


def _language(text: str) -> str | None:
    match = _LANGUAGE.fullmatch(text.strip())
    return match[0].replace("_", "-")[:20] if match else None


def _name_of(url: str | None) -> str:
    return one_line(urlsplit(url).hostname or "", limit=120) if url else ""


def _whole(text: str, *, low: int, high: int) -> int | None:
    match = re.fullmatch(r"(\d{1,18})(?:\.\d*)?", text.strip(), re.ASCII)
    return number if match and low <= (number := int(match[1])) <= high else None


def _value(thing: Any, key: str) -> Any:
    # Not thing.get(): FeedParserDict answers for other keys too, with a warning.
    return dict.get(thing, key) if isinstance(thing, dict) else None


def _string(thing: Any, key: str) -> str:
    value = _value(thing, key)
    return value if isinstance(value, str) else ""


def _list(thing: Any, key: str) -> list[Any]:
    value = _value(thing, key)
    return value if isinstance(value, list) else []


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
