"""A worker has files of readers read by a process of its own; the clock asks again where that was killed."""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.app import App
from curator.audience.moving import bring, store
from curator.audience.moving.values import Import, Phase, Tally
from curator.jobs import clock as ticking
from curator.jobs import housekeeping, tasks, worker
from curator.jobs.moving import child
from curator.jobs.moving import run as moving
from curator.jobs.moving.values import Asked
from curator.jobs.tasks import Turn
from tests.builders import newsletter_row
from tests.conftest import FakeClock


def _brought(app: App, content: bytes) -> int:
    app.imports_dir.mkdir(parents=True)
    file = app.imports_dir / "given"
    file.write_bytes(content)
    newsletter_id, now = newsletter_row(app.db), app.clock()
    import_id = bring.bring(
        app.db, newsletter_id, file, file_name="given.csv", folder=app.imports_dir, max_bytes=10_000_000, now=now
    )
    plan = bring.usual_plan(_import(app, import_id).parts, basis="They asked")
    bring.begin_look(app.db, import_id, plan, now=now)
    return import_id


def _import(app: App, import_id: int) -> Import:
    with app.db.read() as session:
        return store.one(session, import_id)


def _work(app: App) -> None:
    while worker.run_one(app, owner="test/1"):
        pass


def test_a_file_is_looked_through_and_comes_in_by_a_process_of_its_own(sqlite_app: App) -> None:
    import_id = _brought(sqlite_app, b"email\n" + b"".join(b"reader%d@example.org\n" % n for n in range(2500)))
    _work(sqlite_app)
    seen = _import(sqlite_app, import_id)
    assert (seen.phase, seen.looked and seen.looked.added, seen.tally.rows) == (Phase.LOOKED, 2500, 0)
    bring.begin_run(sqlite_app.db, import_id, now=sqlite_app.clock())
    _work(sqlite_app)
    done = _import(sqlite_app, import_id)
    assert (done.phase, done.tally.added, done.has_file) == (Phase.DONE, 2500, False)
    assert not bring.place(sqlite_app.imports_dir, import_id).exists()


def test_a_turn_that_is_over_leaves_the_rest_to_the_next(sqlite_app: App) -> None:
    import_id = _brought(sqlite_app, b"email\n" + b"".join(b"reader%d@example.org\n" % n for n in range(1500)))
    url = sqlite_app.settings.database_url
    asked = Asked(url, str(sqlite_app.imports_dir), import_id, sqlite_app.clock(), secrets=())
    assert child.go_on(sqlite_app.db, replace(asked, turn_s=0))
    assert _import(sqlite_app, import_id).phase is Phase.LOOKING
    assert not child.go_on(sqlite_app.db, asked)
    assert _import(sqlite_app, import_id).looked == Tally(rows=1500, added=1500)
    bring.begin_run(sqlite_app.db, import_id, now=sqlite_app.clock())
    assert child.go_on(sqlite_app.db, replace(asked, turn_s=0))
    assert _import(sqlite_app, import_id).phase is Phase.RUNNING
    assert not child.go_on(sqlite_app.db, asked)
    assert _import(sqlite_app, import_id).tally.added == 1500


def test_a_file_that_is_gone_is_told_of_in_words(sqlite_app: App) -> None:
    import_id = _brought(sqlite_app, b"email\nada@example.org\n")
    bring.place(sqlite_app.imports_dir, import_id).unlink()
    asked = Asked(
        sqlite_app.settings.database_url, str(sqlite_app.imports_dir), import_id, sqlite_app.clock(), secrets=()
    )
    assert not child.go_on(sqlite_app.db, asked)
    found = _import(sqlite_app, import_id)
    assert (found.phase, "no longer there" in found.note) == (Phase.FAILED, True)


def test_the_process_ends_with_its_worker_and_the_clock_asks_again(
    sqlite_app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = _brought(sqlite_app, b"email\nada@example.org\n")
    with monkeypatch.context() as patched:
        patched.setattr(moving, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
        assert tasks.move_readers(sqlite_app, {"import_id": import_id}, Turn(is_stopping=lambda: True))
        patched.setattr(moving, "COMMAND", (sys.executable, "-c", "raise SystemExit(9)"))
        _work(sqlite_app)
    clock.advance(timedelta(minutes=1))
    ticking.ask_imports(sqlite_app)
    _work(sqlite_app)
    assert _import(sqlite_app, import_id).phase is Phase.LOOKED


def test_files_at_which_nobody_was_for_a_week_are_taken_away(sqlite_app: App, clock: FakeClock) -> None:
    import_id = _brought(sqlite_app, b"email\nada@example.org\n")
    arriving = Path(sqlite_app.imports_dir, "arriving-x")
    arriving.touch()
    housekeeping.keep_house(sqlite_app)
    assert bring.place(sqlite_app.imports_dir, import_id).exists()
    clock.advance(timedelta(days=8))
    clock.at = max(clock.at, sqlite_app.clock())
    housekeeping.keep_house(sqlite_app)
    assert not bring.place(sqlite_app.imports_dir, import_id).exists()
    assert _import(sqlite_app, import_id).phase is Phase.CANCELLED
