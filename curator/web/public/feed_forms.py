"""A newsletter's issues as RSS 2.0 and as JSON Feed 1.1, for readers' own programs."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from curator.newsletters.values import NewsletterSpec

_ATOM, _CONTENT, _DC = (
    "http://www.w3.org/2005/Atom",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/dc/elements/1.1/",
)
_NAMES = {"atom": _ATOM, "content": _CONTENT, "dc": _DC}
# What XML 1.0 cannot hold, not even escaped; lone halves of a pair cannot be written in UTF-8 either.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECONDS_BETWEEN_LOOKS = 60 * 60


@dataclass(frozen=True)
class FeedItem:
    """An issue in a feed: its HTML is whole, safe and without anything of a reader's."""

    url: str
    title: str
    summary: str
    html: str
    language: str
    at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class FeedAbout:
    """What a feed says of itself: its own address, its newsletter's page, and the same in the other form."""

    newsletter: NewsletterSpec
    own_url: str
    page_url: str
    description: str


def rss(about: FeedAbout, items: Sequence[FeedItem]) -> bytes:
    """Returns RSS 2.0, newest first as given."""
    paper = about.newsletter
    root = etree.Element("rss", nsmap=_NAMES)
    root.set("version", "2.0")
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", paper.name)
    _add(channel, "link", about.page_url)
    _add(channel, "description", about.description)
    _add(channel, "language", paper.language)
    own = etree.SubElement(channel, f"{{{_ATOM}}}link")
    for name, value in (("href", about.own_url), ("rel", "self"), ("type", "application/rss+xml")):
        own.set(name, value)
    _add(channel, "ttl", str(_SECONDS_BETWEEN_LOOKS // 60))
    if items:
        _add(channel, "lastBuildDate", format_datetime(max(item.changed_at for item in items)))
    for item in items:
        _rss_item(channel, item, paper)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def json_feed(about: FeedAbout, items: Sequence[FeedItem]) -> bytes:
    """Returns JSON Feed 1.1, newest first as given."""
    paper = about.newsletter
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": paper.name,
        "home_page_url": about.page_url,
        "feed_url": about.own_url,
        "language": paper.language,
        **({"description": paper.tagline} if paper.tagline else {}),
        "authors": [{"name": paper.sender_name}],
        "items": [_json_item(item) for item in items],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _rss_item(channel: etree._Element, item: FeedItem, paper: NewsletterSpec) -> None:
    node = etree.SubElement(channel, "item")
    _add(node, "title", item.title)
    _add(node, "link", item.url)
    _add(node, "guid", item.url).set("isPermaLink", "true")
    _add(node, "pubDate", format_datetime(item.at))
    _add(node, f"{{{_DC}}}creator", paper.sender_name)
    _add(node, f"{{{_ATOM}}}updated", item.changed_at.isoformat())
    if item.summary:
        _add(node, "description", item.summary)
    _add(node, f"{{{_CONTENT}}}encoded", item.html)


def _json_item(item: FeedItem) -> dict[str, object]:
    told: dict[str, object] = {
        "id": item.url,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "date_published": item.at.isoformat(),
        "date_modified": item.changed_at.isoformat(),
        "language": item.language,
    }
    return told | ({"summary": item.summary} if item.summary else {})


def _add(parent: etree._Element, name: str, words: str) -> etree._Element:
    node = etree.SubElement(parent, name)
    node.text = _NO_XML.sub("", words)
    return node
