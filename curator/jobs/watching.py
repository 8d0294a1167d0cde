"""Watching: the clock's tick that looks, tells and gives the sign of life, and who stands by where it is silent.

The tick does so itself and queues no job, because whether somebody does jobs is what it looks at.
"""

import platform
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from curator import __version__
from curator.app import App
from curator.errors import CuratorError
from curator.jobs import tasks
from curator.jobs.lag import Lags
from curator.queue import store as queue
from curator.watch import heartbeat, keep, store, tell
from curator.watch.values import AlertKind, Process, ProcessKind, Standing

_log = structlog.get_logger()
EVERY = timedelta(minutes=1)


def watch(app: App) -> None:
    """Looks, writes letters, gives the sign of life where clock and sender are healthy; calls what may hang last."""
    stands = keep.round_(app)
    heartbeat.ping(app, stands, keep.limits_of(app))
    if heartbeat.why_silent(stands, keep.limits_of(app)) is AlertKind.SENDER and _has_alerts(stands):
        _send_letters(app)
    tell.call(app, now=app.clock())


def stand_in(app: App, *, since: datetime | None = None) -> bool:
    """Watches in the clock's place where it has been silent for long, and sends what it has to tell; tells whether.

    A clock that is dead can tell nobody. Any process that works looks after it, and the letters that nobody would
    queue are sent at once. `since` is from when on this process has looked: a clock that never was is silent too, and
    after a stop of everything the clock has as long to begin as any.
    """
    with app.db.read() as session:
        beat = queue.last_beat(session)
    known = [at for at in (since, None if beat is None else beat.at) if at is not None]
    if not known or app.clock() - max(known) <= keep.limits_of(app).clock_silent:
        return False
    keep.round_(app, since=since)
    _send_letters(app)
    tell.call(app, now=app.clock())
    return True


def keep_looking(
    app: App,
    stop: threading.Event,
    *,
    name: str,
    kind: ProcessKind,
    lags: Lags | None = None,
    every: timedelta = EVERY,
) -> None:
    """Says that this process lives, looks at its machine and after the clock, until `stop`; whatever breaks."""
    now = app.clock()
    here = Process(name, platform.node(), kind, __version__, now, now)
    while True:
        try:
            _look_after(app, here, lags)
        except CuratorError as error:
            # A database that is away, or has no tables yet.
            _log.error("nobody could look after the clock", reason=str(error))
        except Exception:
            # It is here for when things break: whatever it is, the next round tries again.
            _log.exception("nobody could look after the clock")
        if stop.wait(every.total_seconds()):
            break
    try:
        with app.db.write() as session:
            store.forget_process(session, name)
    except CuratorError:
        _log.warning("a process that ends could not say so", process=name)


def begin(app: App, *, kind: ProcessKind) -> threading.Thread:
    """Starts looking for as long as this process lives, and returns the thread."""
    name = f"{kind}-{app.random.getrandbits(64):016x}"
    thread = threading.Thread(
        target=keep_looking, args=(app, threading.Event()), kwargs={"name": name, "kind": kind}, daemon=True
    )
    thread.start()
    return thread


def _look_after(app: App, here: Process, lags: Lags | None) -> None:
    lag_s = 0.0 if lags is None else lags.worst_s()
    with app.db.write() as session:
        store.note_process(session, replace(here, seen_at=app.clock(), tick_lag_s=lag_s))
    keep.keep_here(app)
    stand_in(app, since=here.started_at)


def _has_alerts(stands: Standing) -> bool:
    # Those that this round has opened are not counted yet; the next one sends their letters.
    return stands.alerts_open > 0


def _send_letters(app: App) -> None:
    for name in app.transports:
        try:
            tasks.send_letters(app, {"transport": name})
        except CuratorError as error:
            _log.error("letters of alerts cannot be sent", transport=name, reason=str(error))
