"""Feeds asked one after the other, their ends written several at a time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, event

from curator.db import Database
from curator.feeds import asking, merge, rounds, store
from curator.feeds.asking import BROKE, CHUNK, poll_each
from curator.feeds.ingest import add_feed, pause
from curator.feeds.look import looked
from curator.feeds.polling import host_of
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold
from curator.feeds.tables import Feed
from curator.feeds.values import PollOutcome
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched
from tests.feeds.documents import item, rss

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://f0.example/"
TAG = {"ETag": '"a"'}


def urls(number: int) -> list[str]:
    return [f"https://f{n}.example/" for n in range(number)]


def fetcher_of(*given: str) -> MemoryFetcher:
    made = MemoryFetcher()
    for n, url in enumerate(given):
        made.put(url, rss(item(f"Item {n}", guid="1")), headers=TAG)
    return made


def asked(db: Database, fetcher: MemoryFetcher, ids: Sequence[int], now: datetime = NOW) -> dict[int, PollOutcome]:
    return poll_each(db, fetcher, ids, clock=lambda: now, random=Random(1))


def notes(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.url: row.note for row in store.feed_rows(session)}


@contextmanager
def counted(db: Database) -> Iterator[Counter[str]]:
    """Counts the statements of each kind."""
    seen: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen[statement.split(maxsplit=1)[0]] += 1

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_what_has_not_changed_costs_the_same_few_statements_however_many_feeds(database: Database) -> None:
    given = urls(25)
    ids = [add_feed(database, url, now=NOW) for url in given]
    fetcher = fetcher_of(*given)
    assert [outcome.new for outcome in asked(database, fetcher, ids).values()] == [1] * 25
    runs = []
    for number, hours in ((25, 24), (2, 48)):
        with counted(database) as seen:
            found = asked(database, fetcher, ids[:number], NOW + hours * HOUR)
        assert all(outcome.note.startswith("304; next ") for outcome in found.values())
        runs.append((seen["SELECT"], seen["UPDATE"], seen["INSERT"]))
    assert runs[0] == runs[1]
    with database.read() as session:
        lines = [polls.polls(session, each) for each in ids[:3]]
    assert [[line.status for line in each] for each in lines] == [[304, 304, 200], [304, 304, 200], [304, 200]]


def test_each_feed_says_when_it_is_asked_next_and_why(database: Database) -> None:
    given = urls(3)
    ids = [add_feed(database, url, now=NOW) for url in given]
    fetcher = fetcher_of(*given)
    fetcher.put(given[1], rss(item(guid="1")), headers={"Cache-Control": "max-age=36000", **TAG})
    fetcher.fail(given[2], "It does not answer.")
    asked(database, fetcher, ids)
    said = notes(database)
    assert said[given[0]].startswith("200; 1 new, 0 changed; next ")
    assert said[given[1]].endswith("because max-age 36000")
    assert said[given[2]].startswith("It does not answer; next ")


def test_two_days_in_one_go_or_feed_by_feed_come_to_the_same(sqlite_database: Database) -> None:
    given = urls(30)
    together = [add_feed(sqlite_database, url, now=NOW) for url in given]
    alone = [add_feed(sqlite_database, url.replace("https://f", "https://g"), now=NOW) for url in given]
    fetcher = fetcher_of(*given, *(url.replace("https://f", "https://g") for url in given))
    for now in (NOW, NOW + 24 * HOUR):
        random = Random(1)
        asked(sqlite_database, fetcher, together, now)
        for each in alone:
            poll_each(sqlite_database, fetcher, [each], clock=lambda now=now: now, random=random)  # type: ignore[misc]
    with sqlite_database.read() as session:
        rows = {row.id: row for row in store.feed_rows(session)}
    for one, other in zip(together, alone, strict=True):
        assert (rows[one].note, rows[one].next_poll_at, rows[one].items) == (
            rows[other].note,
            rows[other].next_poll_at,
            1,
        )


def test_a_feed_that_breaks_the_writing_spoils_none_of_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = urls(4)
    ids = [add_feed(database, url, now=NOW) for url in given]
    merged = merge.merged

    def breaking(items, **more):  # type: ignore[no-untyped-def]  # as the real one
        if any(each.title == "Item 2" for each in items):
            raise ZeroDivisionError
        return merged(items, **more)

    monkeypatch.setattr(merge, "merged", breaking)
    with pytest.raises(ZeroDivisionError):
        asked(database, fetcher_of(*given), ids)
    said = notes(database)
    assert said.pop(given[2]) == BROKE
    assert all(note.startswith("200; 1 new") for note in said.values())


@pytest.mark.parametrize("status", [200, 500])
def test_a_feed_whose_answer_makes_the_others_be_written_is_not_blamed_for_them(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    given = urls(2)
    ids = [add_feed(sqlite_database, url, now=NOW) for url in given]
    merged = merge.merged

    def breaking(items, **more):  # type: ignore[no-untyped-def]  # as the real one
        if any(each.title == "Item 0" for each in items):
            raise ZeroDivisionError
        return merged(items, **more)

    monkeypatch.setattr(merge, "merged", breaking)
    fetcher = fetcher_of(*given)
    many = rss(*(item(guid=str(n)) for n in range(CHUNK)))  # with the other's more than are written at once
    fetcher.put(given[1], many, status=status, headers=TAG)
    with pytest.raises(ZeroDivisionError):
        asked(sqlite_database, fetcher, ids)
    said = notes(sqlite_database)
    assert said[given[0]] == BROKE
    assert said[given[1]].startswith("200; 500 new" if status == 200 else "500 Internal Server Error; next ")


def test_a_host_that_wants_peace_where_another_led_is_left_alone_at_once(database: Database) -> None:
    given = urls(2)
    ids = [add_feed(database, url, now=NOW) for url in given]
    fetcher = fetcher_of(*given)
    fetcher.put(given[0], status=302, headers={"Location": f"{given[1]}busy"})
    fetcher.put(f"{given[1]}busy", status=429, headers={"Retry-After": "7200"})
    found = asked(database, fetcher, ids)
    assert found[ids[1]].note == "Not asked: its host wants to be left alone until 11:00 UTC"
    assert [each.url for each in fetcher.asked] == [given[0], f"{given[1]}busy"]


def test_a_hold_that_another_poller_puts_is_seen_within_seconds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = urls(3)
    ids = [add_feed(database, url, now=NOW) for url in given]
    seconds = [0.0]
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: seconds[0]))

    class Holding(MemoryFetcher):
        def get(self, url: str, **more: object) -> Fetched:
            seconds[0] += 3
            with database.write() as session:
                polls.put_hold(session, Hold(host_of(given[2]), NOW + HOUR, 1, "429"))
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    holding = Holding()
    for url in given:
        holding.put(url, rss(item(guid="1")))
    found = asked(database, holding, ids)
    assert found[ids[2]].note == "Not asked: its host wants to be left alone until 10:00 UTC"
    assert [each.url for each in holding.asked] == given[:2]


def test_of_the_headers_only_what_its_end_reads_waits_for_it(sqlite_database: Database) -> None:
    feed_id = add_feed(sqlite_database, URL, now=NOW)
    fetcher = MemoryFetcher()
    fetcher.put(URL, rss(item(guid="1")), headers={**TAG, "X-More": "x" * 60_000, "Cache-Control": "x" * 60_000})
    with sqlite_database.read() as session:
        (state,) = store.poll_states(session, [feed_id]).values()
    assert looked(fetcher, state).headers == {"etag": '"a"', "cache-control": "x" * 2000}


def test_a_feed_named_twice_is_asked_once(database: Database) -> None:
    feed_id = add_feed(database, URL, now=NOW)
    fetcher = fetcher_of(URL)
    assert asked(database, fetcher, [feed_id, feed_id])[feed_id].new == 1
    assert len(fetcher.asked) == 1


def test_a_feed_that_goes_meanwhile_takes_no_other_with_it(database: Database) -> None:
    given = urls(3)
    ids = [add_feed(database, url, now=NOW) for url in given]

    class Removing(MemoryFetcher):
        def get(self, url: str, **more: object) -> Fetched:
            if url == given[1]:
                with database.engine.begin() as connection:
                    connection.execute(delete(Feed).where(Feed.id == ids[1]))
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    removing = Removing()
    for url in given:
        removing.put(url, rss(item(guid="1")))
    found = asked(database, removing, ids)
    assert [found[each].is_ok for each in ids] == [True, False, True]
    assert found[ids[1]].note == "The feed was removed or moved meanwhile."


def test_what_is_paused_before_its_turn_is_not_asked(database: Database) -> None:
    given = urls(30)  # more than are read at once
    ids = [add_feed(database, url, now=NOW) for url in given]

    class Pausing(MemoryFetcher):
        def get(self, url: str, **more: object) -> Fetched:
            if url == given[10]:
                pause(database, ids[-1], now=NOW)
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    pausing = Pausing()
    for url in given:
        pausing.put(url, rss(item(guid="1")))
    found = asked(database, pausing, ids)
    assert found[ids[-1]].note == "The feed is paused and was not asked."
    assert given[-1] not in [each.url for each in pausing.asked]


def test_what_is_over_writes_what_it_has(database: Database) -> None:
    given = urls(5)
    ids = [add_feed(database, url, now=NOW) for url in given]
    fetcher = fetcher_of(*given)
    found = poll_each(
        database, fetcher, ids, clock=lambda: NOW, random=Random(1), is_over=lambda: len(fetcher.asked) >= 2
    )
    assert list(found) == ids[:2]
    assert sorted(notes(database).values()) == ["", "", "", *sorted(outcome.note for outcome in found.values())]


def test_a_host_with_more_feeds_than_a_lease_lasts_is_taken_anew(sqlite_database: Database) -> None:
    ids = [add_feed(sqlite_database, f"https://one.example/{n}", now=NOW) for n in range(8)]
    clock = [NOW]

    class Slow(MemoryFetcher):
        def get(self, url: str, **more: object) -> Fetched:
            clock[0] += timedelta(seconds=29)
            with sqlite_database.read() as session:
                assert polls.taken_hosts(session, now=clock[0]) == frozenset({"one.example"})
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    slow = Slow()
    for n in range(8):
        slow.put(f"https://one.example/{n}", rss(item(guid="1")))
    pollers = rounds.Pollers(sqlite_database, slow, lambda: clock[0], Random(1), "one")
    assert [outcome.is_ok for outcome in rounds.poll_these(pollers, ids, at_once=1)] == [True] * 8
