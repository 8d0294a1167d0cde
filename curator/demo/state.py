"""What a demo remembers between two starts: where its feeds are served, since when, and whether it is seeded."""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# Everything that a demo ever writes into its folder; a reset removes these and nothing else.
FILES = (
    "demo.json",
    "secret.key",
    "curator.sqlite3",
    "curator.sqlite3-wal",
    "curator.sqlite3-shm",
    "curator.sqlite3.turn",
)
FOLDERS = ("outbox", "bounces", "journals", "workers", "spool")


@dataclass(frozen=True)
class DemoState:
    """`feed_port` stays the same, because feeds are known by their URLs; `feeds` names the folder they come from.

    `started_at` is the moment that the sample feeds are dated back from: a restart does not publish them anew.
    """

    feed_port: int
    started_at: datetime
    feeds: str
    is_seeded: bool = False


def known_state(data_dir: Path) -> DemoState | None:
    """Returns what the folder's demo remembers, None when there was none."""
    path = data_dir / "demo.json"
    if not path.exists():
        return None
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return DemoState(**{**told, "started_at": datetime.fromisoformat(told["started_at"])})


def keep_state(data_dir: Path, state: DemoState) -> None:
    """Writes down what to remember, whole or not at all."""
    draft = data_dir / "demo.json.new"
    draft.write_text(json.dumps({**asdict(state), "started_at": state.started_at.isoformat()}), encoding="utf-8")
    draft.rename(data_dir / "demo.json")


def forget(data_dir: Path) -> None:
    """Removes what a demo wrote into this folder; anything else in it, and everything outside it, stays."""
    for name in FILES:
        (data_dir / name).unlink(missing_ok=True)
    for name in FOLDERS:
        if (data_dir / name).is_dir() and not (data_dir / name).is_symlink():
            shutil.rmtree(data_dir / name)
