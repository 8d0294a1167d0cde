"""The ledger of polls, and hosts that want to be left alone."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from curator.db import Database
from curator.errors import InvalidError
from curator.feeds import store
from curator.feeds.ingest import add_feed, poll, wish
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold, PollRow
from curator.feeds.rounds import Pollers, go_round
from curator.feeds.values import PollOutcome
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched
from tests.feeds.documents import item, rss

URL = "https://feed.example/feed.xml"
NEIGHBOUR = "https://feed.example/other.xml"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def fetcher() -> MemoryFetcher:
    return MemoryFetcher()


def polled(db: Database, fetcher: MemoryFetcher, feed_id: int, *, now: datetime = NOW) -> PollOutcome:
    return poll(db, fetcher, feed_id, now=now, random=Random(1))


def ledger(db: Database, feed_id: int, *, limit: int = 1000) -> list[PollRow]:
    with db.read() as session:
        return polls.polls(session, feed_id, limit=limit)


def row(db: Database, feed_id: int) -> store.FeedRow:
    with db.read() as session:
        return store.feed_row(session, feed_id)


def test_every_poll_leaves_a_line_that_an_editor_can_read(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = add_feed(database, URL, now=NOW)
    body = rss(item(guid="1"))
    fetcher.put(URL, body, headers={"ETag": '"a"'})
    first = polled(database, fetcher, feed_id)
    second = polled(database, fetcher, feed_id, now=NOW + HOUR)
    fetcher.fail(URL, "The server took too long.")
    third = polled(database, fetcher, feed_id, now=NOW + 2 * HOUR)
    lines = ledger(database, feed_id)
    assert [line.note for line in lines] == [third.note, second.note, first.note]
    assert [(line.at, line.status, line.is_ok) for line in lines] == [
        (NOW + 2 * HOUR, None, False),
        (NOW + HOUR, 304, True),
        (NOW, 200, True),
    ]
    assert [(line.new, line.updated, line.bytes) for line in lines] == [(0, 0, 0), (0, 0, 0), (1, 0, len(body))]


def test_only_the_newest_lines_of_each_feed_are_kept(database: Database) -> None:
    one, other = add_feed(database, URL, now=NOW), add_feed(database, NEIGHBOUR, now=NOW)
    for number in range(polls.KEPT + 20):
        with database.write() as session:
            polls.add_poll(session, one, PollRow(NOW, 200, is_ok=True, note=f"{number}"))
            if number < 5:
                polls.add_poll(session, other, PollRow(NOW, 200, is_ok=True, note=f"{number}"))
    kept = ledger(database, one)
    assert (len(kept), kept[0].note, kept[-1].note) == (polls.KEPT, "109", "20")
    assert len(ledger(database, other)) == 5


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_peace_holds_its_whole_host(
    database: Database, fetcher: MemoryFetcher, status: int
) -> None:
    feed_id, neighbour = add_feed(database, URL, now=NOW), add_feed(database, NEIGHBOUR, now=NOW)
    fetcher.put(URL, status=status, headers={"Retry-After": "7200"})
    fetcher.put(NEIGHBOUR, rss(item(guid="1")))
    polled(database, fetcher, feed_id)
    outcome = polled(database, fetcher, neighbour, now=NOW + HOUR)
    assert outcome.note == "Not asked: its host wants to be left alone until 11:00 UTC"
    assert [asked.url for asked in fetcher.asked] == [URL]
    found = row(database, neighbour)
    assert (found.next_poll_at, found.note) == (NOW + 2 * HOUR, outcome.note)
    assert ledger(database, neighbour) == []
    assert polled(database, fetcher, neighbour, now=NOW + 2 * HOUR).new == 1


def test_a_hold_doubles_and_a_good_answer_forgives(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id, now = add_feed(database, URL, now=NOW), NOW
    fetcher.put(URL, status=429)
    for hours in (4, 8, 16, 24, 24):
        polled(database, fetcher, feed_id, now=now)
        assert row(database, feed_id).next_poll_at == now + hours * HOUR
        now += hours * HOUR
    fetcher.put(URL, rss(item(guid="1")))
    assert polled(database, fetcher, feed_id, now=now).is_ok
    fetcher.put(URL, status=429)
    polled(database, fetcher, feed_id, now=now + HOUR)
    assert row(database, feed_id).next_poll_at == now + 5 * HOUR


def test_a_host_that_names_a_far_day_is_believed_for_a_month(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = add_feed(database, URL, now=NOW)
    fetcher.put(URL, status=503, headers={"Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT"})
    assert "17 Dec 09:00 UTC" in polled(database, fetcher, feed_id).note


def test_a_closed_feed_does_not_hold_its_neighbours(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id, neighbour = add_feed(database, URL, now=NOW), add_feed(database, NEIGHBOUR, now=NOW)
    fetcher.put(URL, status=403)
    fetcher.put(NEIGHBOUR, rss(item(guid="1")))
    assert not polled(database, fetcher, feed_id).is_ok
    assert row(database, feed_id).next_poll_at == NOW + 4 * HOUR
    assert polled(database, fetcher, neighbour).is_ok


def test_the_longer_hold_stays(database: Database) -> None:
    with database.write() as session:
        for hours in (5, 2):
            polls.put_hold(session, Hold("feed.example", NOW + hours * HOUR, 1, "429"))
    with database.read() as session:
        assert polls.holds(session, ["feed.example", "x"], now=NOW)["feed.example"].until == NOW + 5 * HOUR
        assert polls.holds(session, ["feed.example"], now=NOW + 5 * HOUR) == {}


def test_a_host_is_taken_once_and_by_anybody_after_its_lease(database: Database) -> None:
    def take(by: str, now: datetime) -> bool:
        with database.write() as session:
            return bool(polls.take_hosts(session, ["feed.example"], by=by, now=now))

    assert take("one", NOW)
    assert not take("two", NOW + polls.LEASE - timedelta(seconds=1))
    assert take("two", NOW + polls.LEASE)
    with database.write() as session:
        polls.give_back(session, ["feed.example"], by="one", now=NOW + polls.LEASE)
    assert not take("one", NOW + polls.LEASE)
    with database.write() as session:
        polls.give_back(session, ["feed.example"], by="two", now=NOW + polls.LEASE)
        assert polls.hold(session, "feed.example") is None


def test_giving_a_host_back_keeps_its_hold(database: Database) -> None:
    with database.write() as session:
        polls.take_hosts(session, ["feed.example"], by="one", now=NOW)
        polls.put_hold(session, Hold("feed.example", NOW + HOUR, 1, "429"))
        polls.give_back(session, ["feed.example"], by="one", now=NOW)
        assert polls.hold(session, "feed.example") == Hold("feed.example", NOW + HOUR, 1, "429")


def test_an_editors_wish_counts_from_now_on_and_may_be_taken_back(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = add_feed(database, URL, now=NOW)
    fetcher.put(URL, rss(item(guid="1")))
    polled(database, fetcher, feed_id)
    assert row(database, feed_id).next_poll_at > NOW + 20 * HOUR
    wish(database, feed_id, 30, now=NOW)
    assert row(database, feed_id).next_poll_at == NOW + HOUR / 2
    assert "because you want it every 30 min" in polled(database, fetcher, feed_id).note
    wish(database, feed_id, None, now=NOW)
    assert "no validators" in polled(database, fetcher, feed_id).note
    for minutes in (14, 1441, 0, -1):
        with pytest.raises(InvalidError):
            wish(database, feed_id, minutes, now=NOW)


def test_due_feeds_come_in_parts_and_each_once(database: Database) -> None:
    ids = [add_feed(database, f"https://f{n}.example/", now=NOW - n % 3 * HOUR) for n in range(10)]
    with database.read() as session:
        parts = [polls.due_feeds(session, now=NOW, limit=4)]
        while parts[-1]:
            parts.append(polls.due_feeds(session, now=NOW, limit=4, after=parts[-1][-1]))
    assert [len(part) for part in parts] == [4, 4, 2, 0]
    found = [feed for part in parts for feed in part]
    assert sorted(feed.id for feed in found) == ids
    assert [feed.at for feed in found] == sorted(feed.at for feed in found)


def test_a_host_that_soon_wants_peace_again_gets_round_to_every_feed(database: Database) -> None:
    class Stingy(MemoryFetcher):
        """Answers two requests, and 429 to all others."""

        given = 0

        def get(self, url: str, **more: object) -> Fetched:
            if self.given == 2:
                return Fetched(url, 429, {"retry-after": "7200"}, b"")
            self.given += 1
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    stingy = Stingy()
    for n in range(6):
        feed_id = add_feed(database, f"https://many.example/{n}", now=NOW - HOUR)
        wish(database, feed_id, 60, now=NOW - HOUR)
        stingy.put(f"https://many.example/{n}", rss(item(guid="1")), headers={"ETag": '"a"'})
    for half_hours in range(13):
        now = NOW + half_hours * HOUR / 2
        stingy.given = 0 if half_hours % 4 == 0 else stingy.given
        go_round(Pollers(database, stingy, lambda now=now: now, Random(1), "one"), is_over=lambda: False)  # type: ignore[misc]  # the present round's
    assert {asked.url for asked in stingy.asked} == {f"https://many.example/{n}" for n in range(6)}
