"""Takes jobs from the queue and does them: one job at a time a thread, an error never ends the thread."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from curator.app import App
from curator.errors import CuratorError, StateError, StorageError
from curator.jobs import lanes
from curator.jobs.tasks import TASKS, Task, Turn
from curator.queue import store as queue
from curator.queue.kick import Lane
from curator.queue.values import ClaimedJob
from curator.settings import Settings

_log = structlog.get_logger()

LEASE = timedelta(seconds=180)
# A third of the lease: a task that stops itself by then has let go of its job long before anybody may take it.
_LONGEST_TURN = timedelta(seconds=60)
_LOOK_EVERY_S = 0.5
_MOST_ATTEMPTS = 5
# A worker that dies this often over one job dies of it. Far above what kills by hand or a rehearsal reach.
_MOST_CLAIMS = 20
_LONGEST_DRAIN_S = 18.0
_MOST_LETTER_THREADS = 4
# One may hang for its fifteen seconds while the other goes on.
_CALLERS = 2


def run(
    app: App, stop: threading.Event, threads: int, *, name: str = "worker", known: Mapping[str, Task] = TASKS
) -> bool:
    """Works until `stop` is set, then ends what is being done; False when something was left to its lease.

    CURATOR_SENDERS threads poll no feed, the others send no mailing; at least one of each. More threads poll feeds and
    nothing else, up to CURATOR_POLLS in all. One for each transport (of four at most) sends letters and nothing else,
    one waits for what learns and ranks, one for files of readers, one reads what providers tell, two call webhooks, and
    one makes backups where CURATOR_BACKUP_DIR is set.
    A thread that died (of what is no Exception) ends the others too, because nobody else would do its work: whoever
    started the process starts it anew.
    """
    workers = [
        threading.Thread(target=_work, args=(app, stop, f"{name}/{number}", lane, known), daemon=True)
        for number, lane in enumerate(_lanes(tuple(known), threads, app.settings))
    ]
    for worker in workers:
        worker.start()
    # A signal that the system hands to another thread is seen by this one only when it wakes.
    while not stop.wait(_LOOK_EVERY_S):
        if not all(worker.is_alive() for worker in workers):
            _log.error("worker thread died")
            stop.set()
    return _drained(workers)


def _lanes(known: Sequence[str], threads: int, settings: Settings) -> list[tuple[str, ...]]:
    """Returns for each thread the tasks that it does."""
    never_polls = lanes.tasks_in((Lane.SENDING, Lane.REST), known)
    never_sends = lanes.tasks_in((Lane.POLLING, Lane.REST), known)
    polls, letters = lanes.tasks_in((Lane.POLLING,), known), lanes.tasks_in((Lane.LETTERS,), known)
    learning, moving = lanes.tasks_in((Lane.LEARNING,), known), lanes.tasks_in((Lane.MOVING,), known)
    sending = min(settings.senders, max(1, threads - 1))
    others = max(1, threads - sending)
    more = max(0, settings.polls - others) if polls else 0
    ways_out = min(_MOST_LETTER_THREADS, 1 + len(settings.transports))
    hearing, calling = lanes.tasks_in((Lane.HEARING,), known), lanes.tasks_in((Lane.CALLING,), known)
    # A backup is made where there is a folder for it.
    backup = lanes.tasks_in((Lane.BACKUP,), known) if settings.backup_dir is not None else ()
    alone = [each for each in (*[letters] * ways_out, learning, moving, hearing, *[calling] * _CALLERS, backup) if each]
    return [*([never_polls] * sending), *([never_sends] * others), *([polls] * more), *alone]


def run_one(
    app: App,
    *,
    owner: str,
    tasks: Sequence[str] | None = None,
    known: Mapping[str, Task] = TASKS,
    is_stopping: Callable[[], bool] = lambda: False,
    patience: timedelta = timedelta(),
) -> bool:
    """Does the job that is due longest; False when there is none, or none has waited so long.

    `tasks` narrows it to a lane.

    A crash on the way leaves the job with its lease, after which another worker does it again.
    """
    job = _claimed(app, owner, tasks, patience)
    if job is None:
        return False
    until = app.clock() + _LONGEST_TURN
    turn = Turn(
        owner=owner,
        is_over=lambda: is_stopping() or app.clock() >= until,
        is_stopping=is_stopping,
        keeps_hold=_Hold(app, job),
    )
    log = _log.bind(job=job.id, task=job.task, attempt=job.attempt)
    try:
        has_more = _task(job, known)(app, job.payload, turn)
    except CuratorError as error:
        # Its words stay in the job: they may quote a relay, and a relay may quote an address.
        log.warning("job failed", error=type(error).__name__, is_retried=_put_back(app, job, error))
    except Exception as error:
        log.exception("job broke")
        with app.db.write() as session:
            queue.fail(session, job, error=f"{type(error).__name__} (the log has it)", now=app.clock(), retry_at=None)
    else:
        _finish(app, job, has_more=has_more)
    return True


def retry_in(error: CuratorError, attempt: int) -> timedelta | None:
    """Returns when a job is tried again: the error's own time, doubled for each attempt; None when it is not."""
    if error.retry_in is None or attempt >= _MOST_ATTEMPTS:
        return None
    return error.retry_in * (1 << (attempt - 1))


def try_one(
    app: App,
    *,
    owner: str,
    tasks: Sequence[str],
    known: Mapping[str, Task],
    is_stopping: Callable[[], bool],
    patience: timedelta = timedelta(),
) -> bool:
    """Does what `run_one` does; False also when the queue is out of reach, which the log tells."""
    try:
        return run_one(app, owner=owner, tasks=tasks, known=known, is_stopping=is_stopping, patience=patience)
    except Exception:
        # The database is away, most likely: the job keeps its lease, and the next look may find it back.
        _log.exception("worker could not reach the queue", owner=owner)
        return False


class _Hold:
    """Renews a job's lease while it is done, for what takes longer than one."""

    def __init__(self, app: App, job: ClaimedJob) -> None:
        self._app, self._job, self._until = app, job, job.lease_until

    def __call__(self) -> bool:
        """Renews the lease where half of it is gone; False when another worker has taken the job."""
        now = self._app.clock()
        if self._until - now > LEASE / 2:
            return True
        try:
            with self._app.db.write() as session:
                is_held = queue.prolong(session, self._job, until=now + LEASE)
        except StorageError:
            # Nobody else reaches the database either, as far as we know: the next look tries again.
            return True
        self._until = now + LEASE
        return is_held


def _work(app: App, stop: threading.Event, owner: str, tasks: Sequence[str], known: Mapping[str, Task]) -> None:
    while not stop.is_set():
        if not try_one(app, owner=owner, tasks=tasks, known=known, is_stopping=stop.is_set):
            stop.wait(_LOOK_EVERY_S)


def _drained(workers: Sequence[threading.Thread]) -> bool:
    deadline = time.monotonic() + _LONGEST_DRAIN_S
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    return not any(worker.is_alive() for worker in workers)


def _claimed(app: App, owner: str, tasks: Sequence[str] | None, patience: timedelta) -> ClaimedJob | None:
    """Claims a job; looks with a read first, because an idle worker's write would lock SQLite twice a second."""
    now = app.clock()
    with app.db.read() as session:
        if not queue.has_claimable(session, now=now - patience, tasks=tasks):
            return None
    with app.db.write() as session:
        return queue.claim(session, owner=owner, now=now, lease=LEASE, tasks=tasks)


def _task(job: ClaimedJob, known: Mapping[str, Task]) -> Task:
    if job.attempt > _MOST_CLAIMS:
        raise StateError(f"The job was begun {_MOST_CLAIMS} times and never came to an end.")
    if job.task not in known:
        raise StateError(f"This version of Curator has no task {job.task!r}.")
    return known[job.task]


def _put_back(app: App, job: ClaimedJob, error: CuratorError) -> bool:
    now, wait = app.clock(), retry_in(error, job.attempt)
    with app.db.write() as session:
        queue.fail(session, job, error=str(error), now=now, retry_at=None if wait is None else now + wait)
    return wait is not None


def _finish(app: App, job: ClaimedJob, *, has_more: bool) -> None:
    """Ends the job and queues what is left of it, in one transaction; only then is somebody told."""
    now, is_queued = app.clock(), False
    with app.db.write() as session:
        if queue.finish(session, job, now=now) and has_more:
            is_queued = queue.enqueue(session, job.task, job.payload, now=now, key=job.key)
    if is_queued:
        lanes.kick(app, job.task)
