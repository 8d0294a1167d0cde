"""Measures lists of the API over 1,000,000 subscribers and 1,000,000 items: first pages, filtered and deep ones.

Each figure is a whole request through the application: token, rate limit, query, JSON. Prints one JSON object a line.
`--rows N` for another size, `--only sqlite` or `postgresql` for one database. The bar: 100 ms.
"""

import argparse
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks.audience import DAYS_AGO, SERIES, fill, postgresql
from benchmarks.figures import say
from curator import schema
from curator.accounts import api_tokens
from curator.accounts.values import ApiScope
from curator.db import Database
from curator.web import create_app
from curator.web.api import cursors
from curator.web.api.operations import MOST_A_PAGE
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import make_app, person

BAR_MS, TIMES = 100, 5
_START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_ITEMS = """
    insert into item (feed_id, identity, kind, url, canonical_url, title, author, summary_html, summary_text,
                      content_hash, at, first_seen_at, updated_at, is_archive, edits, is_date_odd)
    select FIRST + i % 100, 'item' || i, 'article', 'https://blog.example/' || i, 'https://blog.example/' || i,
           'Title number ' || i, 'Somebody', '<p>Some words.</p>', 'Some words that stand for a summary. Some words.',
           'hash', [i * 7 % 2000], [i * 7 % 2000], [i * 7 % 2000], false, 0, false
    from SERIES as s;
    insert into pick (newsletter_id, item_id, section_id, blurb, is_blurb_draft, shows_picture, picture_alt, reasons,
                      picked_at, version)
    select NEWSLETTER, i * 200, SECTION, 'Words.', false, false, '', '', [i % 900], 1 from SERIES as s where i <= 5000;
    insert into skip (newsletter_id, item_id, skipped_at, reason)
    select NEWSLETTER, i * 20 + 1, [i % 900], '' from SERIES as s where i <= COUNTED / 21
"""


def fill_items(db: Database, newsletter_id: int, rows: int) -> None:
    """Makes feeds and items: a twentieth was passed over, 5,000 at most were picked."""
    dialect, section = db.engine.dialect.name, builders.section_rows(db, newsletter_id)[0]
    first = min(builders.feed_row(db, f"Feed {number}") for number in range(100))
    script = _ITEMS.replace("SERIES", SERIES[dialect]).replace("NEWSLETTER", str(newsletter_id))
    script = script.replace("SECTION", str(section)).replace("FIRST", str(first)).replace("COUNTED", str(rows))
    script = script.replace("i <= 5000", f"i <= {min(5000, rows // 200)}")
    steps = re.sub(r"\[([^]]+)\]", lambda found: DAYS_AGO[dialect].format(found[1]), script).split(";")
    with db.write() as session:
        if dialect == "sqlite":
            session.execute(text("pragma cache_size = -400000"))
        for step in steps:
            session.execute(text(step), {"count": rows})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze" if dialect == "postgresql" else "analyze")


def run(db: Database, rows: int) -> None:
    """Fills a database and asks for lists."""
    schema.upgrade(db)
    newsletter_id = fill(db, rows)
    fill_items(db, newsletter_id, rows)
    with tempfile.TemporaryDirectory(prefix="curator-api-") as folder:
        clock = FakeClock(_START)
        app = make_app(db, clock, Path(folder))
        flask, user_id = create_app(app), person(app, "Mina")
        token = api_tokens.make_token(db, user_id, "Bench", scopes=tuple(ApiScope), now=clock())
        program, head = flask.test_client(use_cookies=False), {"Authorization": f"Bearer {token}"}

        def ask(what: str, address: str) -> None:
            took, cpu = [], []
            for _ in range(TIMES):
                clock.advance(timedelta(seconds=1))
                began, busy = time.perf_counter(), time.process_time()
                answer = program.get(address, headers=head)
                took.append((time.perf_counter() - began) * 1000)
                cpu.append((time.process_time() - busy) * 1000)
                assert answer.status_code == 200, answer.text
            assert answer.json is not None
            found = {"found": len(answer.json["items"]), "kb": round(len(answer.data) / 1000)}
            ms = {"ms": round(statistics.median(took)), "cpu_ms": round(statistics.median(cpu))}
            say(what=what, database=db.engine.dialect.name, rows=rows, **ms, **found, bar_ms=BAR_MS)

        def deep(name: str, place: list[object], **filters: object) -> str:
            return cursors.cursor(app.keys, place, of={"list": name, **filters})

        readers = f"/api/v1/subscribers?limit={MOST_A_PAGE}&newsletter_id={newsletter_id}"
        ask("readers, first page", readers)
        ask("readers who left, first page", f"{readers}&state=ended")
        filters = {"newsletter_id": newsletter_id, "state": None}
        ask("readers, a page far in", f"{readers}&cursor={deep('list_subscribers', [rows * 9 // 10], **filters)}")
        filters = {"newsletter_id": newsletter_id, "state": "ended"}
        far = deep("list_subscribers", [rows * 9 // 10], **filters)
        ask("readers who left, a page far in", f"{readers}&state=ended&cursor={far}")
        ask("suppressions, first page", f"/api/v1/suppressions?limit={MOST_A_PAGE}")
        items = f"/api/v1/items?limit={MOST_A_PAGE}"
        filters = {"feed_id": None, "since": None, "newsletter_id": None, "state": None}
        place = [(_START - timedelta(days=1900)).isoformat(), rows // 2]
        ask("items, first page", items)
        ask("items, a page far in", f"{items}&cursor={deep('list_items', place, **filters)}")
        ask("items of a feed", f"{items}&feed_id=50")
        ask("items since a moment", f"{items}&since=2025-01-01T00:00:00Z")
        for state in ("new", "picked", "skipped"):
            ask(f"items that are {state}", f"{items}&newsletter_id={newsletter_id}&state={state}")
        ask("picks, first page", f"/api/v1/picks?limit={MOST_A_PAGE}&newsletter_id={newsletter_id}")


def main() -> None:
    """Runs on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.only != "postgresql":
        with tempfile.TemporaryDirectory(prefix="curator-api-") as folder:
            db = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
            run(db, given.rows)
            db.close()
    if given.only != "sqlite":
        with tempfile.TemporaryDirectory(prefix="curator-api-") as folder, postgresql(Path(folder)) as db:
            run(db, given.rows)


if __name__ == "__main__":
    main()
