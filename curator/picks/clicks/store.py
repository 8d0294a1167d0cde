"""Rows of what readers did with items; `events`, a later room, hands them down."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.db import in_parts, upsert
from curator.picks.clicks.values import Clicked
from curator.picks.tables import ReaderClicks


def put(session: Session, newsletter_id: int, found: Iterable[Clicked]) -> int:
    """Writes down what readers of a newsletter did with items; returns how many rows are new or changed."""
    known = clicked(session, newsletter_id)
    rows = [
        asdict(each) | {"newsletter_id": newsletter_id}
        for each in sorted(found, key=lambda each: each.item_id)
        if known.get(each.item_id) != each
    ]
    for some in in_parts(rows):
        upsert(session, ReaderClicks, some, keys=["newsletter_id", "item_id"], update=["clicks", "share", "at"])
    return len(rows)


def clicked(session: Session, newsletter_id: int) -> dict[int, Clicked]:
    """Returns what readers of a newsletter did, by item."""
    rows = session.scalars(select(ReaderClicks).where(ReaderClicks.newsletter_id == newsletter_id))
    return {row.item_id: Clicked(row.item_id, row.clicks, row.share, row.at) for row in rows}
