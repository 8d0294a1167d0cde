"""A night's backup is good only once it was tried out; what it fails of stands in its row, and no half file lies."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from curator.app import App
from curator.backup import archive, check, room
from curator.backup.nightly import due, night, store
from curator.backup.nightly.values import Night, Nights, NightState
from curator.errors import StorageError
from tests.backup.conftest import changed
from tests.conftest import FakeClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


def nights(app: App) -> Nights:
    with app.db.read() as session:
        return store.nights(session)


def newest(app: App) -> Night:
    found = nights(app).newest
    assert found is not None
    return found


def a_night(app: App, folder: Path, *, keep: int = 14) -> bool:
    with app.db.write() as session:
        store.ask(session, due.slot_at(app.clock(), hour=3), now=app.clock())
    return night.make_night(app, folder, keep=keep)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_good_one_says_what_is_in_it(full: App, folder: Path) -> None:
    assert a_night(full, folder)
    row = newest(full)
    assert (row.state, row.tries, row.why, row.backup_at) == (NightState.GOOD, 1, "", full.clock())
    assert names(folder) == [row.file] == ["curator-nightly-20261116T090000Z.backup"]
    assert (folder / row.file).stat().st_size == row.bytes
    _, manifest = check.try_out(folder / row.file, scratch=folder, db=full.db)
    assert (row.rows, row.files) == (sum(manifest.rows.values()), 3)
    assert nights(full) == Nights(row, row, row.asked_at)
    assert not night.make_night(full, folder, keep=14), "a good one is made once"


def test_the_newest_so_many_stay(sqlite_full: App, folder: Path, clock: FakeClock) -> None:
    (folder / "curator-20261101T030000Z.backup").touch()
    for _ in range(4):
        assert a_night(sqlite_full, folder, keep=2)
        clock.advance(DAY)
    assert names(folder) == [
        "curator-20261101T030000Z.backup",
        "curator-nightly-20261118T090000Z.backup",
        "curator-nightly-20261119T090000Z.backup",
    ]


def test_a_folder_that_is_not_there_is_not_made(sqlite_full: App, tmp_path: Path) -> None:
    assert not a_night(sqlite_full, tmp_path / "unmounted")
    assert (newest(sqlite_full).state, "There is no folder" in newest(sqlite_full).why) == (NightState.FAILED, True)
    assert not (tmp_path / "unmounted").exists()


def test_one_that_failed_keeps_the_last_good_one_and_a_later_try_may_be_good(
    full: App, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert a_night(full, folder, keep=1)
    good = newest(full)
    clock.advance(DAY)
    with monkeypatch.context() as patched:
        patched.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
        assert not a_night(full, folder, keep=1)
    assert (newest(full).state, newest(full).ended_at) == (NightState.FAILED, clock())
    assert "Nothing was written" in newest(full).why
    assert (nights(full).good, names(folder)) == (good, [good.file])
    clock.advance(HOUR)
    assert night.make_night(full, folder, keep=1)
    assert (newest(full).state, newest(full).tries, newest(full).why) == (NightState.GOOD, 2, "")
    assert names(folder) == ["curator-nightly-20261117T100000Z.backup"]


@pytest.mark.parametrize(
    "harm", [lambda whole: changed(whole, len(whole) // 2), lambda whole: whole[:-100]], ids=["a bit", "the end"]
)
def test_what_the_disk_did_not_keep_is_no_backup(
    full: App, folder: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[bytes], bytes]
) -> None:
    whole = night.back_up

    def harmed(app: App, to: Path) -> object:
        made = whole(app, to)
        to.write_bytes(harm(to.read_bytes()))
        return made

    with monkeypatch.context() as patched:
        patched.setattr(night, "back_up", harmed)
        assert not a_night(full, folder)
    row = newest(full)
    assert (row.state, row.why != "") == (NightState.FAILED, True)
    assert (names(folder), nights(full).good) == ([], None)
    assert night.make_night(full, folder, keep=14), "the next try makes it anew"


def test_one_that_was_made_and_could_not_be_tried_out_is_tried_out_later(
    full: App, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock()

    def broken(*_given: object, **_more: object) -> None:
        raise RuntimeError("a row: ada@example.org")

    with monkeypatch.context() as patched:
        patched.setattr(night, "try_out", broken)
        assert not a_night(full, folder)
    assert newest(full).why == "It broke (RuntimeError); the log has where."
    made = names(folder)
    clock.advance(HOUR)
    monkeypatch.setattr(night, "back_up", broken)
    assert night.make_night(full, folder, keep=14)
    assert (names(folder), newest(full).backup_at) == (made, at)


def test_one_that_the_database_does_not_take_twice_is_made_anew(
    full: App, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object, **_more: object) -> None:
        raise StorageError("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr(night, "try_out", away)
        assert not a_night(full, folder)
        clock.advance(HOUR)
        assert not night.make_night(full, folder, keep=14)
    clock.advance(HOUR)
    assert night.make_night(full, folder, keep=14)
    assert newest(full).file == "curator-nightly-20261116T110000Z.backup"


def test_a_half_written_file_is_never_left(full: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def filled(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Writing, "finish", filled)
    assert not a_night(full, folder)
    assert ("No space left on device" in newest(full).why, names(folder)) == (True, [])


def test_the_late_word_of_a_try_counts_nothing_once_another_has_begun(full: App, clock: FakeClock) -> None:
    with full.db.write() as session:
        store.ask(session, clock(), now=clock())
        first, second = store.begin(session, now=clock()), store.begin(session, now=clock())
        assert first is not None
        assert second is not None
        assert not store.note_made(session, first, file="a", backup_at=clock(), counts=(1, 1, 1))
        assert not store.note_good(session, first, now=clock())
        assert not store.note_failed(session, first, why="x", now=clock())
        assert store.note_good(session, second, now=clock())
        assert not store.note_death(session, why="x", now=clock()), "it had said how it ended"
        assert store.begin(session, now=clock()) is None


def test_a_night_that_nobody_came_to_is_over_when_the_next_begins(full: App, clock: FakeClock) -> None:
    with full.db.write() as session:
        for at in (clock(), clock() + DAY, clock() + DAY):
            store.ask(session, at, now=at)
        begun = store.begin(session, now=clock() + DAY)
        assert begun is not None
        assert begun.slot_at == clock() + DAY
        assert store.note_good(session, begun, now=clock() + DAY)
    assert nights(full).begun_at == clock()
