"""Rows of what is set aside: items put off until a moment, feeds and words that a newsletter's inbox hides."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from curator.db import upsert, upserted
from curator.errors import InvalidError, NotFoundError
from curator.feeds.store import feed_row, place_of
from curator.feeds.tables import Feed
from curator.picks import tables
from curator.picks.store import require_item, require_unpicked
from curator.picks.tables import Later
from curator.picks.values import Mute

MOST_MUTES = 200
"""Every page asks each title for all of them."""


def put_off(
    session: Session, newsletter_id: int, item_id: int, *, until: datetime, by: int | None, now: datetime
) -> datetime | None:
    """Puts an item off until a moment and returns the one until which it was put off before.

    Raises NotFoundError for an item that is not there, TakenError for one that is picked.
    """
    require_item(session, item_id)
    require_unpicked(session, newsletter_id, item_id)
    known = session.scalar(select(Later.until).where(*_is(newsletter_id, item_id)))
    row = {"newsletter_id": newsletter_id, "item_id": item_id, "until": until, "put_off_by": by, "put_off_at": now}
    upsert(session, Later, [row], keys=["newsletter_id", "item_id"], update=["until", "put_off_by", "put_off_at"])
    return known


def wake(session: Session, newsletter_id: int, item_id: int) -> datetime | None:
    """Offers an item again that was put off and returns until when it was; None when it was not."""
    return session.scalar(delete(Later).where(*_is(newsletter_id, item_id)).returning(Later.until))


def put_off_items(session: Session, newsletter_id: int, *, now: datetime) -> frozenset[int]:
    """Returns the ids of the items whose day has not come."""
    waiting = select(Later.item_id).where(Later.newsletter_id == newsletter_id, Later.until > now)
    return frozenset(session.scalars(waiting))


def mutes(session: Session, newsletter_id: int) -> list[Mute]:
    """Returns what a newsletter's inbox hides, feeds by title, then words in order; at most `MOST_MUTES`."""
    query = (
        select(tables.Mute, Feed.title, Feed.url)
        .outerjoin(Feed, Feed.id == tables.Mute.feed_id)
        .where(tables.Mute.newsletter_id == newsletter_id)
        .order_by(tables.Mute.words.is_not(None), func.lower(Feed.title), tables.Mute.words)
        .limit(MOST_MUTES)
    )
    return [_mute(row, title or (place_of(url) if url else "")) for row, title, url in session.execute(query)]


def mute(session: Session, mute_id: int) -> Mute:
    """Returns one mute. Raises NotFoundError."""
    row = session.get(tables.Mute, mute_id)
    if row is None:
        raise NotFoundError("mute", mute_id)
    return _mute(row, "" if row.feed_id is None else feed_row(session, row.feed_id).title)


def newsletter_of_mute(session: Session, mute_id: int) -> int | None:
    """Returns the newsletter whose inbox is muted, None for a mute that is not there."""
    return session.scalar(select(tables.Mute.newsletter_id).where(tables.Mute.id == mute_id))


def add_mute(
    session: Session,
    newsletter_id: int,
    *,
    feed_id: int | None = None,
    words: str | None = None,
    by: int | None,
    now: datetime,
) -> int | None:
    """Hides a feed, or cleaned words, from a newsletter's inbox and returns the mute; None when it was hidden already.

    Raises NotFoundError for a feed that is not there, InvalidError when there are too many.
    """
    if feed_id is not None:
        feed_row(session, feed_id)
    number = select(func.count()).select_from(tables.Mute).where(tables.Mute.newsletter_id == newsletter_id)
    if (session.scalar(number) or 0) >= MOST_MUTES:
        raise InvalidError("words", f"{MOST_MUTES} feeds and words are muted, which is the most. Lift one first.")
    row = {"newsletter_id": newsletter_id, "feed_id": feed_id, "words": words, "muted_by": by, "muted_at": now}
    key = "words" if feed_id is None else "feed_id"
    if not upserted(session, tables.Mute, [row], keys=["newsletter_id", key]):
        return None
    return session.scalar(select(tables.Mute.id).where(_is_same(newsletter_id, feed_id, words)))


def remove_mute(session: Session, mute_id: int) -> None:
    """Shows again what a mute hid; one that is gone stays gone."""
    session.execute(delete(tables.Mute).where(tables.Mute.id == mute_id))


def _mute(row: tables.Mute, feed_title: str) -> Mute:
    return Mute(row.id, row.newsletter_id, row.feed_id, row.words, feed_title)


def _is(newsletter_id: int, item_id: int) -> tuple[Any, Any]:
    return Later.newsletter_id == newsletter_id, Later.item_id == item_id


def _is_same(newsletter_id: int, feed_id: int | None, words: str | None) -> ColumnElement[bool]:
    same = tables.Mute.words == words if feed_id is None else tables.Mute.feed_id == feed_id
    return (tables.Mute.newsletter_id == newsletter_id) & same
