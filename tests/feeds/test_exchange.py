"""Lists of feeds into the database and out of it, on both databases."""

from datetime import datetime, timedelta

from sqlalchemy import select

from curator.activity.store import recent
from curator.db import Database
from curator.feeds import store
from curator.feeds.exchange import WITHIN, export_opml, import_opml, planned_import
from curator.feeds.opml import OutlineFeed, written_opml
from curator.feeds.tables import Feed, FeedAlias
from tests import builders


def many(count: int) -> list[OutlineFeed]:
    return [
        OutlineFeed(f"https://site{n}.example/f", f"Site {n}", None, ("All", f"Ten {n // 10}")) for n in range(count)
    ]


def test_a_list_goes_in_and_comes_out_the_same(database: Database, now: datetime) -> None:
    feeds = [
        OutlineFeed("https://a.example/f", "A / B", "https://a.example/", ("x/y, z", "🎧")),
        OutlineFeed("https://b.example/f", "B"),
    ]
    report = import_opml(database, written_opml(feeds, title="Mine"), now=now, by=7)
    assert (len(report.added), report.known) == (2, ())
    assert export_opml(database) == written_opml(feeds, title="Feeds of Curator")
    with database.read() as session:
        noted = recent(session)[0]
    assert (noted.verb, noted.actor, noted.after) == ("import", 7, {"added": 2})


def test_a_second_import_adds_nothing_and_changes_nothing(database: Database, now: datetime) -> None:
    file = written_opml(many(3), title="")
    import_opml(database, file, now=now)
    report = import_opml(database, file, now=now + timedelta(days=1))
    assert (report.added, len(report.known)) == ((), 3)


def test_a_feed_that_moved_is_known_by_its_old_address(database: Database, now: datetime) -> None:
    feed_id = builders.feed_row(database)
    with database.write() as session:
        session.add(FeedAlias(url="https://old.example/f", feed_id=feed_id, learned_at=now))
    file = written_opml([OutlineFeed("https://old.example/f", "Old")], title="")
    assert [feed.title for feed in planned_import(database, file).known] == ["Old"]
    assert import_opml(database, file, now=now).added == ()


def test_a_plan_writes_nothing(database: Database, now: datetime) -> None:
    assert len(planned_import(database, written_opml(many(3), title="")).added) == 3
    with database.read() as session:
        assert store.feed_rows(session) == []


def test_the_feeds_of_a_long_list_become_due_one_after_another(database: Database, now: datetime) -> None:
    import_opml(database, written_opml(many(5_000), title=""), now=now)
    with database.read() as session:
        due = list(session.scalars(select(Feed.next_poll_at).order_by(Feed.id)))
    assert len(set(due)) == 5_000
    assert due[0] == now
    assert now + WITHIN * 0.9 < due[-1] <= now + WITHIN
