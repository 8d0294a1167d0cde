"""Queries for programs that read items and picks page by page."""

from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from curator.feeds.store import items_by_id
from curator.feeds.tables import Item
from curator.feeds.values import FreshItem
from curator.picks.store import picked_items
from curator.picks.tables import Pick, Skip
from curator.picks.values import InboxFilter, PickedItem


def items(
    session: Session,
    *,
    limit: int,
    before: tuple[datetime, int] | None = None,
    feed_id: int | None = None,
    since: datetime | None = None,
    newsletter_id: int | None = None,
    state: InboxFilter = InboxFilter.ALL,
) -> list[FreshItem]:
    """Returns at most `limit` items, those seen last first, behind the place (first seen, id) of another.

    `state` is what was decided for a newsletter: NEW, PICKED or SKIPPED; ALL asks for none.
    """
    query = _decided(newsletter_id, state)
    if feed_id is not None:
        query = query.where(Item.feed_id == feed_id)
    if since is not None:
        query = query.where(Item.first_seen_at >= since)
    if before is not None:
        at, item_id = before
        # The first condition says to the index where to begin, the second which of one moment come next.
        behind = or_(Item.first_seen_at < at, and_(Item.first_seen_at == at, Item.id < item_id))
        query = query.where(Item.first_seen_at <= at, behind)
    ids = list(session.scalars(query.order_by(Item.first_seen_at.desc(), Item.id.desc()).limit(limit)))
    found = items_by_id(session, ids)
    return [found[each] for each in ids]


def _decided(newsletter_id: int | None, state: InboxFilter) -> Select[int]:
    if newsletter_id is None or state is InboxFilter.ALL:
        return select(Item.id)
    if state is InboxFilter.NEW:
        decided = [
            select(table.item_id).where(table.item_id == Item.id, table.newsletter_id == newsletter_id).exists()
            for table in (Pick, Skip)
        ]
        return select(Item.id).where(*(~each for each in decided))
    table = Pick if state is InboxFilter.PICKED else Skip
    # A few thousand at most, found first: the planner would else walk through all items for the order's sake.
    few = select(table.item_id).where(table.newsletter_id == newsletter_id).cte("few").prefix_with("MATERIALIZED")
    return select(Item.id).join(few, few.c.item_id == Item.id)


def picks(session: Session, newsletter_id: int, *, before_id: int | None, limit: int) -> list[PickedItem]:
    """Returns at most `limit` picks of a newsletter before an id, newest first."""
    query = select(Pick.id).where(Pick.newsletter_id == newsletter_id).order_by(Pick.id.desc()).limit(limit)
    ids = list(session.scalars(query if before_id is None else query.where(Pick.id < before_id)))
    found = picked_items(session, ids)
    return [found[each] for each in ids]
