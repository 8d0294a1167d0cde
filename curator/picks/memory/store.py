"""What is remembered when somebody looks at items: how often their feeds were picked, and who tells the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from curator.db import in_parts
from curator.feeds.store import place_of
from curator.feeds.tables import Feed, Item
from curator.feeds.values import FreshItem
from curator.picks.tables import Pick
from curator.picks.values import FeedRecord, Memory

RECORD_FOR = timedelta(weeks=12)
"""How far back a feed's record reaches."""

# "Weekly links" and "Episode 12" are titles of many things; a title as long as this is of one.
_TELLING_TITLE = 20
# A story is told by several feeds within days; a page of the inbox may span some.
_TOGETHER = timedelta(days=14)


def memory(session: Session, newsletter_id: int, items: Sequence[FreshItem], *, now: datetime) -> Memory:
    """Returns what is remembered about these items for a newsletter; four queries for a page, whatever is on it."""
    if not items:
        return Memory()
    feed_ids = sorted({item.feed_id for item in items if item.feed_id is not None})
    return Memory(records=_records(session, newsletter_id, feed_ids, now=now), also_in=_also_in(session, items))


def _records(session: Session, newsletter_id: int, feed_ids: Sequence[int], *, now: datetime) -> dict[int, FeedRecord]:
    lately = Item.first_seen_at >= now - RECORD_FOR
    came: dict[int, int] = {}
    for ids in in_parts(feed_ids):
        query = select(Item.feed_id, func.count()).where(Item.feed_id.in_(ids), lately).group_by(Item.feed_id)
        came |= {feed_id: number for feed_id, number in session.execute(query) if feed_id is not None}
    query = (
        select(Item.feed_id, func.count())
        .join(Pick, Pick.item_id == Item.id)
        .where(Pick.newsletter_id == newsletter_id, lately)
        .group_by(Item.feed_id)
    )
    picked = {feed_id: number for feed_id, number in session.execute(query) if feed_id is not None}
    return {feed_id: FeedRecord(number, picked.get(feed_id, 0)) for feed_id, number in came.items()}


def _also_in(session: Session, items: Sequence[FreshItem]) -> dict[int, Sequence[str]]:
    """Returns by item the other feeds that have its page, or its title within weeks, by name."""
    one, other = aliased(Item), aliased(Item)
    is_far = or_(other.feed_id != one.feed_id, one.feed_id.is_(None))
    found: dict[int, set[str]] = {}
    moments = [item.at for item in items]
    is_near = other.at.between(min(moments) - _TOGETHER, max(moments) + _TOGETHER)
    for is_same in (_same_page(one, other), and_(_same_title(one, other), is_near)):
        query = (
            select(one.id, Feed.title, Feed.url)
            .join(other, is_same)
            .join(Feed, Feed.id == other.feed_id)
            .where(one.id.in_([item.id for item in items]), other.id != one.id, is_far)
            .distinct()
        )
        for item_id, title, url in session.execute(query):
            found.setdefault(item_id, set()).add(title or place_of(url))
    return {item_id: _in_order(titles) for item_id, titles in found.items()}


def _same_page(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.canonical_url.is_not(None), other.canonical_url == one.canonical_url)


def _same_title(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(func.length(one.title) >= _TELLING_TITLE, other.title == one.title)


def _in_order(titles: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(titles, key=str.lower))
