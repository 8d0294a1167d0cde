"""The feeds that a web page offers: by its links in the head, by links that look like feeds, by well-known paths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree, html

from curator.feeds.decode import text_of
from curator.feeds.normalize import one_line
from curator.http.urls import absolute_url

MAX_PAGE = 2_000_000
"""Characters of a page that are read; what it offers stands in its head, or in a menu."""

MAX_OFFERS = 20

_TYPES = {
    "application/rss+xml": "rss",
    "application/x-rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rss",
    "text/rss+xml": "rss",
    "application/xml": "rss",
    "text/xml": "rss",
    "application/x-podcast+xml": "podcast",
}
_LOOKS_LIKE_A_FEED = re.compile(
    r"(?:/(?:feed|rss|atom|podcast)/?|[/._-](?:feed|rss|atom|index)\.(?:xml|rss|atom|json|rdf)|\.(?:rss|atom)|/feeds?/[^/?]+"
    r"|/feed\.json)$",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"/comments?/(?:feed|default)|comments?[-_. ](?:feed|rss)|#comments", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]", re.IGNORECASE)
_CHANNEL = re.compile(r"^(?:www\.|m\.)?youtube\.com/channel/(UC[\w-]{22})(?:/|$)")
_CHANNEL_ON_PAGE = re.compile(
    r'(?:itemprop="(?:identifier|channelId)" content="|"(?:externalId|channelId)":")(UC[\w-]{22})"'
)
_APPLE_FEED = re.compile(r'"feedUrl"\s*:\s*"(https?:[^"\\]{0,1000}(?:\\/[^"\\]{0,1000})*)"')
_WELL_KNOWN = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json", "/feed/podcast")


@dataclass(frozen=True)
class Offer:
    """A feed that a page names. `kind` is rss, atom, json or podcast; empty for a link that only looks like a feed."""

    url: str
    title: str
    kind: str = ""


def is_page(body: bytes, *, content_type: str) -> bool:
    """Tells whether a document is a web page, by how it begins."""
    return _PAGE.search(text_of(body[:4_000], content_type=content_type)[:2_000]) is not None


def offers(body: bytes, *, url: str, content_type: str = "") -> tuple[Offer, ...]:
    """Returns the feeds that the page at `url` offers, each once, at most 20 of them; anything else gives none.

    Where the head names feeds, links in the text do not count. Feeds of comments come only when there is nothing
    else, because nobody means them.
    """
    text = text_of(body, content_type=content_type)[:MAX_PAGE]
    tree = _tree(text)
    if tree is None:
        return ()
    base = _base(tree, url)
    found = [*_of_known_site(url, text), *_of_head(tree, base)] or list(_of_links(tree, base))
    wanted = [offer for offer in found if not _COMMENTS.search(f"{offer.url} {offer.title}")] or found
    once = {offer.url: offer for offer in reversed(wanted) if offer.url != url}
    return tuple(reversed(once.values()))[:MAX_OFFERS]


def well_known(url: str) -> tuple[str, ...]:
    """Returns the addresses at which sites have their feed without saying so, most likely first."""
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}"
    below = parts.path.rstrip("/") if "." not in parts.path.rpartition("/")[2] else ""
    paths = [f"{below}{path}" for path in _WELL_KNOWN[:3] if below] + list(_WELL_KNOWN)
    found = (absolute_url(site + path) for path in dict.fromkeys(paths))
    return tuple(address for address in found if address)


def _tree(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def _base(tree: html.HtmlElement, url: str) -> str:
    for element in tree.iter("base"):
        return absolute_url(element.get("href", ""), base=url) or url
    return url


def _of_head(tree: html.HtmlElement, base: str) -> Iterator[Offer]:
    for link in tree.iter("link"):
        rels = link.get("rel", "").lower().split()
        kind = _TYPES.get(link.get("type", "").partition(";")[0].strip().lower(), "")
        address = absolute_url(link.get("href", ""), base=base)
        if address and ("feed" in rels or ("alternate" in rels and (kind or _is_plain_json(link)))):
            title = one_line(link.get("title", ""), limit=200)
            is_podcast = kind == "rss" and "podcast" in f"{address} {title}".lower()
            yield Offer(address, title, "podcast" if is_podcast else kind or "json")


def _is_plain_json(link: html.HtmlElement) -> bool:
    # WordPress names its API in the head with type application/json: only a feed's name makes it one.
    return link.get("type", "").lower() == "application/json" and "feed" in link.get("href", "").lower()


def _of_links(tree: html.HtmlElement, base: str) -> Iterator[Offer]:
    for link in tree.iter("a"):
        address = absolute_url(link.get("href", "").partition("#")[0], base=base)
        if address and (_LOOKS_LIKE_A_FEED.search(urlsplit(address).path) or link.get("type", "").lower() in _TYPES):
            words = link.text_content()[:2_000] or link.get("title", "")
            yield Offer(address, one_line(words, limit=200))


def _of_known_site(url: str, text: str) -> Iterator[Offer]:
    parts = urlsplit(url)
    place = f"{parts.hostname or ''}{parts.path}"
    if place.removeprefix("www.").removeprefix("m.").startswith("youtube.com/"):
        channel = _CHANNEL.match(place) or _CHANNEL_ON_PAGE.search(text)
        if channel:
            yield Offer(
                f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1]}", "The channel's videos", "atom"
            )
    elif place.startswith("podcasts.apple.com/"):
        named = _APPLE_FEED.search(text)
        address = absolute_url(named[1].replace("\\/", "/")) if named else None
        if address:
            yield Offer(address, "The podcast", "podcast")
