"""Bytes to a parsed feed: decides who reads them, and says in words why nobody can.

Well-formed RSS, RDF and Atom go to the quick reader; whatever it is not sure of goes to feedparser, the referee, which
takes what is broken too. Both hand over entries in the same form, so what becomes of an entry does not depend on who
read it.
"""

import re
from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Any

from curator.errors import ParseError
from curator.feeds import podcast
from curator.feeds.decode import text_of
from curator.feeds.document import document
from curator.feeds.entries import Facts, image_of, items_of, line_of, string
from curator.feeds.json_reader import MAX_ITEMS, is_json, read_json
from curator.feeds.quick.pieces import UnusualError
from curator.feeds.quick.reader import read_quickly
from curator.feeds.reader import read
from curator.feeds.tree import Element, Names, channel_of, elements_of_items, recovered_root, strict_root
from curator.feeds.values import FeedKind, ItemKind, ParsedFeed
from curator.feeds.words import language_of, whole
from curator.http.urls import absolute_url

MAX_TITLE = 500
_ITEM = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]", re.IGNORECASE)


def parsed_feed(body: bytes, *, url: str, headers: Mapping[str, str], is_quick: bool = True) -> ParsedFeed:
    """Returns the feed in `body`, cleaned and bounded, its links absolute against `url`.

    `headers` are the response's, with lower-case names. Whatever goes wrong is a ParseError in an editor's words;
    a feed that is broken but has items is taken as far as it goes. Without `is_quick` feedparser reads everything but
    JSON: the contract suite and the benchmark hold the quick reader against it.
    """
    try:
        return _parsed(body, url, headers, is_quick=is_quick)
    except (ParseError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a Rust library (nh3) derives from BaseException
        raise ParseError("The document cannot be read: it is damaged in a way that no reader expects.") from error


def _parsed(body: bytes, url: str, headers: Mapping[str, str], *, is_quick: bool) -> ParsedFeed:
    text = text_of(body, content_type=headers.get("content-type", "")).strip("\x00 \t\r\n")
    language = headers.get("content-language", "")
    if is_json(text):
        return _told(read_json(text, url=url, language=language), url, podcast.Show(), facts=None)
    if _holds_too_much(text):
        raise ParseError(f"The document holds more than {MAX_ITEMS:,} items, which no feed needs.")
    written = document(text)
    root = strict_root(written) if is_quick else None
    found = _quickly(root, url, language) if root is not None else None
    if found is None or root is None:
        found = read(written, url=url, language=language)
        root = recovered_root(written)
        if not found["entries"] and (not found.get("version") or found.get("bozo")):
            raise ParseError(_why_not(text, found.get("bozo_exception")))
    if root is None:
        return _told(found, url, podcast.Show(), facts=None)
    names = Names(root)
    show = podcast.show_of(channel_of(root, names), names, base=url)
    elements = elements_of_items(root, names)
    facts = (
        [_facts(element, names, show, url) for element in elements] if len(elements) == len(found["entries"]) else None
    )
    return _told(found, url, show, facts=facts)


def _holds_too_much(text: str) -> bool:
    """Tells whether there are more items than memory and a poll's time allow: 15 MB can be half a million of them."""
    if len(text) < MAX_ITEMS * len("<item/>"):
        return False
    return next(islice(_ITEM.finditer(text), MAX_ITEMS, None), None) is not None


def _quickly(root: Element, url: str, language: str) -> dict[str, Any] | None:
    try:
        found = read_quickly(root, Names(root), url=url, language=language)
    except UnusualError:
        return None
    return found if found["entries"] else None


def _facts(element: Element, names: Names, show: podcast.Show, base: str) -> Facts:
    return partial(podcast.episode_of, element, names, show=show, base=base)


def _told(found: dict[str, Any], url: str, show: podcast.Show, *, facts: list[Facts] | None) -> ParsedFeed:
    feed = found["feed"]
    items = items_of(found["entries"], base=url, facts=facts)
    is_podcast = any(item.kind is ItemKind.EPISODE for item in items)
    return ParsedFeed(
        kind=FeedKind.PODCAST if is_podcast else FeedKind.ARTICLE,
        title=line_of(feed, "title", limit=MAX_TITLE),
        site_url=absolute_url(string(feed, "link"), base=url),
        language=language_of(string(feed, "language")),
        image_url=image_of(feed, base=url),
        ttl_minutes=whole(string(feed, "ttl"), low=1, high=60 * 24 * 31),
        items=items,
        skip_hours=show.skip_hours,
        skip_days=show.skip_days,
        update_minutes=show.update_minutes,
    )


def _why_not(text: str, trouble: object) -> str:
    start = text[:2000].lower()
    if not text:
        return "The document is empty."
    if "<!doctype html" in start or "<html" in start:
        return "This is a web page, not a feed. Look on it for a link named RSS, Atom or podcast feed, and add that."
    if not start.startswith("<"):
        return "This is not a feed: RSS and Atom begin with a tag."
    line = getattr(trouble, "getLineNumber", lambda: None)()
    where = f" (line {line})" if isinstance(line, int) else ""
    return f"The document is XML but no feed that can be read: no RSS or Atom items in it{where}."
