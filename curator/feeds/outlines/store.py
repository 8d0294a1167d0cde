"""Rows of feeds as lists of them are read and written, many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from curator.db import in_parts, upserted
from curator.feeds.discover import Offer
from curator.feeds.opml import OutlineFeed
from curator.feeds.tables import Feed, FeedAlias, Item


def known_urls(session: Session, urls: Sequence[str]) -> set[str]:
    """Returns those of the addresses under which a feed is known, now or from before."""
    known: set[str] = set()
    for chunk in in_parts(urls):
        known |= set(session.scalars(select(Feed.url).where(Feed.url.in_(chunk))))
        known |= set(session.scalars(select(FeedAlias.url).where(FeedAlias.url.in_(chunk))))
    return known


def add_feeds(session: Session, feeds: Sequence[tuple[OutlineFeed, datetime]], *, now: datetime) -> set[str]:
    """Adds feeds, each with the moment when it is due; returns the addresses that are new to the database."""
    rows = [
        {
            "url": feed.url,
            "title": feed.title,
            "site_url": feed.site_url,
            "folder": list(feed.folder),
            "next_poll_at": due_at,
            "created_at": now,
        }
        for feed, due_at in feeds
    ]
    return {url for chunk in in_parts(rows) for url in upserted(session, Feed, chunk, keys=["url"])}


def outline_feeds(session: Session) -> list[OutlineFeed]:
    """Returns every feed as a list holds it, in the order in which they were added."""
    query = select(Feed.url, Feed.title, Feed.site_url, Feed.folder).order_by(Feed.id)
    return [OutlineFeed(url, title, site_url, tuple(folder)) for url, title, site_url, folder in session.execute(query)]


def offers(session: Session, feed_ids: Sequence[int]) -> dict[int, tuple[Offer, ...]]:
    """Returns what the web pages among these feeds offer, by feed; whatever offers nothing is left out."""
    found: dict[int, tuple[Offer, ...]] = {}
    for chunk in in_parts(feed_ids):
        rows = session.execute(select(Feed.id, Feed.offers).where(Feed.id.in_(chunk)))
        found |= {feed_id: tuple(Offer(**offer) for offer in offered) for feed_id, offered in rows if offered}
    return found


def remove_feed(session: Session, feed_id: int) -> bool:
    """Removes a feed that brought nothing; False, and nothing is removed, when it has items."""
    has_items = session.scalar(select(Item.id).where(Item.feed_id == feed_id).limit(1)) is not None
    if not has_items:
        session.execute(delete(Feed).where(Feed.id == feed_id))
    return not has_items
