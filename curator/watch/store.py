"""Queries on alerts, and on the processes that live."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import changed, insert_once, upsert
from curator.errors import NotFoundError
from curator.watch.tables import AlertRow, ProcessRow
from curator.watch.values import Alert, AlertKind, Process, ProcessKind, Trouble, Way

_log = structlog.get_logger()

_COLUMNS = {
    Way.LETTER: (AlertRow.told_at, AlertRow.end_told_at),
    Way.WEBHOOK: (AlertRow.called_at, AlertRow.end_called_at),
}
_LONGEST = {"subject": 80, "what": 600, "todo": 300, "path": 200}


def open_alerts(session: Session) -> list[Alert]:
    """Returns what stands wrong, the newest first."""
    return _alerts(session, AlertRow.closed_at.is_(None), order=AlertRow.opened_at.desc(), limit=500)


def closed_alerts(session: Session, *, limit: int = 50) -> list[Alert]:
    """Returns what stood wrong, the last that ended first."""
    return _alerts(session, AlertRow.closed_at.is_not(None), order=AlertRow.closed_at.desc(), limit=limit)


def count_open(session: Session) -> int:
    """Returns how many alerts are open."""
    return session.scalar(select(func.count()).select_from(AlertRow).where(AlertRow.closed_at.is_(None))) or 0


def open_by_kind(session: Session) -> dict[str, int]:
    """Returns how many alerts of each kind are open; kinds without any are left out."""
    counted = select(AlertRow.kind, func.count().label("open")).where(AlertRow.closed_at.is_(None))
    return {str(row.kind): row.open for row in session.execute(counted.group_by(AlertRow.kind))}


def alert(session: Session, alert_id: int) -> Alert:
    """Returns one alert. Raises NotFoundError."""
    found = _alerts(session, AlertRow.id == alert_id, order=AlertRow.id.desc(), limit=1)
    if not found:
        raise NotFoundError("alert", alert_id)
    return found[0]


def see(session: Session, troubles: Sequence[Trouble], *, now: datetime, again_after: datetime) -> None:
    """Writes down what stands wrong: an open alert is seen again, one that ended after `again_after` is open again.

    Whoever was told that it was over is told of it anew. Several processes may do so at once: of each thing one alert
    is open afterwards.
    """
    # In one order, so that no two wait for each other.
    for trouble in sorted(troubles, key=lambda each: (each.kind, each.subject)):
        told = {name: getattr(trouble, name)[:most] for name, most in _LONGEST.items()}
        key = told.pop("subject")
        same = AlertRow.kind == trouble.kind, AlertRow.subject == key
        if changed(session, update(AlertRow).where(*same, AlertRow.closed_at.is_(None)).values(seen_at=now, **told)):
            continue
        if not _reopen(session, same, told, now=now, again_after=again_after):
            row = {"kind": trouble.kind, "subject": key, "opened_at": now, "seen_at": now, "returns": 0, **told}
            insert_once(session, AlertRow, row)


def _reopen(
    session: Session,
    same: tuple[ColumnElement[bool], ...],
    told: Mapping[str, str],
    *,
    now: datetime,
    again_after: datetime,
) -> bool:
    """Opens the last alert of a thing again where it ended of late; tells whether somebody did."""
    ended = select(AlertRow.id).where(*same, AlertRow.closed_at > again_after).order_by(AlertRow.closed_at.desc())
    newest = session.scalar(ended.limit(1))
    if newest is None:
        return False
    back: dict[str, Any] = {"closed_at": None, "seen_at": now, "returns": AlertRow.returns + 1, **told}
    for began, over in _COLUMNS.values():
        back |= {began.key: case((over.is_(None), began)), over.key: None}
    back["taken_by"] = case((AlertRow.end_told_at.is_(None), AlertRow.taken_by))
    is_over = AlertRow.closed_at.is_not(None)
    try:
        with session.begin_nested():
            session.execute(update(AlertRow).where(AlertRow.id == newest, is_over).values(back))
    except IntegrityError:
        # Another process has opened a new one meanwhile.
        _log.info("an alert was open already", alert=newest)
    return True


def close(session: Session, *, now: datetime, after: timedelta, after_return: timedelta) -> int:
    """Ends what was not seen for a while, longer where it had come back before, and returns how many."""
    is_quiet = or_(
        and_(AlertRow.returns == 0, AlertRow.seen_at < now - after),
        and_(AlertRow.returns > 0, AlertRow.seen_at < now - after_return),
    )
    return changed(session, update(AlertRow).where(AlertRow.closed_at.is_(None), is_quiet).values(closed_at=now))


def to_tell(session: Session, way: Way, *, again_before: datetime, limit: int = 100) -> list[Alert]:
    """Returns alerts of which people have to hear in this way: new ones, open ones told before, ended ones."""
    which = or_(*(_is_untold(way, is_open=is_open, again_before=again_before) for is_open in (True, False)))
    return _alerts(session, which, order=AlertRow.id.asc(), limit=limit)


def mark_told(session: Session, alert: Alert, *, again_before: datetime, now: datetime) -> bool:
    """Takes the telling of an alert by letter, as it stood; False where somebody else has told it meanwhile."""
    return _claim(session, Way.LETTER, alert, again_before, {_COLUMNS[Way.LETTER][not alert.is_open].key: now})


def begin_call(session: Session, alert: Alert, *, again_before: datetime, now: datetime, until: datetime) -> bool:
    """Takes the telling of an alert by webhook until a moment; False where somebody else has done or does so."""
    is_free = or_(AlertRow.calling_until.is_(None), AlertRow.calling_until <= now)
    return _claim(session, Way.WEBHOOK, alert, again_before, {"calling_until": until}, is_free)


def end_call(session: Session, alert: Alert, *, is_taken: bool, now: datetime) -> None:
    """Lets go of an alert's telling by webhook, and notes that it was taken if so."""
    told = {_COLUMNS[Way.WEBHOOK][not alert.is_open].key: now} if is_taken else {}
    session.execute(update(AlertRow).where(AlertRow.id == alert.id).values(calling_until=None, **told))


def _claim(
    session: Session, way: Way, alert: Alert, again_before: datetime, values: dict[str, Any], *more: ColumnElement[bool]
) -> bool:
    is_untold = _is_untold(way, is_open=alert.is_open, again_before=again_before)
    return changed(session, update(AlertRow).where(AlertRow.id == alert.id, is_untold, *more).values(values)) > 0


def _is_untold(way: Way, *, is_open: bool, again_before: datetime) -> ColumnElement[bool]:
    """Tells whether people have to hear of an open alert, or of the end of one of which they had heard."""
    began, ended = _COLUMNS[way]
    if not is_open:
        return and_(AlertRow.closed_at.is_not(None), began.is_not(None), ended.is_(None))
    again = and_(began < again_before, AlertRow.taken_by.is_(None))
    return and_(AlertRow.closed_at.is_(None), or_(began.is_(None), again))


def take(session: Session, alert_id: int, by: int | None) -> bool:
    """Notes who sees to an open alert, or that nobody does any more; False when it stood so."""
    same = AlertRow.taken_by.is_(None) if by is None else AlertRow.taken_by == by
    query = update(AlertRow).where(AlertRow.id == alert_id, AlertRow.closed_at.is_(None), ~func.coalesce(same, False))
    return changed(session, query.values(taken_by=by)) > 0


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets alerts that ended before a moment, at most `limit`, and returns how many."""
    old = select(AlertRow.id).where(AlertRow.closed_at < before).limit(limit)
    return changed(session, delete(AlertRow).where(AlertRow.id.in_(old)))


def note_process(session: Session, process: Process) -> None:
    """Writes down that a process lives."""
    row = vars(process) | {"machine": process.machine[:80]}
    upsert(session, ProcessRow, [row], keys=["name"], update=["seen_at", "tick_lag_s"])


def processes(session: Session, *, since: datetime, limit: int = 200) -> list[Process]:
    """Returns the processes that were seen from a moment on, by machine, the longest at work first."""
    query = select(ProcessRow).where(ProcessRow.seen_at >= since)
    rows = session.scalars(query.order_by(ProcessRow.machine, ProcessRow.started_at, ProcessRow.name).limit(limit))
    return [
        Process(row.name, row.machine, ProcessKind(row.kind), row.version, row.started_at, row.seen_at, row.tick_lag_s)
        for row in rows
    ]


def forget_process(session: Session, name: str) -> None:
    """Forgets a process that has ended in good order."""
    session.execute(delete(ProcessRow).where(ProcessRow.name == name))


def prune_processes(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets processes that were not seen since a moment, at most `limit`, and returns how many."""
    old = select(ProcessRow.name).where(ProcessRow.seen_at < before).limit(limit)
    return changed(session, delete(ProcessRow).where(ProcessRow.name.in_(old)))


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
        row.called_at,
    )
