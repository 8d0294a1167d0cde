"""Rows of articles, of items that somebody added by hand, and what else is known about one item."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import facts_of, insert_once, put_back, upsert
from curator.feeds.article import ReadArticle
from curator.feeds.tables import Article, Feed, Item
from curator.feeds.values import ItemKind

Transaction = Session
"""What an arrow hands in; it names the type without importing SQLAlchemy."""


@dataclass(frozen=True)
class NewPage:
    """A page that is to be an item; `missing` names what nobody gave, so that it is read off the page."""

    identity: str
    url: str
    canonical_url: str
    title: str
    summary_html: str
    summary_text: str
    image_url: str | None
    missing: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """What of it is an item's row."""
        return {name: value for name, value in asdict(self).items() if name != "missing"}


@dataclass(frozen=True)
class ArticleRow:
    """The page behind an item as it was read at a moment; when `is_ok` is False, `note` says why it was not."""

    at: datetime
    is_ok: bool
    note: str
    url: str
    title: str
    author: str
    site_name: str
    html: str
    text: str
    image_url: str | None
    language: str | None
    words: int


@dataclass(frozen=True)
class ItemFacts:
    """What an item's page shows beyond the item: its dates, its language, how often it changed."""

    language: str | None
    published_at: datetime | None
    edits: int
    is_date_odd: bool


@dataclass(frozen=True)
class Twin:
    """Another item of the same page: where it came from."""

    id: int
    title: str
    feed_title: str
    at: datetime


def add_page(session: Session, page: NewPage, *, now: datetime) -> tuple[int, bool]:
    """Adds an item without a feed unless its page is known; returns the item's id and whether it is new.

    Of several items of one page the first that was seen is the known one.
    """
    known = _item_of(session, page)
    if known is not None:
        return known, False
    row = {
        **page.columns,
        "feed_id": None,
        "kind": ItemKind.ARTICLE,
        "content_hash": page.identity,
        "at": now,
        "first_seen_at": now,
        "updated_at": now,
    }
    is_new = insert_once(session, Item, row)
    item_id = _item_of(session, page)
    assert item_id is not None
    return item_id, is_new


def known_pages(session: Session, canonical_urls: Collection[str]) -> dict[str, tuple[int, str]]:
    """Returns (id, title) of the items that pages are, by canonical URL; a site's home page is one only by hand."""
    query = select(Item.canonical_url, Item.id, Item.title, Item.feed_id).where(Item.canonical_url.in_(canonical_urls))
    found: dict[str, tuple[int, str]] = {}
    for url, item_id, title, feed_id in session.execute(query.order_by(Item.first_seen_at, Item.id)):
        if url is not None and not (feed_id is not None and _is_home(url)):
            found.setdefault(url, (item_id, title))
    return found


def remove_page(session: Session, item_id: int) -> dict[str, Any] | None:
    """Removes an item that somebody added by hand and returns its row for `restore_page`.

    None, and nothing is removed, for a feed's item and for one that is used: later stages hold theirs by foreign keys
    that this room cannot ask.
    """
    row = session.get(Item, item_id)
    if row is None or row.feed_id is not None:
        return None
    facts = facts_of(row)
    session.expunge(row)
    try:
        with session.begin_nested():
            session.execute(delete(Item).where(Item.id == item_id))
    except IntegrityError:
        return None
    return facts


def restore_page(session: Session, facts: Mapping[str, Any]) -> int | None:
    """Adds an item again as `remove_page` found it; None when its page is here already."""
    made: int | None = put_back(session, Item, facts)
    return made


def article(session: Session, item_id: int) -> ArticleRow | None:
    """Returns what was read of an item's page, None while nobody asked for it."""
    found = session.get(Article, item_id)
    if found is None:
        return None
    return ArticleRow(**{name: getattr(found, name) for name in ArticleRow.__dataclass_fields__})


def put_article(
    session: Session, item_id: int, read: ReadArticle, *, url: str, at: datetime, trouble: str = ""
) -> None:
    """Keeps what was read of an item's page in the place of what was read before; `trouble` says what is missing."""
    told = {name: value for name, value in asdict(read).items() if name != "description"}
    row = {"item_id": item_id, "at": at, "is_ok": not trouble, "note": trouble, "url": url, **told}
    upsert(session, Article, [row], keys=["item_id"], update=[name for name in row if name != "item_id"])


def put_failure(session: Session, item_id: int, note: str, *, at: datetime) -> None:
    """Keeps why an item's page could not be read; what was read of it before stays."""
    row = {"item_id": item_id, "at": at, "is_ok": False, "note": note[:500], "words": 0}
    row |= dict.fromkeys(("url", "title", "author", "site_name", "html", "text"), "")
    upsert(session, Article, [row], keys=["item_id"], update=("at", "is_ok", "note"))


def complete_item(session: Session, item_id: int, columns: Mapping[str, Any], *, now: datetime) -> None:
    """Writes what a page told about its own item."""
    if columns:
        session.execute(update(Item).where(Item.id == item_id).values(**columns, updated_at=now))


def fill_language(session: Session, item_id: int, language: str | None) -> None:
    """Notes an item's language where nobody has yet."""
    if language:
        session.execute(update(Item).where(Item.id == item_id, Item.language.is_(None)).values(language=language))


def item_facts(session: Session, item_id: int) -> ItemFacts:
    """Returns what an item's page shows beyond the item; the item must be there."""
    query = select(Item.language, Item.published_at, Item.edits, Item.is_date_odd).where(Item.id == item_id)
    return ItemFacts(*session.execute(query).one())


def twins(session: Session, item_id: int, *, limit: int = 20) -> list[Twin]:
    """Returns at most `limit` other items of the same page, first seen first."""
    canonical = select(Item.canonical_url).where(Item.id == item_id).scalar_subquery()
    query = (
        select(Item.id, Item.title, Feed.title, Item.at)
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .where(Item.canonical_url == canonical, Item.id != item_id)
        .order_by(Item.first_seen_at, Item.id)
        .limit(limit)
    )
    return [Twin(found, title, feed or "", at) for found, title, feed, at in session.execute(query)]


def _item_of(session: Session, page: NewPage) -> int | None:
    query = select(Item.id).where(Item.canonical_url == page.canonical_url)
    if _is_home(page.canonical_url):
        query = query.where(Item.feed_id.is_(None))
    return session.scalar(query.order_by(Item.first_seen_at, Item.id).limit(1))


def _is_home(url: str) -> bool:
    """Tells whether it is a site's home page: items of many a feed link to theirs, and are not it."""
    return urlsplit(url).path in ("", "/")
