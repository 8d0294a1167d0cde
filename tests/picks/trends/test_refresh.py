"""Trends in the database: what a round counts, what it writes, and what it leaves alone."""

from datetime import date, timedelta

import pytest

from curator.db import Database
from curator.feeds.tables import Item
from curator.feeds.values import ItemKind
from curator.picks import set_aside
from curator.picks.trends import store
from curator.picks.trends.refresh import refresh
from curator.picks.trends.values import Refreshed, Topic
from tests import builders
from tests.audience.counting import statements
from tests.picks.desk import NOW
from tests.picks.trends.world import QUIET

SOON = NOW + timedelta(minutes=15)


class Wires:
    """Three feeds with forty quiet days behind them, and what a test lets them tell."""

    def __init__(self, db: Database, days: int = 40) -> None:
        self.db = db
        self.newsletter = builders.newsletter_row(db)
        self.feeds = [builders.feed_row(db, f"Wire {number}") for number in range(3)]
        self.number = 0
        quiet = [(title, back) for back in range(days) for title in QUIET]
        self.write([(f"{title} {place % 7}", back, self.feeds[place % 3]) for place, (title, back) in enumerate(quiet)])

    def write(
        self, told: list[tuple[str, float, int | None]], *, page: str | None = None, is_archive: bool = False
    ) -> None:
        with self.db.write() as session:
            for title, back, feed in told:
                self.number += 1
                moments = dict.fromkeys(("at", "first_seen_at", "updated_at"), NOW - timedelta(days=back))
                session.add(
                    Item(
                        feed_id=feed,
                        identity=f"item {self.number}",
                        kind=ItemKind.ARTICLE,
                        title=title,
                        canonical_url=page,
                        content_hash="",
                        is_archive=is_archive,
                        **moments,
                    )
                )

    def rise(self, term: str = "Vector databases") -> None:
        """Three feeds tell of a term within hours."""
        self.write([(f"{term}, part {place}", 0.1 + place / 24, feed) for place, feed in enumerate(self.feeds)])

    def topics(self, days: int = 2) -> list[Topic]:
        with self.db.read() as session:
            return store.topics(session, days)


@pytest.fixture
def wires(database: Database) -> Wires:
    return Wires(database)


def test_what_several_feeds_tell_at_once_is_a_trend_with_its_evidence(wires: Wires) -> None:
    wires.rise()
    assert refresh(wires.db, now=NOW).found
    (topic,) = wires.topics()
    assert (topic.term, topic.label, topic.place, topic.items) == ("vector databases", "Vector databases", 1, 3)
    assert (topic.factor, set(topic.feed_ids), len(topic.item_ids)) == (None, set(wires.feeds), 3)
    assert (len(topic.counts), topic.counts[-1]) == (30, 3)
    assert topic.first_seen_at.date() == NOW.date()
    assert [each.term for each in wires.topics(7)] == ["vector databases"]


def test_a_second_round_without_anything_new_reads_and_writes_nothing(wires: Wires) -> None:
    wires.rise()
    refresh(wires.db, now=NOW)
    with statements(wires.db) as asked:
        assert refresh(wires.db, now=SOON) == Refreshed()
    assert len(asked) == 2


def test_a_new_item_is_counted_and_what_rises_no_longer_goes(wires: Wires) -> None:
    wires.rise()
    refresh(wires.db, now=NOW)
    wires.write([(f"Tunnels, part {place}", -0.005, feed) for place, feed in enumerate(wires.feeds)])
    refresh(wires.db, now=SOON)
    assert {topic.term for topic in wires.topics()} == {"vector databases", "tunnels"}
    refresh(wires.db, now=NOW + timedelta(days=5))
    assert wires.topics() == []


def test_a_longer_window_is_counted_less_often(wires: Wires) -> None:
    wires.rise()
    refresh(wires.db, now=NOW)
    wires.write([(f"Tunnels, part {place}", -0.005, feed) for place, feed in enumerate(wires.feeds)])
    refresh(wires.db, now=SOON)
    assert [topic.term for topic in wires.topics(7)] == ["vector databases"]
    refresh(wires.db, now=NOW + timedelta(hours=2))
    assert {topic.term for topic in wires.topics(7)} == {"vector databases", "tunnels"}


def test_a_page_that_three_feeds_link_to_is_one_item_with_three_voices(wires: Wires) -> None:
    wires.write([("Tunnels", 0.1, feed) for feed in wires.feeds], page="https://news.example/tunnels")
    refresh(wires.db, now=NOW)
    assert wires.topics() == []


def test_what_came_with_a_back_issue_is_no_trend(wires: Wires) -> None:
    wires.write([(f"Vector databases, part {place}", 0.1 + place / 24, None) for place in range(4)], is_archive=True)
    refresh(wires.db, now=NOW)
    assert "Vector databases" not in [topic.label for topic in wires.topics()]


def test_every_feed_that_tells_of_a_topic_is_counted(wires: Wires) -> None:
    feeds = [builders.feed_row(wires.db, f"Further {number}") for number in range(60)]
    wires.write([(f"Vector databases, part {place}", 0.1, feed) for place, feed in enumerate(feeds)])
    refresh(wires.db, now=NOW)
    assert len(wires.topics()[0].feed_ids) == 60


def test_a_feed_that_every_newsletter_mutes_does_not_count(wires: Wires) -> None:
    wires.rise()
    other = builders.newsletter_row(wires.db, slug="other")
    for muted in wires.feeds[:2]:
        set_aside.mute_feed(wires.db, wires.newsletter, muted, by=None, now=NOW)
    refresh(wires.db, now=NOW)
    assert wires.topics()
    for muted in wires.feeds[:2]:
        set_aside.mute_feed(wires.db, other, muted, by=None, now=NOW)
    refresh(wires.db, now=NOW + timedelta(days=1))
    assert wires.topics() == []


def test_without_a_week_before_the_window_there_are_none(database: Database) -> None:
    young = Wires(database, days=5)
    young.rise()
    assert refresh(database, now=NOW).found == 0
    with database.read() as session:
        oldest = store.oldest_at(session, since=NOW - timedelta(days=60))
    assert oldest is not None
    assert oldest.date() == date(2026, 11, 12)


def test_an_empty_database_and_empty_titles_give_no_trends(database: Database) -> None:
    assert refresh(database, now=NOW) == Refreshed()
    wires = Wires(database)
    wires.write([("", 0.1, feed) for feed in wires.feeds] + [("", 0.1, None)])
    assert refresh(database, now=NOW).found == 0


def test_other_scripts_rise_as_well(wires: Wires) -> None:
    wires.write([(f"向量数据库 {place}", 0.1, feed) for place, feed in enumerate(wires.feeds)])
    refresh(wires.db, now=NOW)
    assert any("向量" in topic.label or "数据" in topic.label for topic in wires.topics())
