"""Seeding fills an empty demo once; the first issue then has picks in every section."""

from datetime import datetime
from random import Random

import pytest

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.db import Database
from curator.demo import seed
from curator.demo.feedserver import FeedServer
from curator.feeds import store as feeds
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from curator.issues import store as issues
from curator.newsletters import store as newsletters

LIMITS = Limits(connect_s=5, read_s=5, total_s=10, max_bytes=1_000_000)


@pytest.fixture
def seeded(sqlite_database: Database, feed_server: FeedServer, now: datetime) -> seed.Seeded:
    return seed.seed(sqlite_database, feed_server, now=now)


def polled(database: Database, seeded: seed.Seeded, *, now: datetime) -> None:
    fetcher = GuardedFetcher(LIMITS, user_agent="test", allow_private=True)
    seed.poll_feeds(database, fetcher, seeded.feed_ids, now=now, random=Random(1))


def test_a_second_seeding_adds_nothing(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    with sqlite_database.read() as session:
        before = audience.counts(session, seeded.newsletter_id), len(feeds.feed_rows(session))
    assert seed.seed(sqlite_database, feed_server, now=now) == seeded
    with sqlite_database.read() as session:
        assert (audience.counts(session, seeded.newsletter_id), len(feeds.feed_rows(session))) == before
        assert [spec.slug for spec in newsletters.newsletters(session)] == [seed.SLUG]
        assert [editor.name for editor in accounts.editors(session)] == ["Mina Adeyemi"]


def test_one_reader_is_suppressed_and_one_has_left(sqlite_database: Database, seeded: seed.Seeded) -> None:
    with sqlite_database.read() as session:
        counts = audience.counts(session, seeded.newsletter_id)
    assert counts.ended == 1
    assert counts.suppressed == 1


def test_the_own_show_is_marked(sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded) -> None:
    with sqlite_database.read() as session:
        own = [row.url for row in feeds.feed_rows(session) if row.is_own_show]
    assert own == [feed_server.own_show_url]


def test_the_first_issue_fills_every_section_and_finds_the_stories(
    sqlite_database: Database, seeded: seed.Seeded, now: datetime
) -> None:
    polled(sqlite_database, seeded, now=now)
    issue_id = seed.draft_first_issue(
        sqlite_database, seeded.newsletter_id, now=now, include_archive=False, by=seeded.owner_id
    )
    seed.welcome(sqlite_database, issue_id, by=seeded.owner_id, now=now)
    with sqlite_database.read() as session:
        board = issues.board(session, issue_id)
    assert [len(section.blocks) for section in board.sections] == [3, 4, 8]
    assert board.issue.slot is not None
    trends = " ".join(block.pick.title for block in board.sections[1].blocks if block.pick)
    assert all(story in trends for story in ("Oakfield", "Meridian-3", "Harbour County"))
    assert "Held Out Weekly" in board.intro[0].body


def test_broken_feeds_fail_and_stop_nobody_else(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    polled(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        failing = {row.url for row in feeds.feed_rows(session) if not row.is_ok}
    assert failing == {feed_server.base_url + path for path in feed_server.offer.broken_paths}
