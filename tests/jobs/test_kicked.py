"""Workers that a broker kicks: hints that are lost, doubled or late do no harm, on both databases."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from curator.app import App
from curator.feeds import ingest
from curator.jobs import alive, lanes, worker
from curator.jobs import clock as ticking
from curator.jobs.kicked import KickedWorker
from curator.jobs.tasks import BY_HAND, TASKS, Task, Turn
from curator.queue import store as queue
from curator.queue.kick import Lane, PatientKicker
from curator.queue.memory import MemoryKicker
from tests.conftest import FakeClock
from tests.jobs.queued import states

# Longer than any test: whoever looks by itself looks once, at its beginning.
_NEVER_S = 3_600.0


@pytest.fixture
def broker() -> MemoryKicker:
    return MemoryKicker()


@pytest.fixture
def kicked(app: App, broker: MemoryKicker, clock: FakeClock) -> App:
    """An application whose kicks go to a broker in memory."""
    return replace(app, kicker=PatientKicker(lambda: broker, clock))


def _queue(app: App, *tasks: str) -> None:
    with app.db.write() as session:
        for task in tasks:
            queue.enqueue(session, task, {}, now=app.clock())


@contextmanager
def _told(
    app: App, known: Mapping[str, Task], is_stopping: Callable[[], bool] = lambda: False
) -> Iterator[KickedWorker]:
    """Yields a worker that looks only when it is told to."""
    own = KickedWorker(app, is_stopping, known=known, look_every_s=None)
    yield own
    own.end()


def test_a_hint_has_everything_done_that_is_due_in_its_lane_and_nothing_else(kicked: App, broker: MemoryKicker) -> None:
    done: list[str] = []
    known: dict[str, Task] = {task: _noting(done, task) for task in ("pump_mailing", "draft_issue")}
    with _told(kicked, known) as own:
        _queue(kicked, "pump_mailing", "draft_issue", "pump_mailing")
        lanes.kick(kicked, "pump_mailing")
        broker.deliver(own.look)
    assert done == ["pump_mailing"] * 2


def test_a_doubled_hint_has_a_job_done_once(kicked: App, broker: MemoryKicker) -> None:
    done: list[str] = []
    with _told(kicked, {"pump_mailing": _noting(done, "pump_mailing")}) as own:
        _queue(kicked, "pump_mailing")
        for _ in range(3):
            lanes.kick(kicked, "pump_mailing")
        broker.deliver(own.look)
    assert done == ["pump_mailing"]


def test_what_a_lost_hint_was_about_is_told_again_at_the_next_tick(kicked: App, broker: MemoryKicker) -> None:
    _queue(kicked, "pump_mailing", "pump_mailing", "poll_feed", "draft_issue")
    lanes.kick(kicked, "pump_mailing")
    broker.purge()
    lanes.kick_due(kicked)
    assert sorted(broker.hints) == [Lane.POLLING, Lane.REST, Lane.SENDING, Lane.SENDING]


def test_a_tick_tells_the_broker_only_after_its_commit(kicked: App, broker: MemoryKicker, clock: FakeClock) -> None:
    ingest.add_feed(kicked.db, "https://example.org/feed", now=clock())
    (feeds,) = [tick for tick in ticking.TICKS if tick.name == "feeds"]
    ticking._ask(feeds, kicked)
    assert broker.hints == [Lane.POLLING]
    assert states(kicked.db) == ["queued"]


def test_a_thousand_due_jobs_wake_a_bounded_number_of_workers(kicked: App, broker: MemoryKicker) -> None:
    _queue(kicked, *["poll_feed"] * 1_000)
    lanes.kick_due(kicked)
    assert 1 < len(broker.hints) < 50


def test_what_is_not_due_yet_is_not_told(kicked: App, broker: MemoryKicker, clock: FakeClock) -> None:
    with kicked.db.write() as session:
        queue.enqueue(session, "poll_feed", {}, now=clock(), due_at=clock() + timedelta(minutes=1))
    lanes.kick_due(kicked)
    assert broker.hints == []
    clock.advance(timedelta(minutes=1))
    lanes.kick_due(kicked)
    assert broker.hints == [Lane.POLLING]


def test_a_task_that_has_more_to_do_asks_for_somebody_once_it_is_queued_again(
    kicked: App, broker: MemoryKicker
) -> None:
    _queue(kicked, "pump_mailing")
    worker.run_one(kicked, owner="one", known={"pump_mailing": lambda *_: True})
    assert broker.hints == [Lane.SENDING]
    assert states(kicked.db) == ["done", "queued"]


def test_without_a_broker_everything_is_as_it_was(app: App) -> None:
    _queue(app, "poll_feed")
    lanes.kick(app, "poll_feed")
    lanes.kick_due(app)
    assert states(app.db) == ["queued"]


def test_a_look_whose_turn_is_over_hands_on(kicked: App, broker: MemoryKicker, clock: FakeClock) -> None:
    def pump(*_: object) -> bool:
        clock.advance(timedelta(seconds=61))
        return False

    with _told(kicked, {"pump_mailing": pump}) as own:
        _queue(kicked, "pump_mailing", "pump_mailing")
        own.look(Lane.SENDING)
    assert states(kicked.db) == ["done", "queued"]
    assert broker.hints == [Lane.SENDING]


def test_a_worker_that_is_to_stop_takes_no_job_and_ends_the_one_it_has(kicked: App, clock: FakeClock) -> None:
    told = threading.Event()

    def pump(_app: App, _payload: Mapping[str, Any], turn: Turn = BY_HAND) -> bool:
        told.set()
        assert turn.is_over()
        return False

    with _told(kicked, {"pump_mailing": pump}, told.is_set) as own:
        _queue(kicked, "pump_mailing", "pump_mailing")
        own.look(Lane.SENDING)
    assert states(kicked.db) == ["done", "queued"]


@pytest.mark.parametrize("task", TASKS)
def test_without_any_hint_every_task_is_found(kicked: App, clock: FakeClock, task: str) -> None:
    done = threading.Event()

    def do(*_: object) -> bool:
        done.set()
        return False

    # Backups are made where there is a folder for them.
    kicked = replace(kicked, settings=replace(kicked.settings, backup_dir=kicked.settings.data_dir))
    _queue(kicked, task)
    clock.advance(timedelta(seconds=5))
    own = KickedWorker(kicked, lambda: False, known={task: do}, look_every_s=_NEVER_S)
    assert done.wait(60)
    own.end()


def test_a_letter_does_not_wait_for_a_mailing(kicked: App, clock: FakeClock) -> None:
    is_sent = threading.Event()

    def pump(*_: object) -> bool:
        assert is_sent.wait(60)
        return False

    def post(*_: object) -> bool:
        is_sent.set()
        return False

    _queue(kicked, "pump_mailing", "send_letters")
    clock.advance(timedelta(seconds=5))
    own = KickedWorker(kicked, lambda: False, known={"pump_mailing": pump, "send_letters": post}, look_every_s=_NEVER_S)
    assert is_sent.wait(60)
    own.end()


def test_a_letter_does_not_wait_for_a_draft_or_a_slow_name_server(kicked: App, clock: FakeClock) -> None:
    is_sent = threading.Event()

    def wait(*_: object) -> bool:
        assert is_sent.wait(60)
        return False

    def post(*_: object) -> bool:
        is_sent.set()
        return False

    _queue(kicked, "check_dns", "draft_issue", "send_letters")
    clock.advance(timedelta(seconds=5))
    known = {"check_dns": wait, "draft_issue": wait, "send_letters": post}
    own = KickedWorker(kicked, lambda: False, known=known, look_every_s=_NEVER_S)
    assert is_sent.wait(60)
    own.end()


def test_a_letter_and_a_mailing_do_not_wait_for_a_round_of_learning(kicked: App, clock: FakeClock) -> None:
    done: list[str] = []
    both = threading.Event()

    def learn(*_: object) -> bool:
        assert both.wait(20)
        return False

    def note(task: str) -> Task:
        def do(*_: object) -> bool:
            done.append(task)
            if len(done) == 2:
                both.set()
            return False

        return do

    known = {"recommend": learn, "pump_mailing": note("pump_mailing"), "send_letters": note("send_letters")}
    _queue(kicked, "recommend", "pump_mailing", "send_letters")
    clock.advance(timedelta(seconds=5))
    own = KickedWorker(kicked, lambda: False, known=known, look_every_s=_NEVER_S)
    assert both.wait(20)
    own.end()


def test_a_round_of_learning_is_never_hinted_at(kicked: App, broker: MemoryKicker) -> None:
    """It would keep a process that mail may need for minutes; a thread of its own finds it."""
    _queue(kicked, "recommend")
    lanes.kick(kicked, "recommend")
    lanes.kick_due(kicked)
    assert broker.hints == []


def test_a_worker_is_known_by_name_while_it_lives_and_not_missed_when_it_ended(kicked: App) -> None:
    folder = ticking.workers_dir(kicked)
    own = KickedWorker(kicked, lambda: False, look_every_s=_NEVER_S)
    assert [name.partition("-")[0] for name in alive.living_names(folder)] == ["worker"]
    own.end()
    assert (alive.living_names(folder), alive.dead_names(folder)) == ([], [])


def test_a_dead_workers_jobs_are_taken_up_where_no_clock_is(kicked: App, clock: FakeClock) -> None:
    done = threading.Event()

    def do(*_: object) -> bool:
        done.set()
        return False

    folder = ticking.workers_dir(kicked)
    folder.mkdir()
    (folder / "worker-1-dead.lock").touch()
    _queue(kicked, "send_letters")
    with kicked.db.write() as session:
        assert queue.claim(session, owner="worker-1-dead/letters", now=clock(), lease=worker.LEASE) is not None
    own = KickedWorker(kicked, lambda: False, known={"send_letters": do}, look_every_s=0.05)
    assert done.wait(60)
    own.end()


def test_two_workers_of_one_broker_do_every_job_once(kicked: App) -> None:
    done: list[str] = []
    known: dict[str, Task] = {"pump_mailing": _noting(done, "pump_mailing")}
    _queue(kicked, *["pump_mailing"] * 20)
    workers = [KickedWorker(kicked, lambda: False, known=known, look_every_s=None) for _ in range(2)]
    threads = [threading.Thread(target=each.look, args=(Lane.SENDING,)) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for each in workers:
        each.end()
    assert len(done) == 20


def _noting(done: list[str], task: str) -> Task:
    def note(_app: App, _payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
        done.append(task)
        return False

    return note
