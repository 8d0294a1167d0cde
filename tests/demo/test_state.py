"""What a demo remembers, and what a reset takes away: the demo's own files and nothing else."""

from datetime import datetime
from pathlib import Path

from curator.demo.state import DemoState, forget, keep_state, known_state


def test_a_state_comes_back_as_it_was_kept(tmp_path: Path, now: datetime) -> None:
    state = DemoState(feed_port=8123, started_at=now, feeds="", is_seeded=True)
    assert known_state(tmp_path) is None
    keep_state(tmp_path, state)
    assert known_state(tmp_path) == state


def test_a_reset_leaves_what_is_not_the_demos(tmp_path: Path, now: datetime) -> None:
    outside = tmp_path / "curator.sqlite3"
    outside.write_text("somebody's own installation")
    folder = tmp_path / "demo"
    (folder / "outbox" / "new").mkdir(parents=True)
    (folder / "outbox" / "new" / "000000001.curator").write_text("mail")
    keep_state(folder, DemoState(feed_port=1, started_at=now, feeds=""))
    for name in ("curator.sqlite3", "curator.sqlite3-wal", "secret.key", "notes.txt"):
        (folder / name).write_text("x")
    (folder / "journals").symlink_to(tmp_path)
    forget(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["journals", "notes.txt"]
    assert outside.exists()


def test_a_reset_of_an_empty_folder_does_nothing(tmp_path: Path) -> None:
    forget(tmp_path)
    assert list(tmp_path.iterdir()) == []
