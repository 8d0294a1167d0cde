"""LOOK -> ALERT: keeps alerts in step with how the installation stands, and writes letters of what is new or ended.

A crash between looking and writing leaves an alert untold: the next round tells it. Any number of processes may do so
at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from curator.activity.store import record as log
from curator.app import App
from curator.db import Database
from curator.errors import StateError
from curator.watch import store, tell
from curator.watch.look import here, look
from curator.watch.rules import troubles
from curator.watch.values import Standing, Trouble, WatchLimits

_log = structlog.get_logger()

# What comes and goes is one alert and not ten: it ends once it was not seen for a while, and goes on when it comes
# again soon after; then it ends later, so that people hear of it twice an hour at the most.
ENDS_AFTER = timedelta(minutes=5)
AGAIN_WITHIN = RETURNED_ENDS_AFTER = timedelta(hours=1)


def round_(app: App, *, since: datetime | None = None) -> Standing:
    """Looks, opens and ends alerts, and writes letters of them; returns how the installation stands.

    `since` is from when on a process that is no clock itself has looked after the clock.
    """
    now, limits = app.clock(), limits_of(app)
    stands = look(app, since=since)
    keep(app.db, troubles(stands, limits), now=now)
    tell.write(app, now=now)
    return stands


def keep_here(app: App) -> None:
    """Does the same for what can be seen on this machine alone, and leaves the letters to whoever looks at the rest."""
    keep(app.db, troubles(here(app), limits_of(app)), now=app.clock())


def keep(db: Database, found: Sequence[Trouble], *, now: datetime) -> None:
    """Opens alerts for what stands wrong, and ends those of what was not seen for five minutes; else writes nothing."""
    if not found:
        with db.read() as session:
            if not store.count_open(session):
                return
    with db.write() as session:
        store.see(session, found, now=now, again_after=now - AGAIN_WITHIN)
        ended = store.close(session, now=now, after=ENDS_AFTER, after_return=RETURNED_ENDS_AFTER)
    if ended:
        _log.info("alerts ended", alerts=ended)


def take(db: Database, alert_id: int, *, by: int, now: datetime) -> None:
    """Notes that somebody sees to an alert, so that nobody is told of it again. Raises StateError once it is over."""
    _set_taken(db, alert_id, by, actor=by, verb="sees to", now=now)


def leave(db: Database, alert_id: int, *, by: int | None, now: datetime) -> None:
    """Takes that back."""
    _set_taken(db, alert_id, None, actor=by, verb="no longer sees to", now=now)


def _set_taken(db: Database, alert_id: int, who: int | None, *, actor: int | None, verb: str, now: datetime) -> None:
    with db.write() as session:
        before = store.alert(session, alert_id)
        if not before.is_open:
            raise StateError("This alert is over: nobody needs to see to it any more.")
        if store.take(session, alert_id, who):
            values = {"taken_by": before.taken_by}
            log(session, at=now, actor=actor, verb=verb, subject="alert", subject_id=alert_id, before=values)


def limits_of(app: App) -> WatchLimits:
    """Returns from when on something needs a person here."""
    return WatchLimits(disk_free_bytes=app.settings.alert_disk_free_mb * 1_000_000)
