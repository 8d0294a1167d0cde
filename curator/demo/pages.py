"""What the demo's feed server gives out: the sample feeds with their faults, or the files of a folder."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import quote

from curator.demo.samples import media
from curator.demo.samples.back import back_items
from curator.demo.samples.documents import (
    AUDIO_TYPE,
    audio_path,
    chapters_path,
    feed_document,
    image_path,
    item_path,
    listen_path,
    site_path,
    text_html,
    transcript_path,
)
from curator.demo.samples.texts import FOLDER, Fault, Form, SampleFeed, SampleItem, sample_feeds
from curator.episodes.platforms import SIGNS, Platform
from curator.errors import InvalidError

# Slower than any healthy feed, quick enough that the demo's first poll stays within its five seconds.
SLOW_S = 1.2
# Not text/xml: without a charset that means US-ASCII (RFC 3023), whatever the document says of itself.
CONTENT_TYPES = {
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".rdf": "application/rdf+xml",
    ".json": "application/feed+json",
}
_FORMS = {Form.RSS: "application/rss+xml", Form.ATOM: "application/atom+xml", Form.RDF: "application/rdf+xml"}
BROKEN_PATH = "/feeds/attic-radio.xml"
TORN_PATH = "/feeds/torn-page.xml"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """One answer of the feed server."""

    body: bytes
    content_type: str
    status: int = 200
    location: str | None = None
    delay_s: float = 0.0
    is_gzipped: bool = False
    last_modified: datetime | None = None

    @property
    def etag(self) -> str:
        """A strong validator of the body (RFC 9110 8.8.3)."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True)
class Offer:
    """Everything that a feed server has: its pages by path, and the paths of its feeds.

    `broken_paths` are those of the feeds that are meant to fail.
    """

    pages: Mapping[str, Page]
    feed_paths: tuple[str, ...]
    own_show_path: str | None = None
    broken_paths: tuple[str, ...] = ()


def offer_of(feeds_dir: Path | None, now: datetime, *, slow_s: float = SLOW_S) -> Callable[[str], Offer]:
    """Returns what the feed server is to offer: a folder's files as they lie, or the samples dated back from `now`.

    Raises InvalidError("feeds") for a folder without any feed file.
    """
    if feeds_dir is None:
        return partial(sample_offer, now=now, slow_s=slow_s)
    offer = folder_offer(feeds_dir)
    if not offer.feed_paths:
        raise InvalidError("feeds", f"{feeds_dir} holds no feed file (.xml, .rss, .atom, .rdf or .json).")
    return lambda _: offer


def sample_offer(base_url: str, *, now: datetime, slow_s: float = SLOW_S) -> Offer:
    """Returns the sample feeds, two broken ones beside them, and the pages, pictures and sounds they link to."""
    pages: dict[str, Page] = {}
    paths: list[str] = []
    own: str | None = None
    for feed in sample_feeds():
        path = f"/feeds/{feed.path}"
        pages[path] = _feed_page(feed, base_url, now=now, slow_s=slow_s)
        pages.update(_linked_pages(replace(feed, items=back_items(feed.name))))
        pages.update(_linked_pages(feed))
        if feed.fault is Fault.MOVED:
            pages[f"/old{path}"] = Page(b"", _HTML, status=301, location=base_url + path)
            path = f"/old{path}"
        if feed.is_own_show:
            own = path
        paths.append(path)
    pages[BROKEN_PATH] = Page(b"The attic is closed.\n", "text/plain", status=500)
    pages[TORN_PATH] = Page(b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Torn pa', CONTENT_TYPES[".xml"])
    broken = (BROKEN_PATH, TORN_PATH)
    return Offer(pages, (*paths, *broken), own, broken)


def folder_offer(folder: Path) -> Offer:
    """Returns the feed files of a folder byte for byte, in the order of their names."""
    pages = {f"/feeds/{quote(file.name)}": Page(file.read_bytes(), _content_type(file)) for file in feed_files(folder)}
    return Offer(pages, tuple(pages))


def feed_files(folder: Path) -> list[Path]:
    """Returns the folder's files that are feeds by their name or by their first bytes, sorted by name."""
    return sorted(file for file in folder.iterdir() if file.is_file() and _is_feed(file))


def _is_feed(file: Path) -> bool:
    if file.suffix.lower() in CONTENT_TYPES:
        return True
    with file.open("rb") as opened:
        start = opened.read(64)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<?xml", b"<rss", b"<feed", b"<rdf"))


def _content_type(file: Path) -> str:
    return CONTENT_TYPES.get(file.suffix.lower(), CONTENT_TYPES[".xml"])


def _feed_page(feed: SampleFeed, base_url: str, *, now: datetime, slow_s: float) -> Page:
    body = feed_document(feed, base_url=base_url, now=now, audio_bytes=len(media.SILENCE))
    page = Page(body, _FORMS[feed.form], last_modified=now.replace(microsecond=0))
    if feed.fault is Fault.SLOW:
        return replace(page, delay_s=slow_s)
    return replace(page, is_gzipped=feed.fault is Fault.GZIP)


def _linked_pages(feed: SampleFeed) -> dict[str, Page]:
    pages = {
        site_path(feed): Page(_site_html(feed), _HTML),
        image_path(feed): Page(media.cover(feed.name), "image/png"),
    }
    for item in feed.items:
        pages[item_path(feed, item)] = Page(_item_html(feed, item), _HTML)
        if item.duration_s is not None:
            pages[audio_path(item)] = Page(media.SILENCE, AUDIO_TYPE)
        if item.has_talk:
            talk = FOLDER / "talks" / item.slug
            pages[transcript_path(item)] = Page(talk.with_suffix(".vtt").read_bytes(), "text/vtt; charset=utf-8")
            pages[chapters_path(item)] = Page(talk.with_suffix(".json").read_bytes(), "application/json+chapters")
    for platform in feed.listen:
        pages[listen_path(feed, platform)] = Page(_place_html(feed, SIGNS[Platform(platform)].name), _HTML)
    return pages


def _site_html(feed: SampleFeed) -> bytes:
    listed = "".join(f'<li><a href="{item_path(feed, item)}">{escape(item.title)}</a></li>' for item in feed.items)
    return _html(feed, feed.title, f"<p>{escape(feed.about)}</p><ul>{listed}</ul>")


def _item_html(feed: SampleFeed, item: SampleItem) -> bytes:
    back = f'<p>{escape(item.by)} in <a href="{site_path(feed)}">{escape(feed.title)}</a></p>'
    return _html(feed, item.title, back + text_html(item.text))


def _place_html(feed: SampleFeed, place: str) -> bytes:
    return _html(
        feed, f"{feed.title} at {place}", "<p>An invented show stands at no real place: this page is here for it.</p>"
    )


def _html(feed: SampleFeed, title: str, body: str) -> bytes:
    page = f"""<!doctype html><html lang="{feed.language}"><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width"><h1>{escape(title)}</h1>{body}
<p><small>Written for Curator's demo; nobody in it exists.</small></p></html>"""
    return page.encode()
