"""Queries for programs that read feeds page by page."""

from sqlalchemy.orm import Session

from curator.feeds.store import as_feed_row, feeds_query
from curator.feeds.tables import Feed
from curator.feeds.values import FeedRow


def feeds(session: Session, *, after_id: int, limit: int) -> list[FeedRow]:
    """Returns at most `limit` feeds behind an id, oldest first."""
    query = feeds_query().where(Feed.id > after_id).order_by(Feed.id).limit(limit)
    return [as_feed_row(feed, count) for feed, count in session.execute(query)]
