"""The runner process: the clock and the workers, drained by a signal."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from curator.app import App
from curator.errors import StorageError
from curator.jobs import alive, clock, pulse, watching, worker
from curator.jobs.lag import Lags
from curator.watch.values import ProcessKind

_log = structlog.get_logger()

_LOOK_EVERY_S = 2.0
_LONGEST_FAREWELL_S = 2.0


def main(app: App, *, stop: threading.Event | None = None, has_clock: bool = True, has_workers: bool = True) -> int:
    """Runs the clock, the workers or both until SIGTERM or SIGINT (or `stop`); returns the exit status.

    A signal ends the claiming; what is being done comes to its end, or after 18 s is left to its lease.
    """
    stop = stop or threading.Event()
    _stop_on_signals(stop)
    kind = "runner" if has_clock and has_workers else "clock" if has_clock else "worker"
    with alive.named(clock.workers_dir(app), kind) as name:
        # A clock beats before it asks anything: its own silence was a stop, and nobody's trouble.
        _begin(app, stop, look=pulse.beat if has_clock else pulse.look_back)
        lags = Lags()
        ticks = clock.scheduler(app, lags=lags) if has_clock else None
        if ticks:
            ticks.start()
        _log.info("runner started", has_clock=has_clock, threads=app.settings.worker_threads if has_workers else 0)
        looking = {"name": name, "kind": ProcessKind(kind), "lags": lags}
        watcher = threading.Thread(target=watching.keep_looking, args=(app, stop), kwargs=looking, daemon=True)
        watcher.start()
        is_drained = worker.run(app, stop, app.settings.worker_threads, name=name) if has_workers else stop.wait()
        if ticks:
            ticks.shutdown(wait=is_drained)
        watcher.join(_LONGEST_FAREWELL_S)
    _log.info("runner stopped", is_drained=is_drained)
    app.db.close()
    return 0


def _begin(app: App, stop: threading.Event, *, look: Callable[[App], object]) -> None:
    """Sees, before anything is sent, whether the database is an older copy; waits for a database that is away."""
    while not stop.is_set():
        try:
            look(app)
        except StorageError:
            _log.exception("the database is away")
            stop.wait(_LOOK_EVERY_S)
        else:
            return


def _stop_on_signals(stop: threading.Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
