"""Feeds that move: what is believed, what is kept, and what becomes of a feed that we had twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from curator.activity.store import recent
from curator.db import Database
from curator.episodes.tables import ListeningLink
from curator.feeds import store
from curator.feeds.ingest import add_feed, pause, poll
from curator.feeds.moves import store as moves
from curator.feeds.tables import Feed, Item
from curator.feeds.values import FeedState, PollOutcome
from curator.http.memory import MemoryFetcher
from curator.picks import store as picks
from curator.picks.tables import Pick, Skip
from tests import builders
from tests.feeds.documents import item, rss

OLD, NEW = "https://old.example/feed.xml", "https://new.example/feed.xml"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HALF_A_DAY = timedelta(hours=12)
ITEMS = [item(f"T{n}", guid=f"{n}", link=f"https://old.example/{n}") for n in range(4)]


@pytest.fixture
def fetcher() -> MemoryFetcher:
    return MemoryFetcher()


def polled(db: Database, fetcher: MemoryFetcher, feed_id: int, *, now: datetime = NOW) -> PollOutcome:
    return poll(db, fetcher, feed_id, now=now, random=Random(1))


def polls_over_days(db: Database, fetcher: MemoryFetcher, feed_id: int, *, times: int = 3) -> PollOutcome:
    return [polled(db, fetcher, feed_id, now=NOW + HALF_A_DAY * n) for n in range(times)][-1]


def moved(fetcher: MemoryFetcher, *, status: int = 301, to: str = NEW, body: bytes = rss(*ITEMS)) -> None:
    fetcher.put(OLD, status=status, headers={"Location": to})
    fetcher.put(to, body, headers={"ETag": '"new"'})


def feeds(db: Database) -> list[tuple[int, str]]:
    with db.read() as session:
        return [(feed.id, feed.url) for feed in store.feed_rows(session)]


def known(db: Database, fetcher: MemoryFetcher, url: str = OLD, *, body: bytes = rss(*ITEMS)) -> int:
    """A feed that was polled well before anything moved."""
    feed_id = add_feed(db, url, now=NOW)
    fetcher.put(url, body)
    polled(db, fetcher, feed_id, now=NOW - timedelta(days=1))
    return feed_id


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_believed_after_three_polls_over_a_day(
    database: Database, fetcher: MemoryFetcher, status: int
) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher, status=status)
    polls_over_days(database, fetcher, feed_id, times=2)
    assert feeds(database) == [(feed_id, OLD)]
    outcome = polled(database, fetcher, feed_id, now=NOW + 2 * HALF_A_DAY)
    assert f"it has moved to {NEW}, which is its address from now on" in outcome.note
    assert feeds(database) == [(feed_id, NEW)]
    with database.read() as session:
        assert moves.aliases(session, feed_id) == [OLD]
        assert recent(session)[0].verb == "move"
    polled(database, fetcher, feed_id, now=NOW + 3 * HALF_A_DAY)
    assert fetcher.asked[-1].url == NEW
    assert "if-none-match" not in fetcher.asked[-1].headers


def test_three_polls_within_an_hour_are_not_enough(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher)
    for minutes in range(0, 60, 10):
        polled(database, fetcher, feed_id, now=NOW + timedelta(minutes=minutes))
    assert feeds(database) == [(feed_id, OLD)]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_stored(database: Database, fetcher: MemoryFetcher, status: int) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher, status=status)
    polls_over_days(database, fetcher, feed_id, times=6)
    assert feeds(database) == [(feed_id, OLD)]


def test_a_redirect_to_another_address_begins_anew(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher)
    polls_over_days(database, fetcher, feed_id, times=2)
    moved(fetcher, to="https://third.example/feed.xml")
    polled(database, fetcher, feed_id, now=NOW + 2 * HALF_A_DAY)
    assert feeds(database) == [(feed_id, OLD)]


def test_what_is_another_feed_is_no_move(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher, body=rss(item(guid="ad"), title="Domains for sale"))
    for n in range(6):
        polled(database, fetcher, feed_id, now=NOW + HALF_A_DAY * n)
    assert feeds(database) == [(feed_id, OLD)]


def test_the_same_address_over_tls_is_believed_at_once(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = add_feed(database, plain := "http://old.example/feed.xml", now=NOW)
    fetcher.put(plain, status=301, headers={"Location": OLD})
    fetcher.put(OLD, rss(*ITEMS))
    polled(database, fetcher, feed_id)
    assert feeds(database) == [(feed_id, OLD)]
    assert add_feed(database, plain, now=NOW) == feed_id


def test_a_feed_that_moves_back_is_known_under_both_addresses(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = known(database, fetcher)
    moved(fetcher)
    polls_over_days(database, fetcher, feed_id)
    fetcher.put(NEW, status=301, headers={"Location": OLD})
    fetcher.put(OLD, rss(*ITEMS))
    for n in range(3, 6):
        polled(database, fetcher, feed_id, now=NOW + HALF_A_DAY * n)
    assert feeds(database) == [(feed_id, OLD)]
    with database.read() as session:
        assert moves.aliases(session, feed_id) == [NEW]
    assert add_feed(database, NEW, now=NOW) == add_feed(database, OLD, now=NOW) == feed_id


def test_two_feeds_that_turn_out_to_be_one_are_merged_without_doubles(
    database: Database, fetcher: MemoryFetcher
) -> None:
    kept = known(database, fetcher, NEW, body=rss(*ITEMS[2:], item("Only new", guid="n")))
    old = known(database, fetcher)
    moved(fetcher, body=rss(*ITEMS))
    outcome = polls_over_days(database, fetcher, old)
    assert outcome.feed_id == kept
    assert "which you had already, so both are one feed now" in outcome.note
    assert feeds(database) == [(kept, NEW)]
    with database.read() as session:
        found = store.fresh_items(session, since=None, include_archive=True)
        assert {each.feed_id for each in found} == {kept}
        assert sorted(each.title for each in found) == ["Only new", "T0", "T1", "T2", "T3"]
        assert recent(session)[0].verb == "merge"
    assert add_feed(database, OLD, now=NOW) == kept
    again = polled(database, fetcher, kept, now=NOW + 4 * HALF_A_DAY)
    assert (again.new, again.is_ok) == (0, True)


def test_a_merge_keeps_every_item_that_somebody_used(database: Database, fetcher: MemoryFetcher) -> None:
    kept, old = known(database, fetcher, NEW), known(database, fetcher)
    of_old, of_kept = _item_ids(database, old), _item_ids(database, kept)
    newsletter = builders.newsletter_row(database)
    picked_old, skipped_old, picked_kept, both_old = (of_old[title] for title in ("T0", "T1", "T2", "T3"))
    _pick(database, newsletter, [picked_old, both_old, of_kept["T3"], of_kept["T2"]])
    with database.write() as session:
        picks.add_skip(session, newsletter, skipped_old, by=None, now=NOW)
    moved(fetcher)
    polls_over_days(database, fetcher, old)
    with database.read() as session:
        assert set(session.scalars(select(Pick.item_id))) == {picked_old, both_old, of_kept["T3"], of_kept["T2"]}
        assert list(session.scalars(select(Skip.item_id))) == [skipped_old]
        rows = session.execute(select(Item.title, Item.id, Item.feed_id).order_by(Item.title, Item.id)).all()
    assert {row.feed_id for row in rows} == {kept}
    assert [(row.title, row.id) for row in rows] == [
        ("T0", picked_old),
        ("T1", skipped_old),
        ("T2", of_kept["T2"]),
        *sorted([("T3", both_old), ("T3", of_kept["T3"])]),
    ]
    assert (picked_kept in {row.id for row in rows}) is False
    assert polled(database, fetcher, kept, now=NOW + 4 * HALF_A_DAY).new == 0


def test_a_merge_keeps_what_the_editor_decided(database: Database, fetcher: MemoryFetcher) -> None:
    kept, old = known(database, fetcher, NEW), known(database, fetcher)
    pause(database, kept, now=NOW)
    with database.write() as session:
        store.update_feed(session, old, is_own_show=True, folder=["Shows"], poll_minutes=30)
        session.add(ListeningLink(feed_id=old, platform="rss", url="https://x.example/", position=0))
    moved(fetcher)
    polls_over_days(database, fetcher, old)
    with database.read() as session:
        feed = session.scalars(select(Feed)).one()
        assert (feed.is_own_show, feed.folder, feed.poll_minutes) == (True, ["Shows"], 30)
        assert (feed.id, feed.state) == (kept, FeedState.ACTIVE)
        assert list(session.scalars(select(ListeningLink.feed_id))) == [kept]


def test_a_large_merge_is_whole(sqlite_database: Database, fetcher: MemoryFetcher) -> None:
    many = rss(*[item(f"T{n}", guid=f"{n}") for n in range(1200)])
    kept, old = known(sqlite_database, fetcher, NEW, body=many), known(sqlite_database, fetcher, body=many)
    moved(fetcher, body=many)
    polls_over_days(sqlite_database, fetcher, old)
    assert len(_item_ids(sqlite_database, kept)) == 1200
    assert _item_ids(sqlite_database, old) == {}


@pytest.mark.parametrize("written", ["HTTPS://New.Example:443/feed.xml", "https://new.example./feed.xml#new"])
def test_a_new_address_is_known_however_the_server_writes_it(
    database: Database, fetcher: MemoryFetcher, written: str
) -> None:
    kept = known(database, fetcher, NEW)
    old = known(database, fetcher)
    fetcher.put(OLD, status=301, headers={"Location": written})
    polls_over_days(database, fetcher, old)
    assert feeds(database) == [(kept, NEW)]


def _item_ids(db: Database, feed_id: int) -> dict[str, int]:
    with db.read() as session:
        rows = session.execute(select(Item.title, Item.id).where(Item.feed_id == feed_id))
        return {row.title: row.id for row in rows}


def _pick(db: Database, newsletter: int, item_ids: Sequence[int]) -> None:
    (section, *_) = builders.section_rows(db, newsletter)
    with db.write() as session:
        session.add_all(
            Pick(newsletter_id=newsletter, item_id=each, section_id=section, picked_at=NOW) for each in item_ids
        )
