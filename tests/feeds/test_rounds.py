"""Asking many feeds: what is due, no host twice at a time, whoever asks."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from curator.db import Database
from curator.errors import NotFoundError
from curator.feeds import asking, ingest, rounds, store
from curator.feeds.ingest import add_feed
from curator.feeds.polling import host_of
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold
from curator.feeds.rounds import Pollers
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched, Fetcher
from tests.feeds.documents import item, rss

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
BODY = rss(item(guid="1"))


class Watched(Fetcher):
    """A fetcher that notes how many requests each host has at a time, and in all.

    With `waits` the first one lasts until there is a second.
    """

    def __init__(self, *, waits: bool = False) -> None:
        self.met = threading.Event()
        if not waits:
            self.met.set()
        self.lock = threading.Lock()
        self.now: Counter[str] = Counter()
        self.most_on_a_host = self.most = 0
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Fetched:
        host = host_of(url)
        with self.lock:
            self.asked.append(url)
            self.now[host] += 1
            self.most_on_a_host = max(self.most_on_a_host, self.now[host])
            self.most = max(self.most, self.now.total())
            if self.most > 1:
                self.met.set()
        self.met.wait(20)
        with self.lock:
            self.now[host] -= 1
        return Fetched(url, 200, {"etag": '"a"'}, BODY)


def pollers(db: Database, fetcher: object, name: str = "one", **more: object) -> Pollers:
    made = Pollers(db, fetcher, lambda: NOW, Random(1), name)  # type: ignore[arg-type] - a twin
    return replace(made, **more)  # type: ignore[arg-type] - passed through


def never() -> bool:
    return False


def added(db: Database, *urls: str) -> list[int]:
    return [add_feed(db, url, now=NOW) for url in urls]


def due(db: Database) -> list[int]:
    with db.read() as session:
        return store.due_feed_ids(session, now=NOW)


def in_threads(act: Callable[[int], object], times: int) -> None:
    threads = [threading.Thread(target=act, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_round_asks_everything_that_is_due_and_ends(database: Database) -> None:
    fetcher = MemoryFetcher()
    ids = added(database, *(url := [f"https://f{n % 3}.example/{n}" for n in range(9)]))
    for each in url:
        fetcher.put(each, BODY)
    ingest.pause(database, ids[0], now=NOW)
    assert rounds.go_round(pollers(database, fetcher), is_over=never) is False
    assert {asked.url for asked in fetcher.asked} == set(url[1:])
    assert due(database) == []


def test_many_pollers_never_ask_a_host_twice_at_a_time(database: Database) -> None:
    watched = Watched(waits=True)
    urls = [f"https://f{n % 5}.example/{n}" for n in range(40)]
    added(database, *urls)
    in_threads(lambda n: rounds.go_round(pollers(database, watched, f"poller {n}"), is_over=never), 6)
    assert sorted(watched.asked) == sorted(urls)
    assert watched.most_on_a_host == 1
    assert watched.most > 1


def test_a_host_may_be_given_more_polls_at_a_time(sqlite_database: Database) -> None:
    watched = Watched(waits=True)
    added(sqlite_database, *(f"https://one.example/{n}" for n in range(40)))
    in_threads(lambda n: rounds.go_round(pollers(sqlite_database, watched, f"{n}", per_host=2), is_over=never), 6)
    assert len(set(watched.asked)) == len(watched.asked) == 40
    assert watched.most_on_a_host == 2


def test_a_host_with_many_due_feeds_does_not_hide_the_others(sqlite_database: Database) -> None:
    fetcher = MemoryFetcher()
    added(sqlite_database, *(f"https://busy.example/{n}" for n in range(450)), "https://free.example/")
    fetcher.put("https://free.example/", BODY)
    with sqlite_database.write() as session:
        assert polls.take_hosts(session, ["busy.example"], by="another", now=NOW)
    assert rounds.go_round(pollers(sqlite_database, fetcher), is_over=never) is False
    assert [asked.url for asked in fetcher.asked] == ["https://free.example/"]
    assert len(due(sqlite_database)) == 200


def test_the_feeds_of_a_held_host_are_put_off_and_say_why(database: Database) -> None:
    (feed_id,), fetcher = added(database, "https://held.example/"), MemoryFetcher()
    with database.write() as session:
        polls.put_hold(session, Hold("held.example", NOW + timedelta(hours=2), 1, "429"))
    assert rounds.go_round(pollers(database, fetcher), is_over=never) is False
    with database.read() as session:
        row = store.feed_row(session, feed_id)
    assert (row.note, row.next_poll_at) == (
        "Not asked: its host wants to be left alone until 11:00 UTC",
        NOW + timedelta(hours=2),
    )
    assert fetcher.asked == []


def test_a_host_that_asks_for_peace_in_the_middle_is_left_alone(database: Database) -> None:
    fetcher = MemoryFetcher()
    added(database, *(f"https://held.example/{n}" for n in range(5)))
    for n in range(5):
        fetcher.put(f"https://held.example/{n}", status=429)
    rounds.go_round(pollers(database, fetcher), is_over=never)
    assert len(fetcher.asked) == 1
    assert due(database) == []


def test_a_turn_that_is_over_leaves_the_rest_due_and_the_host_free(database: Database) -> None:
    watched = Watched()
    added(database, *(f"https://one.example/{n}" for n in range(5)))
    assert rounds.go_round(pollers(database, watched), is_over=lambda: len(watched.asked) >= 2) is True
    assert len(due(database)) == 3
    with database.read() as session:
        assert polls.taken_hosts(session, now=NOW) == frozenset()


def test_a_bug_over_one_feed_is_raised_and_stops_no_other(database: Database) -> None:
    class Breaking(Watched):
        def get(self, url: str, **_: object) -> Fetched:
            if "broken" in url:
                raise ZeroDivisionError
            return super().get(url)

    breaking = Breaking()
    broken, _ = added(database, "https://broken.example/", "https://fine.example/")
    with pytest.raises(ZeroDivisionError):
        rounds.go_round(pollers(database, breaking), is_over=never)
    assert rounds.go_round(pollers(database, breaking), is_over=never) is False
    assert breaking.asked == ["https://fine.example/"]
    with database.read() as session:
        row = store.feed_row(session, broken)
    assert (row.is_ok, row.note) == (False, asking.BROKE)
    assert row.next_poll_at == NOW + timedelta(hours=1)


def test_asking_by_hand_waits_for_nobody_and_says_so(database: Database) -> None:
    fetcher = MemoryFetcher()
    one, other = added(database, "https://busy.example/", "https://free.example/")
    fetcher.put("https://free.example/", BODY)
    with database.write() as session:
        polls.take_hosts(session, ["busy.example"], by="another", now=NOW)
    busy, free = rounds.poll_these(pollers(database, fetcher), [one, other, 99], at_once=4)
    assert (busy.feed_id, busy.note, busy.is_ok) == (one, rounds.BUSY, False)
    assert (free.feed_id, free.new) == (other, 1)
    with pytest.raises(NotFoundError):
        rounds.poll_one(pollers(database, fetcher), 99)
