"""The tick that watches: it looks how the installation stands, keeps alerts, and gives the sign of life.

It does so itself and queues no job, because whether somebody does jobs is what it looks at.
"""

import threading
from datetime import timedelta

import structlog

from curator.app import App
from curator.errors import CuratorError
from curator.jobs import tasks
from curator.queue import store as queue
from curator.watch import heartbeat, keep

_log = structlog.get_logger()
EVERY = timedelta(minutes=1)


def watch(app: App) -> None:
    """Looks, keeps the alerts, and gives the sign of life where clock and sender are healthy."""
    stands = keep.round_(app)
    heartbeat.ping(app, stands, keep.limits_of(app))


def stand_in(app: App) -> bool:
    """Watches in the clock's place where it has been silent for long, and sends what it has to tell; tells whether.

    A clock that is dead can tell nobody. Any process that works looks after it, and the letters that nobody would
    queue are sent at once.
    """
    with app.db.read() as session:
        beat = queue.last_beat(session)
    if beat is None or app.clock() - beat.at <= keep.limits_of(app).clock_silent:
        return False
    keep.round_(app)
    for name in app.transports:
        tasks.send_letters(app, {"transport": name})
    return True


def keep_looking(app: App, stop: threading.Event) -> None:
    """Stands in again and again until `stop`; for a thread of a process that works."""
    while not stop.wait(EVERY.total_seconds()):
        try:
            stand_in(app)
        except CuratorError:
            _log.exception("nobody could look after the clock")
