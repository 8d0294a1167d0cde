"""Saves any page as an item: by hand, from the bookmarklet, or through the API."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from curator.activity.store import record
from curator.db import Database
from curator.errors import InvalidError
from curator.feeds.articles import store
from curator.feeds.articles.store import NewPage
from curator.feeds.normalize import canonical_url, clean, html_of, one_line
from curator.feeds.store import place_of
from curator.http.urls import absolute_url
from curator.queue import store as queue

MAX_TITLE = 500
MAX_EXCERPT = 10_000
READ_ARTICLE = "read_article"
"""The task that reads the page behind an item, and completes what nobody gave."""


@dataclass(frozen=True)
class Added:
    """The item of a page, and whether it is new."""

    item_id: int
    is_new: bool


def add_item(
    db: Database,
    url: str,
    *,
    now: datetime,
    by: int | None,
    title: str = "",
    excerpt: str = "",
    image_url: str = "",
) -> Added:
    """Saves a page as an item without a feed; one that is known by its canonical URL, from a feed or by hand, is it.

    Nothing is fetched here: what is missing of title, excerpt and image, a job reads off the page. Twice is fine, and
    so is twice at once: the database holds one item by hand for each page. Raises InvalidError (field "url" or
    "image_url") for what is no http(s) address.
    """
    page = page_of(url, title=title, excerpt=excerpt, image_url=image_url)
    with db.write() as session:
        added = put_page(session, page, now=now)
        if added.is_new:
            after = {"url": page.url}
            record(session, at=now, actor=by, verb="add", subject="item", subject_id=added.item_id, after=after)
    return added


def page_of(url: str, *, title: str = "", excerpt: str = "", image_url: str = "") -> NewPage:
    """Returns what somebody gave as the page that it is; raises InvalidError as `add_item` does."""
    address, image = _address(url, "url"), _address(image_url, "image_url") if image_url.strip() else None
    canonical = canonical_url(address) or address
    title, text = one_line(title, limit=MAX_TITLE), clean(excerpt).strip()[:MAX_EXCERPT]
    return NewPage(
        identity=hashlib.sha256(f"page\0{canonical}".encode()).hexdigest(),
        url=address,
        canonical_url=canonical,
        title=title or one_line(place_of(address), limit=MAX_TITLE),
        summary_html=html_of(text),
        summary_text=text,
        image_url=image,
        missing=tuple(name for name, given in (("title", title), ("excerpt", text), ("image", image)) if not given),
    )


def put_page(session: store.Transaction, page: NewPage, *, now: datetime) -> Added:
    """Saves a page as an item unless it is one; what is missing of a new one, a job reads off the page."""
    item_id, is_new = store.add_page(session, page, now=now)
    if is_new and page.missing:
        ask_to_read(session, item_id, now=now, missing=list(page.missing))
    return Added(item_id, is_new)


def ask_to_read(session: store.Transaction, item_id: int, *, now: datetime, missing: list[str] | None = None) -> bool:
    """Queues reading an item's page, once at a time; `missing` names what of the item the page is to complete."""
    payload = {"item_id": item_id, "missing": missing or []}
    return queue.enqueue(session, READ_ARTICLE, payload, now=now, key=article_key(item_id))


def article_key(item_id: int) -> str:
    """Returns the key under which reading an item's page waits in the queue."""
    return f"article:{item_id}"


def _address(given: str, field: str) -> str:
    address = absolute_url(given.strip())
    if address is None:
        raise InvalidError(field, "This is no web address: it must begin with http:// or https://.")
    return address
