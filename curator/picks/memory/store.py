"""What is remembered when somebody looks at items: how often their feeds were picked, and who tells the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from curator.db import in_parts
from curator.feeds.store import place_of
from curator.feeds.tables import Feed, Item
from curator.feeds.values import FreshItem
from curator.picks.tables import Pick, StoryItem
from curator.picks.values import FeedRecord, Memory

RECORD_FOR = timedelta(weeks=12)
"""How far back a feed's record reaches."""

TELLING_TITLE = 20
"""Characters: "Weekly links" and "Episode 12" are titles of many things; a title as long as this is of one."""

TOGETHER = timedelta(days=14)
"""A title that several feeds have within so many days is of one thing."""

# A title that half a year of a feed has is no sign of anything; a page shows no more than it can.
_MOST_TWINS = 2000


def memory(session: Session, newsletter_id: int, items: Sequence[FreshItem], *, now: datetime) -> Memory:
    """Returns what is remembered about these items for a newsletter; five queries for a page, whatever is on it."""
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
    """Returns by item the other feeds that tell its story, have its page, or its title within two weeks, by name."""
    one, other = aliased(Item), aliased(Item)
    is_far = or_(other.feed_id != one.feed_id, one.feed_id.is_(None))
    found: dict[int, set[str]] = {}
    for is_same, within in ((_same_page(one, other), timedelta.max), (_same_title(one, other), TOGETHER)):
        query = (
            select(one.id, one.at, other.at, Feed.title, Feed.url)
            .join(other, is_same)
            .join(Feed, Feed.id == other.feed_id)
            .where(one.id.in_([item.id for item in items]), other.id != one.id, is_far)
            .limit(_MOST_TWINS)
        )
        for item_id, at, other_at, title, url in session.execute(query):
            if abs(at - other_at) <= within:
                found.setdefault(item_id, set()).add(title or place_of(url))
    for item_id, title, url in session.execute(_same_story(items)):
        found.setdefault(item_id, set()).add(title or place_of(url))
    return {item_id: _in_order(titles) for item_id, titles in found.items()}


def _same_story(items: Sequence[FreshItem]) -> Select[int, str, str]:
    mine, theirs, one, other = aliased(StoryItem), aliased(StoryItem), aliased(Item), aliased(Item)
    return (
        select(mine.item_id, Feed.title, Feed.url)
        .join(one, one.id == mine.item_id)
        .join(theirs, theirs.story_id == mine.story_id)
        .join(other, other.id == theirs.item_id)
        .join(Feed, Feed.id == other.feed_id)
        .where(mine.item_id.in_([item.id for item in items]), or_(other.feed_id != one.feed_id, one.feed_id.is_(None)))
        .limit(_MOST_TWINS)
    )


def _same_page(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.canonical_url.is_not(None), other.canonical_url == one.canonical_url)


def _same_title(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(func.length(one.title) >= TELLING_TITLE, other.title == one.title)


def _in_order(titles: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(titles, key=str.lower))
