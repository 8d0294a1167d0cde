"""Rows of the scoreboard, and the archive that it is measured on."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.feeds.tables import Item
from curator.picks.scoreboard.values import Score
from curator.picks.tables import ScoreboardRow

MOST_ITEMS = 40_000
"""A quarter of a desk with 3,000 items a week; a walk over them takes a minute."""

_COLUMNS = tuple(Score.__dataclass_fields__)


def put(session: Session, newsletter_id: int, score: Score) -> None:
    """Keeps the figures of a version of the engine, in the place of what it came to before."""
    row = asdict(score) | {"newsletter_id": newsletter_id}
    update = [name for name in _COLUMNS if name != "engine"]
    upsert(session, ScoreboardRow, [row], keys=["newsletter_id", "engine"], update=update)


def scores(session: Session, newsletter_id: int, *, limit: int = 10) -> list[Score]:
    """Returns the figures of a newsletter, the newest version first."""
    query = select(ScoreboardRow).where(ScoreboardRow.newsletter_id == newsletter_id)
    rows = session.scalars(query.order_by(ScoreboardRow.engine.desc()).limit(limit))
    return [Score(**{name: getattr(row, name) for name in _COLUMNS}) for row in rows]


def seen_since(session: Session, since: datetime) -> list[int]:
    """Returns the items that feeds brought from then on, in the order in which they came; the newest `MOST_ITEMS`."""
    query = select(Item.id).where(Item.first_seen_at >= since, Item.is_archive.is_(False), Item.feed_id.is_not(None))
    newest = session.scalars(query.order_by(Item.first_seen_at.desc(), Item.id.desc()).limit(MOST_ITEMS))
    return list(newest)[::-1]
