"""The worker: each job's end, a kill in the middle of one, and lanes that do not hold each other up."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from curator.app import App
from curator.errors import CuratorError, StateError, StorageError, TransportError
from curator.jobs import alive, worker
from curator.jobs import clock as ticking
from curator.jobs.tasks import BY_HAND, Task, Turn
from curator.queue import store as queue
from tests.conftest import FakeClock
from tests.jobs.queued import jobs, states

_SECRET = "ada@example.org"


def _enqueue(app: App, task: str = "work", key: str | None = None) -> None:
    with app.db.write() as session:
        queue.enqueue(session, task, {"number": 1}, now=app.clock(), key=key)


def _raising(error: Exception) -> dict[str, Task]:
    def work(_app: App, _payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
        raise error

    return {"work": work}


def _error(app: App) -> str | None:
    with app.db.read() as session:
        (failed,) = queue.failed_jobs(session)
    return failed.error


def _passing(error: str = "The relay is away.") -> CuratorError:
    return TransportError(error, retry_in=timedelta(minutes=1))


def test_a_job_is_done_once_and_an_empty_queue_says_so(app: App) -> None:
    done = []
    _enqueue(app)
    known = {"work": lambda _app, payload, _turn: bool(done.append(payload["number"]))}
    assert worker.run_one(app, owner="one", known=known)
    assert not worker.run_one(app, owner="one", known=known)
    assert (done, states(app.db)) == ([1], ["done"])


def test_a_job_that_has_not_waited_so_long_is_left_to_others(app: App, clock: FakeClock) -> None:
    _enqueue(app)
    known: dict[str, Task] = {"work": lambda *_: False}
    assert not worker.run_one(app, owner="one", known=known, patience=timedelta(seconds=3))
    clock.advance(timedelta(seconds=3))
    assert worker.run_one(app, owner="one", known=known, patience=timedelta(seconds=3))


def test_a_task_that_has_more_to_do_is_queued_again_under_its_key(app: App) -> None:
    _enqueue(app, key="pump:1")
    worker.run_one(app, owner="one", known={"work": lambda *_: True})
    _enqueue(app, key="pump:1")
    assert states(app.db) == ["done", "queued"]
    assert jobs(app.db) == [{"number": 1}] * 2


def test_trouble_that_passes_is_retried_with_doubled_waits_and_at_most_five_times(app: App, clock: FakeClock) -> None:
    _enqueue(app)
    known = _raising(_passing())
    for minutes in (1, 2, 4, 8):
        assert worker.run_one(app, owner="one", known=known)
        clock.advance(timedelta(minutes=minutes, seconds=-1))
        assert not worker.run_one(app, owner="one", known=known)
        clock.advance(timedelta(seconds=1))
    assert worker.run_one(app, owner="one", known=known)
    assert (states(app.db), _error(app)) == (["failed"], "The relay is away.")


def test_trouble_that_a_person_must_mend_is_not_retried(app: App) -> None:
    _enqueue(app)
    with capture_logs() as logs:
        worker.run_one(app, owner="one", known=_raising(StateError(f"The relay refuses {_SECRET}.")))
    assert (states(app.db), _error(app)) == (["failed"], f"The relay refuses {_SECRET}.")
    assert [log["event"] for log in logs] == ["job failed"]
    assert _SECRET not in str(logs)


def test_a_bug_fails_its_job_and_is_logged_and_the_next_job_is_done(app: App) -> None:
    _enqueue(app)
    _enqueue(app, task="other")
    known = _raising(ValueError(f"bad row for {_SECRET}")) | {"other": lambda *_: False}
    with capture_logs() as logs:
        assert worker.run_one(app, owner="one", known=known)
        assert worker.run_one(app, owner="one", known=known)
    assert states(app.db) == ["failed", "done"]
    assert _error(app) == "ValueError (the log has it)"
    assert [(log["event"], log["exc_info"]) for log in logs] == [("job broke", True)]


def test_a_task_that_nobody_knows_fails_by_name(app: App) -> None:
    _enqueue(app, task="fly")
    worker.run_one(app, owner="one", known={})
    assert _error(app) == "This version of Curator has no task 'fly'."


def test_a_turn_is_over_after_a_minute_or_when_the_worker_stops(sqlite_app: App, clock: FakeClock) -> None:
    seen: list[bool] = []

    def look(_app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
        seen.append(turn.is_over())
        clock.advance(timedelta(seconds=60))
        seen.append(turn.is_over())
        return False

    for is_stopping in (False, True):
        _enqueue(sqlite_app)
        worker.run_one(sqlite_app, owner="one", known={"work": look}, is_stopping=lambda state=is_stopping: state)
    assert seen == [False, True, True, True]


def test_a_job_that_outlives_its_lease_and_was_taken_over_writes_nothing(app: App, clock: FakeClock) -> None:
    def oversleep(_app: App, _payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
        clock.advance(worker.LEASE)
        with app.db.write() as session:
            queue.claim(session, owner="two", now=clock(), lease=worker.LEASE)
        return True

    _enqueue(app)
    worker.run_one(app, owner="one", known={"work": oversleep})
    assert states(app.db) == ["running"]


def test_a_job_that_kills_every_worker_comes_to_an_end(app: App, clock: FakeClock) -> None:
    _enqueue(app)
    for _ in range(20):
        with app.db.write() as session:
            queue.claim(session, owner="dies", now=clock(), lease=worker.LEASE)
        clock.advance(worker.LEASE)
    worker.run_one(app, owner="one", known={"work": lambda *_: False})
    assert _error(app) == "The job was begun 20 times and never came to an end."


_CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from curator.db import Database
from curator.jobs import alive, worker

def hang(app, payload, turn):
    print("begun", flush=True)
    sys.stdin.read()

with alive.named(Path(sys.argv[3])) as name:
    app = SimpleNamespace(db=Database(sys.argv[1]), clock=lambda: datetime.fromisoformat(sys.argv[2]))
    worker.run_one(app, owner=name + "/0", known={"work": hang})
"""


@pytest.mark.slow
def test_a_killed_workers_job_is_done_by_another_after_its_lease_or_as_soon_as_its_death_is_known(
    app: App, clock: FakeClock
) -> None:
    _enqueue(app, key="poll:1")
    _kill_amid_its_job(app)
    assert not worker.run_one(app, owner="two", known={"work": lambda *_: False})
    clock.advance(worker.LEASE)
    assert worker.run_one(app, owner="two", known={"work": lambda *_: False})
    _enqueue(app, key="poll:2")
    _kill_amid_its_job(app)
    ticking.ask_workers(app)
    assert worker.run_one(app, owner="two", known={"work": lambda *_: False})
    assert states(app.db) == ["done", "done"]


def _kill_amid_its_job(app: App) -> None:
    folder = ticking.workers_dir(app)
    arguments = [app.settings.database_url, app.clock().isoformat(), str(folder)]
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.kill()
    assert len(alive.dead_names(folder)) >= 1


def test_a_long_mailing_does_not_hold_up_a_poll_and_stopping_is_immediate(sqlite_app: App) -> None:
    polled, stop = threading.Event(), threading.Event()

    def pump(_app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
        assert polled.wait(60)
        stop.set()
        assert turn.is_over()
        return False

    def poll(*_: object) -> bool:
        polled.set()
        return False

    _enqueue(sqlite_app, task="pump_mailing")
    _enqueue(sqlite_app, task="poll_feed")
    known: dict[str, Task] = {"pump_mailing": pump, "poll_feed": poll}
    assert worker.run(sqlite_app, stop, 1, known=known)
    assert states(sqlite_app.db) == ["done", "done"]


def test_slow_feeds_do_not_hold_up_an_issue(sqlite_app: App) -> None:
    done, stop = threading.Event(), threading.Event()

    def poll(*_: object) -> bool:
        assert done.wait(60)
        return False

    def start(*_: object) -> bool:
        done.set()
        stop.set()
        return False

    for _ in range(3):
        _enqueue(sqlite_app, task="poll_feed")
    _enqueue(sqlite_app, task="start_mailing")
    known: dict[str, Task] = {"poll_feed": poll, "start_mailing": start}
    assert worker.run(sqlite_app, stop, 3, known=known)
    assert done.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_takes_the_process_along(sqlite_app: App) -> None:
    def die(*_: object) -> bool:
        raise SystemExit

    stop = threading.Event()
    _enqueue(sqlite_app)
    with capture_logs() as logs:
        worker.run(sqlite_app, stop, 2, known={"work": die})
    assert stop.is_set()
    assert logs[-1]["event"] == "worker thread died"


def test_a_worker_outlives_a_database_that_is_away(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, is_back = threading.Event(), threading.Event()
    real, calls = sqlite_app.db.read, []

    def read() -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise StorageError("the disk is away")
        is_back.set()
        stop.set()
        return real()

    monkeypatch.setattr(sqlite_app.db, "read", read)
    with capture_logs() as logs:
        assert worker.run(sqlite_app, stop, 1, known={"work": lambda *_: False})
    assert is_back.is_set()
    assert logs[0]["event"] == "worker could not reach the queue"


def test_as_many_threads_send_as_pumps_may_send_at_once(sqlite_app: App) -> None:
    meet, stop = threading.Barrier(2), threading.Event()
    app = replace(sqlite_app, settings=replace(sqlite_app.settings, senders=2))

    def pump(*_: object) -> bool:
        meet.wait(20)
        stop.set()
        return False

    for _ in range(2):
        _enqueue(app, task="pump_mailing")
    assert worker.run(app, stop, 4, known={"pump_mailing": pump})
    assert states(app.db) == ["done", "done"]
