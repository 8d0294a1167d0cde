"""The clock asks for a backup once a night, a process of its own makes it, and one that dies is made anew."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.app import App
from curator.backup.nightly import store
from curator.backup.nightly.values import Night, Nights, NightState
from curator.jobs import worker
from curator.jobs.nightly import ask as asking
from curator.jobs.nightly import run as nightly
from curator.jobs.nightly.values import TASK, Asked
from curator.queue import store as queue
from curator.settings.keys import DkimKeyFile
from tests.conftest import FakeClock
from tests.jobs.queued import jobs, states

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def keeping(app: App, folder: Path) -> App:
    return _keeping(app, folder)


@pytest.fixture
def sqlite_keeping(sqlite_app: App, folder: Path) -> App:
    return _keeping(sqlite_app, folder)


def _keeping(app: App, folder: Path) -> App:
    return replace(app, settings=replace(app.settings, backup_dir=folder))


def nights(app: App) -> Nights:
    with app.db.read() as session:
        return store.nights(session)


def newest(app: App) -> Night:
    found = nights(app).newest
    assert found is not None
    return found


def work(app: App) -> None:
    while worker.run_one(app, owner="test/1"):
        pass


def test_nothing_is_asked_for_without_a_folder(app: App) -> None:
    asking.ask(app)
    assert (jobs(app.db), nights(app)) == ([], Nights())


def test_a_night_is_made_once_and_a_missed_one_made_up_for_once(keeping: App, folder: Path, clock: FakeClock) -> None:
    for _ in range(2):
        asking.ask(keeping)
    work(keeping)
    asking.ask(keeping)
    assert (newest(keeping).state, len(jobs(keeping.db, TASK))) == (NightState.GOOD, 1)
    clock.advance(5 * DAY)
    asking.ask(keeping)
    work(keeping)
    asking.ask(keeping)
    assert len(jobs(keeping.db, TASK)) == 2
    days = [each.name.removeprefix("curator-nightly-")[:8] for each in sorted(folder.iterdir())]
    assert days == ["20261116", "20261121"]


def test_two_clocks_that_ask_at_once_ask_for_one(keeping: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = asking.queue.is_unfinished

    def meanwhile(*given: object) -> bool:
        """Another clock asks between this one's look and its word."""
        monkeypatch.setattr(asking.queue, "is_unfinished", reading)
        asking.ask(keeping)
        return reading(*given)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(asking.queue, "is_unfinished", meanwhile)
    asking.ask(keeping)
    assert len(jobs(keeping.db, TASK)) == 1


def test_a_job_that_was_lost_is_queued_again(sqlite_keeping: App, clock: FakeClock) -> None:
    asking.ask(sqlite_keeping)
    with sqlite_keeping.db.write() as session:
        job = queue.claim(session, owner="one", now=clock(), lease=worker.LEASE)
        assert job is not None
        store.begin(session, now=clock())
        queue.fail(session, job, error="restored", now=clock(), retry_at=None)
    asking.ask(sqlite_keeping)
    work(sqlite_keeping)
    assert (newest(sqlite_keeping).state, newest(sqlite_keeping).tries) == (NightState.GOOD, 2)


def test_a_process_that_dies_is_noted_and_another_makes_it_later(
    keeping: App, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking.ask(keeping)
    with monkeypatch.context() as patched:
        patched.setattr(nightly, "COMMAND", (sys.executable, "-c", _KILLED))
        work(keeping)
    assert (newest(keeping).state, newest(keeping).tries) == (NightState.FAILED, 1)
    assert "was killed" in newest(keeping).why
    assert [each.suffix for each in folder.iterdir()] != [".backup"]
    asking.ask(keeping)
    assert len(jobs(keeping.db, TASK)) == 1, "it rests for a while"
    clock.advance(timedelta(minutes=5))
    asking.ask(keeping)
    work(keeping)
    assert (newest(keeping).state, states(keeping.db)) == (NightState.GOOD, ["done", "done"])
    assert [each.name for each in folder.iterdir()] == [newest(keeping).file], "what the dead one left is gone"


# The child, which is killed the moment that all is written but the archive has no name of its own yet.
_KILLED = """
import os, signal
from curator.backup import room
room.settle = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
from curator.jobs.nightly.child import main
main()
"""


def test_a_process_ends_with_its_worker_and_another_goes_on(
    sqlite_keeping: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking.ask(sqlite_keeping)
    with monkeypatch.context() as patched:
        patched.setattr(nightly, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
        worker.run_one(sqlite_keeping, owner="one/1", is_stopping=lambda: True)
    assert newest(sqlite_keeping).why == ""
    work(sqlite_keeping)
    assert newest(sqlite_keeping).state is NightState.GOOD


def test_the_lease_is_renewed_while_it_is_made_and_the_process_ends_when_the_job_is_anothers(
    keeping: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking.ask(keeping)
    monkeypatch.setattr(nightly, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    looks = []

    def is_stopping() -> bool:
        """A minute and more between two looks: far more than a lease in all, then another takes the job."""
        looks.append(clock.advance(timedelta(seconds=100)))
        if len(looks) == 4:
            clock.advance(worker.LEASE)
        with keeping.db.write() as session:
            taken = queue.claim(session, owner="two", now=clock(), lease=10 * worker.LEASE)
        assert (taken is not None) == (len(looks) == 4)
        return False

    monkeypatch.setattr("curator.jobs.children._LOOK_EVERY_S", 0.05)
    worker.run_one(keeping, owner="one/1", is_stopping=is_stopping)
    assert len(looks) == 4
    assert states(keeping.db) == ["running"], "the other's"


def test_a_process_whose_worker_was_killed_ends_by_itself(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"""
import pathlib, time
from curator.jobs.children import end_with_parent
end_with_parent()
while True:
    pathlib.Path({str(mark)!r}).touch()
    time.sleep(0.05)
"""
    parent = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parent]) as worker_process:
        while not mark.exists():
            time.sleep(0.05)
        worker_process.send_signal(signal.SIGKILL)
    still = 0
    while still < 10:
        mark.unlink(missing_ok=True)
        time.sleep(0.2)
        still = 0 if mark.exists() else still + 1


def test_only_a_worker_with_a_folder_makes_backups(sqlite_keeping: App) -> None:
    without = replace(sqlite_keeping.settings, backup_dir=None)
    known = tuple(worker.TASKS)
    assert [lane for lane in worker._lanes(known, 4, sqlite_keeping.settings) if TASK in lane] == [(TASK,)]
    assert [lane for lane in worker._lanes(known, 4, without) if TASK in lane] == []


def test_what_is_asked_goes_as_a_line_and_comes_back(sqlite_keeping: App, clock: FakeClock, tmp_path: Path) -> None:
    keys = (DkimKeyFile("s", "podcast.example", tmp_path / "s.pem"),)
    settings = replace(
        sqlite_keeping.settings, old_secret_keys=("y" * 40,), dkim_keys=keys, backup_passphrase="a long passphrase"
    )
    asked = Asked(clock(), settings)
    assert Asked.of_json(asked.to_json()) == asked
    assert "passphrase" not in repr(asked)
