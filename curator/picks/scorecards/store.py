"""Queries on what each feed did for a newsletter: sums by feed, over the rows of a period and never over events."""

from collections import defaultdict
from datetime import datetime
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.feeds.tables import Feed, Item
from curator.picks.scorecards.values import Card
from curator.picks.tables import Pick, ReaderClicks

_MOST_FEEDS = 5_000


def cards(session: Session, newsletter_id: int, *, since: datetime) -> list[Card]:
    """Returns a card for each feed, by id, at most 5,000; four queries.

    Items count by when they were first seen, picks by when they were picked, clicks by when their issue was sent.
    """
    feeds = session.execute(
        select(Feed.id, Feed.title, Feed.url, Feed.failures, Feed.is_ok).order_by(Feed.id).limit(_MOST_FEEDS)
    ).all()
    came = session.execute(
        select(Item.feed_id, func.count(), func.max(Item.first_seen_at))
        .where(Item.feed_id.is_not(None), Item.first_seen_at >= since)
        .group_by(Item.feed_id)
    )
    items = {feed_id: (number, last) for feed_id, number, last in came}
    chosen = session.execute(
        select(Item.feed_id, func.count())
        .join(Pick, Pick.item_id == Item.id)
        .where(Pick.newsletter_id == newsletter_id, Pick.picked_at >= since)
        .group_by(Item.feed_id)
    ).all()
    picked = {feed_id: number for feed_id, number in chosen}  # noqa: C416 - rows are no pairs to mypy
    clicked: dict[int | None, list[tuple[int, float]]] = defaultdict(list)
    for feed_id, clicks, share in session.execute(
        select(Item.feed_id, ReaderClicks.clicks, ReaderClicks.share)
        .join(Item, Item.id == ReaderClicks.item_id)
        .where(ReaderClicks.newsletter_id == newsletter_id, ReaderClicks.at >= since)
    ):
        clicked[feed_id].append((clicks, share))
    return [
        Card(
            feed_id=row.id,
            title=row.title or row.url,
            items=items.get(row.id, (0, None))[0],
            picked=picked.get(row.id, 0),
            clicked_picks=len(clicked[row.id]),
            clicks=sum(clicks for clicks, _ in clicked[row.id]),
            against=median(share for _, share in clicked[row.id]) if clicked[row.id] else None,
            last_item_at=items.get(row.id, (0, None))[1],
            failures=row.failures,
            is_ok=row.is_ok,
        )
        for row in feeds
    ]
