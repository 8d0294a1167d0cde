"""The rows of a move: former addresses, and two feeds that turn out to be one."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, column, delete, inspect, select, table, update
from sqlalchemy.orm import Session

from curator.db import in_parts, upsert
from curator.feeds.tables import Article, Enclosure, Episode, Feed, FeedAlias, Item, Poll
from curator.feeds.values import FeedState

_OWN = {each.__tablename__ for each in (Article, Enclosure, Episode, FeedAlias, Item, Poll)}
"""What goes with an item or a feed by itself; rows of all other tables are somebody's work."""


def feed_at(session: Session, url: str) -> int | None:
    """Returns the feed with this address, None when there is none."""
    return session.scalar(select(Feed.id).where(Feed.url == url))


def feed_by_alias(session: Session, url: str) -> int | None:
    """Returns the feed that had this address before, None when none had."""
    return session.scalar(select(FeedAlias.feed_id).where(FeedAlias.url == url))


def known(session: Session, url: str) -> int | None:
    """Returns the feed that has this address, or had it before; None when there is none."""
    return feed_at(session, url) or feed_by_alias(session, url)


def aliases(session: Session, feed_id: int, *, limit: int = 50) -> Sequence[str]:
    """Returns at most `limit` former addresses of a feed, the newest first."""
    query = select(FeedAlias.url).where(FeedAlias.feed_id == feed_id).order_by(FeedAlias.learned_at.desc())
    return list(session.scalars(query.limit(limit)))


def put_alias(session: Session, url: str, feed_id: int, *, now: datetime) -> None:
    """Keeps an address under which a feed is known."""
    row = {"url": url, "feed_id": feed_id, "learned_at": now}
    upsert(session, FeedAlias, [row], keys=["url"], update=["feed_id", "learned_at"])


def drop_alias(session: Session, url: str) -> None:
    """Forgets a former address, which is a feed's own again."""
    session.execute(delete(FeedAlias).where(FeedAlias.url == url))


def merge(session: Session, old: int, kept: int, *, now: datetime) -> None:
    """Moves what belongs to feed `old` over to `kept` and removes `old`, whose address `kept` has from then on.

    Of an item that both have one row stays: the one that anybody used (picked, passed over, quoted ...). When both
    were used both stay, because nothing that an editor did may be lost; the old one gets an identity of its own.
    What the editor decided about the old feed counts where the kept one says nothing.
    """
    former = session.execute(select(Feed).where(Feed.id == old).with_for_update()).scalar_one()
    feed = session.execute(select(Feed).where(Feed.id == kept).with_for_update()).scalar_one()
    _settle_doubles(session, old, kept)
    session.execute(update(Item).where(Item.feed_id == old).values(feed_id=kept))
    session.execute(update(FeedAlias).where(FeedAlias.feed_id == old).values(feed_id=kept))
    for name, key in _referrers(session, "feed"):
        session.execute(update(table(name, column(key))).where(column(key) == old).values({key: kept}))
    feed.is_own_show = feed.is_own_show or former.is_own_show
    feed.folder = feed.folder or former.folder
    feed.poll_minutes = feed.poll_minutes or former.poll_minutes
    # The old one was just read at this very address, so nothing stands against asking it.
    feed.state, feed.is_ok, feed.failing_since, feed.failures = FeedState.ACTIVE, True, None, 0
    url = former.url
    session.flush()
    session.execute(delete(Feed).where(Feed.id == old))
    put_alias(session, url, kept, now=now)


def _settle_doubles(session: Session, old: int, kept: int) -> None:
    theirs = select(Item.identity).where(Item.feed_id == kept)
    both = select(Item.identity, Item.id).where(Item.feed_id == old, Item.identity.in_(theirs))
    doubles = {row.identity: row.id for row in session.execute(both)}
    for identities in in_parts(list(doubles)):
        pairs = select(Item.id, Item.identity).where(Item.feed_id == kept, Item.identity.in_(identities))
        present = {doubles[identity]: item_id for item_id, identity in session.execute(pairs)}
        used = _used(session, [*present, *present.values()])
        gone = {mine if mine not in used else other for mine, other in present.items() if {mine, other} - used}
        session.execute(delete(Item).where(Item.id.in_(gone)))
        for mine, other in present.items():
            if {mine, other} <= used:
                session.execute(update(Item).where(Item.id == mine).values(identity=f"item {mine} of feed {old}"))


def _used(session: Session, item_ids: Sequence[int]) -> set[int]:
    """Returns those of the items that a row of a later stage points to, whatever stage that is."""
    found: set[int] = set()
    for name, key in _referrers(session, "item"):
        for ids in in_parts(item_ids):
            rows: Select[int] = select(column(key)).select_from(table(name)).where(column(key).in_(ids))
            found.update(session.scalars(rows))
    return found


def _referrers(session: Session, to: str) -> Collection[tuple[str, str]]:
    """Returns the tables, but for the feeds' own, that point to a table, each with its column.

    The database is asked: feeds knows no later stage, and a stage that nobody told it about would lose its rows.
    """
    keys = inspect(session.connection()).get_multi_foreign_keys()
    return sorted(
        (name, key["constrained_columns"][0])
        for (_, name), found in keys.items()
        for key in found
        if key["referred_table"] == to and name not in _OWN
    )
