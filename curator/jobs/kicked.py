"""`curator worker` where a broker kicks: processes that look when told to, and every few seconds by themselves."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import structlog

from curator.app import App
from curator.jobs import alive, clock, lanes, worker
from curator.jobs.tasks import TASKS, Task
from curator.jobs.watching import keep_looking
from curator.queue.kick import Lane
from curator.watch.values import ProcessKind

_log = structlog.get_logger()

# A hint's answer is due while others wait: then its process goes on with the next hint.
_LONGEST_TURN = timedelta(seconds=60)
# What a lost hint costs, and with the broker away everything: mail still leaves well within half a minute.
_LOOK_EVERY_S = 5.0
_LONGEST_DRAIN_S = 18.0


@dataclass(frozen=True)
class _Watch:
    """Which lanes are looked at together, how long a job has waited before it is taken, and how often at the least."""

    lanes: Sequence[Lane]
    patience: timedelta = timedelta()
    at_least_every_s: float = _LOOK_EVERY_S


# What somebody waits for is looked for apart from what may take a minute. The latter is left to the hints for a moment:
# they find a process that idles, and this one may be busy. Letters wait for nothing: with every process at a mailing no
# hint is heard, and a draft or a slow name server would hold them up as well.
_BY_ITSELF = (
    _Watch((Lane.LETTERS,), at_least_every_s=1.0),
    _Watch((Lane.REST,)),
    _Watch((Lane.POLLING, Lane.SENDING), timedelta(seconds=3)),
    _Watch((Lane.LEARNING,)),
    _Watch((Lane.MOVING,)),
    _Watch((Lane.HEARING,)),
    _Watch((Lane.CALLING,)),
)
# Where there is a folder for backups.
_BACKS_UP = _Watch((Lane.BACKUP,))


def main(app: App, *, build: Callable[[], App]) -> int:
    """Runs a worker's processes until SIGTERM or SIGINT; returns the exit status.

    `app` says how; `build` makes the one of each process, after the fork. A process that dies is replaced; this one
    dying takes all of them along.
    """
    from curator.queue import celery_app

    # A connection that two processes shared would mix up their answers.
    app.db.close()
    assert app.settings.queue_url is not None
    _log.info("worker started", processes=app.settings.worker_threads)
    status = celery_app.work(
        app.settings.queue_url,
        processes=app.settings.worker_threads,
        begin=lambda is_stopping: KickedWorker(build(), is_stopping),
    )
    _log.info("worker stopped")
    return status


class KickedWorker:
    """One process of a worker. Threads of its own look by themselves, so a broker that is away or wiped costs seconds.

    `look_every_s` None: it looks only when it is told to.
    """

    def __init__(
        self,
        app: App,
        is_stopping: Callable[[], bool],
        *,
        known: Mapping[str, Task] = TASKS,
        look_every_s: float | None = _LOOK_EVERY_S,
    ) -> None:
        self._app = app
        self._known = known
        self._is_told = is_stopping
        self._every_s = look_every_s
        self._end = threading.Event()
        self._held = ExitStack()
        self._name = self._held.enter_context(alive.named(clock.workers_dir(app), "worker"))
        by_itself = _BY_ITSELF if app.settings.backup_dir is None else (*_BY_ITSELF, _BACKS_UP)
        staying = () if look_every_s is None else by_itself
        self._threads = [threading.Thread(target=self._stay, args=(each,), daemon=True) for each in staying]
        if staying:
            looking = {"name": self._name, "kind": ProcessKind.WORKER}
            watcher = threading.Thread(target=keep_looking, args=(app, self._end), kwargs=looking, daemon=True)
            self._threads.append(watcher)
        for thread in self._threads:
            thread.start()

    def look(self, lane: Lane) -> None:
        """Does what is due in a lane until nothing is; when its turn is over, somebody else is asked to go on."""
        until = self._app.clock() + _LONGEST_TURN
        while not self._is_stopping():
            if self._app.clock() >= until:
                if self._app.kicker is not None:
                    self._app.kicker.kick(lane)
                return
            if not self._did_one(_Watch((lane,)), f"{self._name}/{lane}"):
                return

    def end(self) -> None:
        """Ends the looking, waits for what is being done, and lets go of everything."""
        self._end.set()
        for thread in self._threads:
            thread.join(_LONGEST_DRAIN_S)
        self._held.close()
        self._app.db.close()

    def _stay(self, own: _Watch) -> None:
        try:
            while not self._is_stopping():
                if own is _BY_ITSELF[0]:
                    self._release_dead()
                while not self._is_stopping() and self._did_one(own, f"{self._name}/by-itself-{own.lanes[0]}"):
                    pass
                self._end.wait(min(self._every_s or _LOOK_EVERY_S, own.at_least_every_s))
        except BaseException:
            # Nobody else would do this thread's work: the process is started anew.
            _log.exception("worker thread died")
            os._exit(1)

    def _did_one(self, own: _Watch, owner: str) -> bool:
        return worker.try_one(
            self._app,
            owner=owner,
            tasks=lanes.tasks_in(own.lanes, tuple(self._known)),
            known=self._known,
            is_stopping=self._is_stopping,
            patience=own.patience,
        )

    def _release_dead(self) -> None:
        """Ends the leases of this machine's dead workers, which a clock on another machine cannot know."""
        try:
            clock.ask_workers(self._app)
        except Exception:
            _log.exception("worker could not look for dead ones")

    def _is_stopping(self) -> bool:
        return self._end.is_set() or self._is_told()
