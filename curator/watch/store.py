"""Queries on alerts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed
from curator.errors import NotFoundError
from curator.watch.tables import AlertRow
from curator.watch.values import Alert, AlertKind, Trouble, Way

_COLUMNS = {
    Way.LETTER: (AlertRow.told_at, AlertRow.end_told_at),
    Way.WEBHOOK: (AlertRow.called_at, AlertRow.end_called_at),
}
_LONGEST = {"subject": 40, "what": 600, "todo": 300, "path": 200}


def open_alerts(session: Session) -> list[Alert]:
    """Returns what stands wrong, the newest first."""
    return _alerts(session, AlertRow.closed_at.is_(None), order=AlertRow.opened_at.desc(), limit=500)


def closed_alerts(session: Session, *, limit: int = 50) -> list[Alert]:
    """Returns what stood wrong, the last that ended first."""
    return _alerts(session, AlertRow.closed_at.is_not(None), order=AlertRow.closed_at.desc(), limit=limit)


def count_open(session: Session) -> int:
    """Returns how many alerts are open."""
    return session.scalar(select(func.count()).select_from(AlertRow).where(AlertRow.closed_at.is_(None))) or 0


def alert(session: Session, alert_id: int) -> Alert:
    """Returns one alert. Raises NotFoundError."""
    found = _alerts(session, AlertRow.id == alert_id, order=AlertRow.id.desc(), limit=1)
    if not found:
        raise NotFoundError("alert", alert_id)
    return found[0]


def see(session: Session, troubles: Sequence[Trouble], *, now: datetime, again_after: datetime) -> None:
    """Writes down what stands wrong: an open alert is seen again, one that ended after `again_after` is open again."""
    for trouble in troubles:
        told = {name: getattr(trouble, name)[:most] for name, most in _LONGEST.items()}
        key = told.pop("subject")
        same = AlertRow.kind == trouble.kind, AlertRow.subject == key
        if changed(session, update(AlertRow).where(*same, AlertRow.closed_at.is_(None)).values(seen_at=now, **told)):
            continue
        ended = select(AlertRow.id).where(*same, AlertRow.closed_at > again_after)
        newest = session.scalar(ended.order_by(AlertRow.closed_at.desc()).limit(1))
        if newest is not None:
            back = {"closed_at": None, "end_told_at": None, "end_called_at": None, "seen_at": now}
            session.execute(update(AlertRow).where(AlertRow.id == newest).values(**back, **told))
            continue
        row = {"kind": trouble.kind, "subject": key, "opened_at": now, "seen_at": now, **told}
        _insert(session, row)


def _insert(session: Session, row: dict[str, Any]) -> None:
    """Inserts an alert unless another clock has just done so."""
    open_one = AlertRow.closed_at.is_(None)
    same = AlertRow.kind == row["kind"], AlertRow.subject == row["subject"]
    if session.scalar(select(AlertRow.id).where(*same, open_one)) is None:
        session.add(AlertRow(**row))
        session.flush()


def close(session: Session, *, not_seen_since: datetime, now: datetime) -> int:
    """Ends what was not seen for a while, and returns how many."""
    gone = AlertRow.closed_at.is_(None), AlertRow.seen_at < not_seen_since
    return changed(session, update(AlertRow).where(*gone).values(closed_at=now))


def to_tell(session: Session, way: Way, *, again_before: datetime) -> list[Alert]:
    """Returns alerts of which people have to hear in this way: new ones, open ones told before, ended ones."""
    began, ended = _COLUMNS[way]
    is_open = AlertRow.closed_at.is_(None)
    again = and_(is_open, began < again_before, AlertRow.taken_by.is_(None))
    is_over = and_(~is_open, began.is_not(None), ended.is_(None))
    return _alerts(session, or_(and_(is_open, began.is_(None)), again, is_over), order=AlertRow.id.asc(), limit=100)


def mark_told(session: Session, way: Way, alerts: Collection[Alert], *, now: datetime) -> None:
    """Notes that people have heard of these as they stand."""
    for is_open, column in zip((True, False), _COLUMNS[way], strict=True):
        ids = [each.id for each in alerts if each.is_open is is_open]
        session.execute(update(AlertRow).where(AlertRow.id.in_(ids)).values({column: now}))


def take(session: Session, alert_id: int, by: int | None) -> bool:
    """Notes who sees to an open alert, or that nobody does any more; False when it stood so."""
    same = AlertRow.taken_by.is_(None) if by is None else AlertRow.taken_by == by
    query = update(AlertRow).where(AlertRow.id == alert_id, AlertRow.closed_at.is_(None), ~func.coalesce(same, False))
    return changed(session, query.values(taken_by=by)) > 0


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets alerts that ended before a moment, at most `limit`, and returns how many."""
    old = select(AlertRow.id).where(AlertRow.closed_at < before).limit(limit)
    return changed(session, delete(AlertRow).where(AlertRow.id.in_(old)))


def _alerts(session: Session, which: ColumnElement[bool], *, order: Any, limit: int) -> list[Alert]:
    rows = session.scalars(select(AlertRow).where(which).order_by(order, AlertRow.id).limit(limit))
    return [_alert(row) for row in rows.all()]


def _alert(row: AlertRow) -> Alert:
    return Alert(
        row.id,
        AlertKind(row.kind),
        row.subject,
        row.what,
        row.todo,
        row.path,
        row.opened_at,
        row.seen_at,
        row.told_at,
        row.closed_at,
        row.taken_by,
    )
