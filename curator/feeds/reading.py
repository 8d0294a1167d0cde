"""Reads the page behind an item: what its feed left out, kept beside it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

from curator.db import Database
from curator.errors import FetchError, ParseError, StateError
from curator.feeds import add
from curator.feeds import store as feeds
from curator.feeds.apart import article_apart
from curator.feeds.article import ReadArticle
from curator.feeds.articles import store
from curator.feeds.articles.store import ArticleRow
from curator.feeds.normalize import html_of, one_line
from curator.feeds.values import FreshItem
from curator.http.values import Fetched, Fetcher, phrase

NOT_AGAIN_WITHIN = timedelta(hours=1)
"""A page is not asked again sooner, whether it could be read or not: its trouble lasts longer than a click."""

_PAGES = ("", "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
_NO_ARTICLE = "No article was found on the page: it may be put together by scripts, or ask for a sign-in."


class Extract(Protocol):
    """Takes an article out of a page, or raises ParseError."""

    def __call__(self, body: bytes, *, url: str, content_type: str = "") -> ReadArticle:
        """Returns the article."""


def ask_to_read(db: Database, item_id: int, *, now: datetime) -> bool:
    """Queues reading an item's page; False when that waits already. Raises StateError when it was read just now."""
    with db.write() as session:
        item = feeds.item(session, item_id)
        if item.url is None:
            raise StateError("The item names no page, so there is nothing to read.")
        known = store.article(session, item_id)
        if known is not None and _is_fresh(known, now):
            raise StateError(
                "The page was read less than an hour ago." if known.is_ok else f"It was just tried: {known.note}"
            )
        return add.ask_to_read(session, item_id, now=now)


def read_item(
    db: Database,
    fetcher: Fetcher,
    item_id: int,
    *,
    now: datetime,
    missing: Collection[str] = (),
    extract: Extract = article_apart,
) -> ArticleRow | None:
    """Reads an item's page and returns what came of it; None for an item without a page or that is gone.

    Trouble is an article with `is_ok` False and its reason, never an exception; what was read less than an hour ago
    is given as it is. `missing` (title, excerpt, image) is what the page tells about the item itself. Three acts:
    read, fetch, write; a kill before the last leaves everything as it was.
    """
    with db.read() as session:
        item = feeds.items_by_id(session, [item_id]).get(item_id)
        known = store.article(session, item_id)
    if item is None or item.url is None:
        return None
    if known is not None and _is_fresh(known, now):
        return known
    try:
        answer = _page(fetcher, item.url)
        read = extract(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    except (FetchError, ParseError) as error:
        with db.write() as session:
            if item_id in feeds.items_by_id(session, [item_id]):
                store.put_failure(session, item_id, str(error), at=now)
            return store.article(session, item_id)
    with db.write() as session:
        if item_id not in feeds.items_by_id(session, [item_id]):
            return None
        trouble = "" if read.text else _NO_ARTICLE
        store.put_article(session, item_id, read, url=answer.url, at=now, trouble=trouble)
        store.fill_language(session, item_id, read.language)
        store.complete_item(session, item_id, _completed(item, read, missing), now=now)
        return store.article(session, item_id)


def _page(fetcher: Fetcher, url: str) -> Fetched:
    answer = fetcher.get(url, headers={"Accept": "text/html,application/xhtml+xml"})
    if not 200 <= answer.status < 300:
        raise FetchError(url, f"The server answered {phrase(answer.status)}.")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _PAGES:
        raise ParseError(f"There is no web page to read: the address leads to {one_line(kind, limit=60)}.")
    return answer


def _completed(item: FreshItem, read: ReadArticle, missing: Collection[str]) -> dict[str, Any]:
    """An item of a feed stays as the feed has it: it may stand in an approved issue, which must not change."""
    columns: dict[str, Any] = {}
    if "title" in missing and read.title:
        columns["title"] = read.title
    excerpt = read.description or one_line(read.text, limit=500)
    if "excerpt" in missing and excerpt:
        columns |= {"summary_text": excerpt, "summary_html": html_of(excerpt)}
    if "image" in missing and read.image_url:
        columns["image_url"] = read.image_url
    if missing and not item.author and read.author:
        columns["author"] = read.author
    return columns


def _is_fresh(article: ArticleRow, now: datetime) -> bool:
    return article.at > now - NOT_AGAIN_WITHIN
