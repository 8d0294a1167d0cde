"""Queries on segments: the filters that newsletters keep."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from curator.audience.segments.values import SegmentRow
from curator.audience.tables import Interest, Segment
from curator.db import facts_of, insert_once, put_back
from curator.errors import NotFoundError


def segments(session: Session, newsletter_id: int) -> list[SegmentRow]:
    """Returns a newsletter's segments by name."""
    query = _rows().where(Segment.newsletter_id == newsletter_id).order_by(Segment.name, Segment.id)
    return [SegmentRow(*row) for row in session.execute(query)]


def segment(session: Session, segment_id: int, *, lock: bool = False) -> SegmentRow:
    """Returns a segment; `lock` holds it until the commit. Raises NotFoundError."""
    query = _rows().where(Segment.id == segment_id)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("segment", segment_id)
    return SegmentRow(*row)


def newsletter_of(session: Session, segment_id: int) -> int | None:
    """Returns the newsletter of a segment, None when it is gone."""
    return session.scalar(select(Segment.newsletter_id).where(Segment.id == segment_id))


def named(session: Session, newsletter_id: int, name: str) -> int | None:
    """Returns the segment of this name, None where there is none."""
    return session.scalar(select(Segment.id).where(Segment.newsletter_id == newsletter_id, Segment.name == name))


def add(session: Session, newsletter_id: int, name: str, words: str, *, now: datetime) -> bool:
    """Keeps a filter under a name; False when the newsletter has one of this name."""
    row = {"newsletter_id": newsletter_id, "name": name, "words": words, "version": 1, "created_at": now}
    return insert_once(session, Segment, row)


def change(session: Session, segment_id: int, *, name: str, words: str) -> None:
    """Gives a segment another name and other words, and the next version."""
    new = {"name": name, "words": words, "version": Segment.version + 1}
    session.execute(update(Segment).where(Segment.id == segment_id).values(new))


def remove(session: Session, segment_id: int) -> dict[str, Any]:
    """Deletes a segment and returns its facts, from which `db.put_back` makes it again."""
    facts = facts_of(session.get_one(Segment, segment_id))
    session.execute(delete(Segment).where(Segment.id == segment_id))
    return facts


def restore(session: Session, facts: Mapping[str, Any]) -> int | None:
    """Makes a removed segment again of its facts and returns its id; None where another one bears its name."""
    key: int | None = put_back(session, Segment, facts)
    return key


def interests(session: Session, newsletter_id: int) -> list[str]:
    """Returns the names of a newsletter's interests, in their order."""
    query = select(Interest.name).where(Interest.newsletter_id == newsletter_id)
    return list(session.scalars(query.order_by(Interest.position, Interest.id)))


def _rows() -> Select[*tuple[Any, ...]]:
    return select(Segment.id, Segment.newsletter_id, Segment.name, Segment.words, Segment.version, Segment.created_at)
