"""The runner process: clock and workers together, ended by a signal."""

import signal
import threading
from datetime import timedelta

import pytest

from curator.app import App
from curator.jobs import alive, pulse, runner, watching, worker
from curator.jobs import clock as ticking
from curator.queue import store as queue
from curator.watch import store
from tests.conftest import FakeClock
from tests.jobs.queued import states


def test_a_clock_that_begins_after_a_long_stop_is_not_silent_to_itself(
    sqlite_app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, stop = sqlite_app, threading.Event()
    pulse.beat(app)
    clock.advance(timedelta(hours=8))

    def watch(app: App) -> None:
        watching.watch(app)
        stop.set()

    monkeypatch.setattr(ticking.scheduler, "__kwdefaults__", {"ticks": [ticking.Tick("watch", worker.LEASE, watch)]})
    monkeypatch.setattr(runner, "_stop_on_signals", lambda _stop: None)
    assert runner.main(app, stop=stop, has_workers=False) == 0
    with app.db.read() as session:
        assert store.open_alerts(session) == []


@pytest.mark.slow
def test_a_runner_does_what_is_due_and_drains_at_a_signal(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app, before = sqlite_app, {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    asked, names = threading.Event(), []

    def ask(_: App) -> None:
        names.extend(path.stem for path in ticking.workers_dir(app).glob("*.lock"))
        asked.set()

    def poll(*_: object) -> bool:
        assert asked.wait(60)
        signal.raise_signal(signal.SIGTERM)
        return False

    monkeypatch.setattr(ticking.scheduler, "__kwdefaults__", {"ticks": [ticking.Tick("ask", worker.LEASE, ask)]})
    monkeypatch.setattr(worker.run, "__kwdefaults__", {"name": "worker", "known": {"poll_feed": poll}})
    with app.db.write() as session:
        queue.enqueue(session, "poll_feed", {"feed_id": 1}, now=app.clock())
    try:
        assert runner.main(app) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert states(app.db) == ["done"]
    assert len(set(names)) == 1
    assert alive.dead_names(ticking.workers_dir(app)) == []
