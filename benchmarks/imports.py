"""Measures moving in and out: a file of 1,000,000 readers is looked through, taken in and written out again.

Prints one JSON object a line. `--rows N` for fewer, `--plain` for addresses and names alone instead of an export with
dates and tags; `--database URL` for another than a new SQLite file. Reading is done as a worker has it done: by
processes of their own that end after each turn, whose memory is told.
"""

import argparse
import hashlib
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import in_process, resident_mb, say
from curator import schema
from curator.audience.moving import bring, store
from curator.audience.moving.out.write import Form, What, written
from curator.audience.moving.values import Import
from curator.db import Database
from curator.jobs.moving import run as moving
from curator.jobs.moving.values import Asked
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_HEADING = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LEID,EUID,NOTES,TAGS\n"


def write_file(path: Path, rows: int, *, is_plain: bool) -> None:
    """Writes an export as Mailchimp's is, one row of a hundred wrong and one of fifty a second time."""
    with path.open("w") as file:
        file.write("email,name\n" if is_plain else _HEADING)
        for n in range(rows):
            who = n - 49 if n % 50 == 49 else n
            # Scattered as real lists are: in order, an index would find its pages warm.
            address = f"{hashlib.sha256(str(who).encode()).hexdigest()[:12]}@host{who % 5000}.example"
            address = address if n % 100 else "nobody"
            if is_plain:
                file.write(f"{address},Ada{who} Lovelace\n")
            else:
                dates = f"20{10 + who % 15}-02-03 04:05:{who % 60:02},20{10 + who % 15}-02-03 04:06:00"
                file.write(f'{address},Ada{who},Lovelace,2,{dates},{who},e{who},,"""VIP"",""T{who % 20}"""\n')


def carried(db: Database, folder: Path, import_id: int) -> tuple[Import, float, int]:
    """Has an import's work done turn by turn; returns how it stands, how long it took and how many turns."""
    began, turns = time.perf_counter(), 0
    url = db.url.render_as_string(hide_password=False)
    while True:
        turns += 1
        if not moving.run(Asked(url, str(folder), import_id, NOW, secrets=("k" * 40,))):
            break
    with db.read() as session:
        return store.one(session, import_id), round(time.perf_counter() - began, 1), turns


def written_out(url: str, what: str) -> dict[str, object]:
    """Writes everything out and drops it; for a process of its own."""
    db, began, size, first_s = Database(url), time.perf_counter(), 0, 0.0
    for piece in written(db, What(what), Form.CSV):
        first_s = first_s or time.perf_counter() - began
        size += len(piece)
    took = time.perf_counter() - began
    return {
        "seconds": round(took, 1),
        "first_piece_s": round(first_s, 2),
        "megabytes": size // 1_000_000,
        "memory_mb": resident_mb(),
    }


def main() -> None:
    """Makes the file, and prints what each step took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--plain", action="store_true")
    options.add_argument("--database")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="curator-imports-") as name:
        folder = Path(name)
        db = Database(given.database or f"sqlite:///{folder / 'readers.sqlite3'}")
        schema.upgrade(db)
        _measure(db, folder, rows=given.rows, is_plain=given.plain)
        db.close()


def _measure(db: Database, folder: Path, *, rows: int, is_plain: bool) -> None:
    file, newsletter_id = folder / "members.csv", builders.newsletter_row(db)
    write_file(file, rows, is_plain=is_plain)
    import_id = bring.bring(
        db, newsletter_id, file, file_name="members.csv", folder=folder, max_bytes=10_000_000_000, now=NOW
    )
    with db.read() as session:
        plan = bring.usual_plan(store.one(session, import_id).parts, basis="Signed up at example.org")
    bring.begin_look(db, import_id, plan, now=NOW)
    about = {"rows": rows, "file_mb": file.stat().st_size // 1_000_000}
    _say("look a file of readers through", lambda: carried(db, folder, import_id), about)
    bring.begin_run(db, import_id, now=NOW)
    _say("take a file of readers in", lambda: carried(db, folder, import_id), about)
    url = db.url.render_as_string(hide_password=False)
    for what in (What.SUBSCRIBERS, What.CONSENTS):
        say(what=f"write {what} out", rows=rows, **in_process(written_out, url, what.value))


def _say(what: str, work: Callable[[], tuple[Import, float, int]], about: dict[str, int]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found, took, turns = work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tally = found.looked if what.startswith("look") else found.tally
    say(
        what=what,
        **about,
        seconds=took,
        cpu_seconds=round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        processes=turns,
        memory_mb=after.ru_maxrss // 1024,
        phase=found.phase,
        tally={} if tally is None else {name: number for name, number in tally.to_json().items() if number},
        note=found.note,
    )


if __name__ == "__main__":
    main()
