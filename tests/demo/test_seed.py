"""Seeding fills an empty demo once; the first issue then has picks in every section."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import TEMPLATES
from curator.audience import store as audience
from curator.db import Database
from curator.demo import seed
from curator.demo.feedserver import FeedServer
from curator.demo.pages import BROKEN_PATH, TORN_PATH, sample_offer
from curator.errors import StateError
from curator.feeds import store as feeds
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.issues.values import Board
from curator.mailings import store as mailings
from curator.newsletters import store as newsletters

LIMITS = Limits(connect_s=5, read_s=5, total_s=10, max_bytes=1_000_000)


RENDERER = Renderer(TEMPLATES)


NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="module")
def feed_server() -> Iterator[FeedServer]:
    """One server for all: its address stands in what is seeded."""
    with FeedServer(partial(sample_offer, now=NOW, slow_s=0.05)) as server:
        yield server


@pytest.fixture(scope="module")
def seeded_once(
    tmp_path_factory: pytest.TempPathFactory, feed_server: FeedServer, sqlite_template: Path
) -> tuple[Path, seed.Seeded]:
    path = tmp_path_factory.mktemp("seeded") / "seeded.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    made = seeding(database, feed_server, NOW)
    database.close()
    return path, made


@pytest.fixture
def seeded(sqlite_database: Database, seeded_once: tuple[Path, seed.Seeded]) -> seed.Seeded:
    """A seeded database of the test's own: a copy, for six issues with their readers take seconds."""
    path, made = seeded_once
    shutil.copy(path, sqlite_database.url.database or "")
    return made


def seeding(database: Database, feed_server: FeedServer, now: datetime) -> seed.Seeded:
    made = seed.seed(database, feed_server, now=now)
    seed.seed_past(database, RENDERER, feed_server, made, now=now)
    seed.seed_readers(database, made, now=now)
    return made


def polled(database: Database, seeded: seed.Seeded, *, now: datetime) -> None:
    fetcher = GuardedFetcher(LIMITS, user_agent="test", allow_private=True)
    seed.poll_feeds(database, fetcher, seeded.feed_ids, now=now, random=Random(1))


def test_a_second_seeding_adds_nothing(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    before = everything(sqlite_database)
    assert seeding(sqlite_database, feed_server, now) == seeded
    assert everything(sqlite_database) == before


def everything(database: Database) -> tuple[object, ...]:
    with database.read() as session:
        [newsletter] = newsletters.newsletters(session)
        return (
            newsletter,
            audience.counts(session, newsletter.id),
            feeds.feed_rows(session),
            issues.issue_rows(session),
            mailings.mailings(session),
            accounts.editors(session),
        )


def test_three_people_sit_at_the_desk_and_one_of_them_owns_it(sqlite_database: Database, seeded: seed.Seeded) -> None:
    with sqlite_database.read() as session:
        people = {editor.id: (editor.name, editor.role) for editor in accounts.editors(session)}
    assert people[seeded.owner_id] == ("Mina Adeyemi", Role.OWNER)
    assert sorted(role for _, role in people.values()) == [Role.EDITOR, Role.EDITOR, Role.OWNER]


def test_the_newsletter_is_live(sqlite_database: Database, seeded: seed.Seeded) -> None:
    with sqlite_database.read() as session:
        assert not newsletters.newsletter(session, seeded.newsletter_id).is_test_mode


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
    seed.write_first_issue(sqlite_database, issue_id, by=seeded.owner_id, now=now)
    with sqlite_database.read() as session:
        board = issues.board(session, issue_id)
    assert [len(section.blocks) for section in board.sections] == [3, 4, 8]
    assert board.issue.slot is not None
    trends = " ".join(block.pick.title for block in board.sections[1].blocks if block.pick)
    assert all(story in trends for story in ("Oakfield", "Meridian-3", "Harbour County"))
    assert "Held Out Weekly" in board.intro[0].body
    assert board.issue.number == 7


def test_one_pick_waits_for_words_and_one_for_a_fact(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    issue_id = first_issue(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        board = issues.board(session, issue_id)
    blurbs = [block.pick.blurb for section in board.sections for block in section.blocks if block.pick]
    assert blurbs.count("") == 1
    with pytest.raises(StateError, match=r"The word TK still stands in .*Two vector database projects"):
        publish.approve(sqlite_database, RENDERER, issue_id, by=seeded.owner_id, now=now)


def test_nothing_in_the_first_issue_ran_before(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    issue_id = first_issue(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        rows = issues.issue_rows(session, newsletter_id=seeded.newsletter_id)
        items = {row.number: item_ids(issues.board(session, row.id)) for row in rows}
        chosen = items.pop(7)
        assert issue_id == rows[0].id
    assert sorted(items) == [1, 2, 3, 4, 5, 6]
    assert all(chosen.isdisjoint(ran) for ran in items.values())


def first_issue(database: Database, seeded: seed.Seeded, *, now: datetime) -> int:
    polled(database, seeded, now=now)
    issue_id = seed.draft_first_issue(
        database, seeded.newsletter_id, now=now, include_archive=False, by=seeded.owner_id
    )
    seed.write_first_issue(database, issue_id, by=seeded.owner_id, now=now)
    return issue_id


def item_ids(board: Board) -> set[int]:
    return {block.pick.item.id for section in board.sections for block in section.blocks if block.pick}


def test_an_issue_that_somebody_works_on_is_not_written_over(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    issue_id = first_issue(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        before = issues.board(session, issue_id)
    seed.write_first_issue(sqlite_database, issue_id, by=seeded.owner_id, now=now)
    with sqlite_database.read() as session:
        assert issues.board(session, issue_id) == before


def test_broken_feeds_fail_and_stop_nobody_else(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    polled(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        failing = {row.url for row in feeds.feed_rows(session) if not row.is_ok}
    assert failing == {feed_server.base_url + path for path in feed_server.offer.broken_paths}


def test_every_fault_of_the_feed_server_is_met_by_the_line(
    sqlite_database: Database, feed_server: FeedServer, seeded: seed.Seeded, now: datetime
) -> None:
    before = dict(feed_server.requests)
    for _ in range(2):
        polled(sqlite_database, seeded, now=now)
    with sqlite_database.read() as session:
        rows = {row.url.removeprefix(feed_server.base_url): row for row in feeds.feed_rows(session)}
    sound = {path for path in rows if path not in feed_server.offer.broken_paths}
    assert len(sound) == 9
    assert all(rows[path].note.startswith("304;") for path in sound), "nobody sends again what has a validator"
    assert rows[BROKEN_PATH].note.startswith("500 Internal Server Error")
    assert "no feed that can be read" in rows[TORN_PATH].note
    moved, slow = "/old/feeds/tabular.rdf", "/feeds/slow-statistics.xml"
    asked = [feed_server.requests[path] - before.get(path, 0) for path in (moved, "/feeds/tabular.rdf")]
    assert asked == [2, 2]
    assert feed_server.offer.pages[slow].delay_s > 0
    assert feed_server.offer.pages["/feeds/open-counts.xml"].is_gzipped
    assert all(rows[path].items > 0 for path in sound)
