"""The spool keeps what a process wrote, whatever becomes of the process; a full disk is said."""

import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from curator.events import records, spool
from curator.events.spool import Spool, SpoolError
from tests.events.scene import hit

RECORD = records.packed(hit(1, 2, 3))


def _content(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in spool.names(folder)]


def test_nothing_is_opened_before_the_first_record(tmp_path: Path) -> None:
    Spool(tmp_path / "spool").close()
    assert not (tmp_path / "spool").exists()


def test_a_file_is_complete_once_its_writer_let_it_go(tmp_path: Path) -> None:
    writing = Spool(tmp_path)
    writing.append(RECORD)
    (name,) = spool.names(tmp_path)
    assert not spool.is_complete(tmp_path, name)
    writing.close()
    assert spool.is_complete(tmp_path, name)
    assert _content(tmp_path) == [RECORD]
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    writing = Spool(tmp_path, max_bytes=2 * records.SIZE)
    for _ in range(5):
        writing.append(RECORD)
    assert sorted(_content(tmp_path)) == [RECORD, RECORD * 2, RECORD * 2]
    assert sum(spool.is_complete(tmp_path, name) for name in spool.names(tmp_path)) == 2
    writing.close()


def test_threads_share_a_spool_and_lose_nothing(tmp_path: Path) -> None:
    writing = Spool(tmp_path, max_bytes=40 * records.SIZE)

    def write() -> None:
        for _ in range(100):
            writing.append(RECORD)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writing.close()
    assert b"".join(_content(tmp_path)) == RECORD * 400


def test_a_forked_child_writes_a_file_of_its_own(tmp_path: Path) -> None:
    writing = Spool(tmp_path)
    writing.append(RECORD)
    child = os.fork()
    if child == 0:
        writing.append(RECORD)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    writing.append(RECORD)
    assert sorted(_content(tmp_path)) == [RECORD, RECORD * 2]
    complete = [name for name in spool.names(tmp_path) if spool.is_complete(tmp_path, name)]
    assert len(complete) == 1, "the child's is complete, the parent's is still held"
    writing.close()


def test_a_full_disk_is_said_and_the_same_file_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = Spool(tmp_path)
    writing.append(RECORD)
    with monkeypatch.context() as full:
        full.setattr(os, "write", _no_space)
        for _ in range(3):
            with pytest.raises(SpoolError, match="No space left"):
                writing.append(RECORD)
    writing.append(RECORD)
    writing.close()
    assert _content(tmp_path) == [RECORD * 2]


def test_after_a_torn_record_a_new_file_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = Spool(tmp_path)
    real = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, content: real(descriptor, content[:10]))
        with pytest.raises(SpoolError, match="disk is full"):
            writing.append(RECORD)
    writing.append(RECORD)
    writing.close()
    assert sorted(_content(tmp_path), key=len) == [RECORD[:10], RECORD]


def test_a_file_that_was_removed_while_it_is_written_is_followed_by_another(tmp_path: Path) -> None:
    writing = Spool(tmp_path / "spool")
    writing.append(RECORD)
    shutil.rmtree(tmp_path / "spool")
    for _ in range(2):
        writing.append(RECORD)
    writing.close()
    assert _content(tmp_path / "spool") == [RECORD * 2]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(SpoolError, match="cannot be written"):
        Spool(tmp_path / "spool").append(RECORD)


def test_one_at_a_time_has_its_turn(tmp_path: Path) -> None:
    with spool.turn(tmp_path) as first, spool.turn(tmp_path) as second:
        assert (first, second) == (True, False)
    with spool.turn(tmp_path) as again:
        assert again


def _no_space(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")
