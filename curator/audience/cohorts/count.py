"""Counts who stayed, once a month is over, and writes it down for good: later nobody could tell it from the rows.

Whoever is erased is in no row any more, and whoever left and came back shows in none that they were away.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from curator.audience.cohorts import months, store
from curator.audience.cohorts.months import Group
from curator.audience.growth import store as growth
from curator.clock import in_utc
from curator.db import Database, Session
from curator.newsletters import store as newsletters
from curator.queue import store as queue

COUNT = "count_cohorts"
CHUNK = 100_000
"""Readers that one query looks at: less than a second, so that no reading keeps a database from tidying itself."""
KEPT_MONTHS = 48
"""So far back the first count goes; later ones have only a year to look back for."""
_SETTLED = timedelta(hours=6)
"""So long after a month's end: what happened in its last minutes is written by then."""


def due(session: Session, *, now: datetime) -> list[int]:
    """Returns the newsletters whose last whole month nobody has counted, and whose readers came before its end."""
    last = _last_whole(now)
    found = []
    for newsletter in newsletters.newsletters(session):
        first = growth.first_day(session, newsletter.id)
        is_new = first is None or months.of(first) > last
        if not is_new and (queue.newest_slot(session, _schedule(newsletter.id)) or "") < _slot(last):
            found.append(newsletter.id)
    return found


def count(db: Database, newsletter_id: int, *, now: datetime, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Counts the marks that are over and not written down. True where it was stopped, and has to begin anew.

    Nothing is written before all readers were looked at, and then at once, with a mark that it was done: a second call
    changes nothing, whenever the first one was killed.
    """
    last = _last_whole(now)
    found: list[Group] = []
    with db.read() as session:
        greatest = store.greatest_id(session)
    for after in range(0, greatest, CHUNK):
        if is_stopping():
            return True
        with db.read() as session:
            found += store.groups(session, newsletter_id, after=after, up_to=after + CHUNK)
    with db.write() as session:
        if queue.claim_slot(session, _schedule(newsletter_id), _slot(last), now=now):
            queue.forget_slots(session, _schedule(newsletter_id), before=_slot(last))
            _write(session, newsletter_id, found, last=last)
    return False


def _write(session: Session, newsletter_id: int, found: list[Group], *, last: int) -> None:
    since = last - KEPT_MONTHS
    written = store.counts(session, newsletter_id, since=since)
    known: dict[int, set[str]] = {}
    for row in written:
        known.setdefault(row.joined, set()).add(row.source)
    marks = {(row.joined, row.mark) for row in written}
    recent = [each for each in found if each.joined >= since]
    rows = months.counts(recent, last=last, known=known)
    store.add(session, newsletter_id, [row for row in rows if (row.joined, row.mark) not in marks])


def _last_whole(now: datetime) -> int:
    return months.of(in_utc(now - _SETTLED).date()) - 1


def _schedule(newsletter_id: int) -> str:
    return f"cohorts:{newsletter_id}"


def _slot(month: int) -> str:
    return f"{months.first_day(month):%Y-%m}"
