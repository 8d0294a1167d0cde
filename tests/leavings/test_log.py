"""The log's files: whole lines on the disk, whoever is killed, and never too many of them."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curator.errors import InvalidError
from curator.leavings import log
from curator.leavings.log import NAME, LeavingsLog, append, read
from curator.leavings.values import Deed, Fact

_AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def left(subscriber_id: int, at: datetime = _AT) -> Fact:
    return Fact(Deed.LEFT, at, newsletter_id=1, subscribers=(subscriber_id,), how="link")


def _write_many(folder: Path, first: int) -> None:
    for number in range(first, first + 50):
        append(folder, [left(number)])


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(tmp_path, first)) for first in (0, 50)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    found = read([tmp_path])
    assert found.unreadable == 0
    assert sorted(fact.subscribers[0] for fact in found.facts if fact.deed is Deed.LEFT) == list(range(100))
    assert [fact.deed for fact in found.facts].count(Deed.BEGUN) == 1


def test_half_a_line_of_a_power_cut_does_not_swallow_the_next(tmp_path: Path) -> None:
    append(tmp_path, [left(1)])
    with (tmp_path / NAME).open("a") as file:
        file.write(left(2).to_line()[:20])
    append(tmp_path, [left(3)])
    found = read([tmp_path])
    assert [fact.subscribers for fact in found.facts] == [(), (1,), (3,)]
    assert found.unreadable == 1


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    append(tmp_path / "log", [left(1)])
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "log" / NAME).stat().st_mode & 0o777 == 0o600


def test_a_full_file_is_put_aside_and_very_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_FULL_BYTES", 1)
    for days in (0, 1, 500):
        append(tmp_path, [left(days, _AT + timedelta(days=days))])
    assert [fact.subscribers for fact in read([tmp_path]).facts if fact.deed is Deed.LEFT] == [(500,)]
    monkeypatch.setattr(log, "_MOST_FILES", 3)
    for minute in range(6):
        append(tmp_path, [left(minute, _AT + timedelta(days=500, minutes=minute))])
    assert len(list(tmp_path.glob("leavings-*.jsonl"))) == 3


def test_a_folder_that_cannot_be_written_keeps_nobody_from_leaving(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("no folder")
    kept = LeavingsLog(tmp_path / "full", spare=tmp_path / "spare")
    kept.keep([left(1)])
    assert [fact.subscribers for fact in read([tmp_path / "spare"]).facts] == [(), (1,)]
    assert "cannot be written" in kept.why_not()
    LeavingsLog(tmp_path / "full").keep([left(1)])


def test_the_log_tells_from_when_on_it_knows(tmp_path: Path) -> None:
    kept = LeavingsLog(tmp_path)
    kept.begin(now=_AT)
    kept.begin(now=_AT + timedelta(days=1))
    assert [(fact.deed, fact.at) for fact in read([tmp_path]).facts] == [(Deed.BEGUN, _AT)]
    with pytest.raises(InvalidError, match="neither"):
        read([tmp_path / "elsewhere"])
