"""What the desk asks about feeds: pages of them, how many are in which state, one with everything about it."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from curator.errors import NotFoundError
from curator.feeds import store
from curator.feeds.health.values import Failing, FeedPage, FetchRun, Show
from curator.feeds.tables import Feed, Item
from curator.feeds.values import FeedKind, FeedRow, FeedState

_IS_ACTIVE = Feed.state == FeedState.ACTIVE
_SHOWN: dict[Show, ColumnElement[bool]] = {
    Show.TROUBLE: and_(_IS_ACTIVE, Feed.is_ok.is_(False)),
    Show.PAUSED: Feed.state == FeedState.PAUSED,
    Show.GONE: Feed.state == FeedState.GONE,
    Show.NEW: and_(_IS_ACTIVE, Feed.last_polled_at.is_(None)),
}
_COMPUTED = {"has_validators"}


def run(session: Session, *, now: datetime) -> FetchRun:
    """Returns how far the feeds have been asked that are to be asked."""
    is_due = and_(_IS_ACTIVE, Feed.next_poll_at <= now)
    counted = (
        func.count().filter(_IS_ACTIVE),
        func.count().filter(is_due),
        func.count().filter(and_(_IS_ACTIVE, Feed.is_ok.is_(False))),
        func.min(Feed.next_poll_at).filter(is_due),
        func.max(Feed.last_polled_at),
    )
    return FetchRun(*session.execute(select(*counted)).one())


def counts(session: Session) -> dict[Show, int]:
    """Returns how many feeds each list holds."""
    row = session.execute(select(func.count(), *(func.count().filter(each) for each in _SHOWN.values()))).one()
    return dict(zip((Show.ALL, *_SHOWN), row, strict=True))


def feeds(session: Session, show: Show, *, search: str = "", start: int = 0, limit: int = 50) -> list[FeedRow]:
    """Returns at most `limit` feeds of a list from the `start`-th on, by title.

    `search` is part of a title or an address.
    """
    query = store.feeds_query().order_by(func.lower(Feed.title), Feed.url).offset(start).limit(limit)
    if show is not Show.ALL:
        query = query.where(_SHOWN[show])
    if search:
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in (Feed.title, Feed.url))))
    return [store.as_feed_row(feed, count) for feed, count in session.execute(query)]


def in_trouble(session: Session, *, limit: int) -> list[FeedRow]:
    """Returns at most `limit` feeds that do not answer as they should, or that are gone for good, by title."""
    is_wrong = or_(Feed.is_ok.is_(False), Feed.state == FeedState.GONE)
    query = store.feeds_query().where(is_wrong).order_by(func.lower(Feed.title), Feed.url).limit(limit)
    return [store.as_feed_row(feed, count) for feed, count in session.execute(query)]


def failing(session: Session, *, limit: int) -> list[Failing]:
    """Returns at most `limit` feeds that are asked and do not answer as they should, own shows first."""
    columns = Feed.id, Feed.title, Feed.url, Feed.is_own_show, Feed.failing_since, Feed.note
    query = select(*columns).where(_SHOWN[Show.TROUBLE]).order_by(Feed.is_own_show.desc(), Feed.failing_since, Feed.id)
    return [
        Failing(id_, title or store.place_of(url), is_own_show, since, note)
        for id_, title, url, is_own_show, since, note in session.execute(query.limit(limit))
    ]


def has_answered(session: Session) -> bool:
    """Tells whether any feed was ever read."""
    return session.scalar(select(Feed.id).where(Feed.last_ok_at.is_not(None)).limit(1)) is not None


def has_items(session: Session) -> bool:
    """Tells whether any feed has brought anything."""
    return session.scalar(select(Item.id).where(Item.feed_id.is_not(None)).limit(1)) is not None


def feed_page(session: Session, feed_id: int) -> FeedPage:
    """Returns everything about asking one feed, or raises NotFoundError."""
    feed = session.scalars(select(Feed).where(Feed.id == feed_id)).one_or_none()
    if feed is None:
        raise NotFoundError("feed", feed_id)
    told: dict[str, Any] = {
        each.name: getattr(feed, each.name) for each in fields(FeedPage) if each.name not in _COMPUTED
    }
    told |= {
        "kind": FeedKind(feed.kind),
        "state": FeedState(feed.state),
        "title": feed.title or store.place_of(feed.url),
        "folder": tuple(feed.folder),
        "has_validators": bool(feed.etag or feed.last_modified),
    }
    return FeedPage(**told)


def items_since(session: Session, feed_id: int, since: datetime) -> int:
    """Returns how many items of a feed came since a moment; what lay in it when it was added does not count."""
    came = Item.feed_id == feed_id, Item.first_seen_at >= since, Item.is_archive.is_(False)
    return session.scalar(select(func.count()).select_from(Item).where(*came)) or 0
