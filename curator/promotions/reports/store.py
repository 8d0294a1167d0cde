"""Queries on the links that show a sponsor what came of a promotion."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from curator.db import changed
from curator.promotions.tables import SharedReport


@dataclass(frozen=True)
class Shared:
    """One such link."""

    id: int
    promotion_id: int
    made_at: datetime
    ends_at: datetime


def add(session: Session, promotion_id: int, *, ends_at: datetime, by: int | None, now: datetime) -> int:
    """Writes a new one and returns its id."""
    row = SharedReport(promotion_id=promotion_id, made_by=by, made_at=now, ends_at=ends_at)
    session.add(row)
    session.flush()
    return row.id


def open_of(session: Session, promotion_id: int, *, now: datetime) -> list[Shared]:
    """Returns those of a promotion that work now, the newest first; at most 50."""
    query = select(SharedReport).where(SharedReport.promotion_id == promotion_id, *_works(now))
    rows = session.scalars(query.order_by(SharedReport.id.desc()).limit(50))
    return [Shared(row.id, row.promotion_id, row.made_at, row.ends_at) for row in rows]


def promotion_of(session: Session, report_id: int, *, now: datetime) -> int | None:
    """Returns whose report a link opens; None once it has ended or was taken back."""
    return session.scalar(select(SharedReport.promotion_id).where(SharedReport.id == report_id, *_works(now)))


def revoke(session: Session, promotion_id: int, report_id: int, *, now: datetime) -> bool:
    """Takes one of a promotion's links back; False where it does not work anyway, or is another promotion's."""
    mine = SharedReport.id == report_id, SharedReport.promotion_id == promotion_id
    return changed(session, update(SharedReport).where(*mine, *_works(now)).values(revoked_at=now)) == 1


def _works(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SharedReport.revoked_at.is_(None), SharedReport.ends_at > now
