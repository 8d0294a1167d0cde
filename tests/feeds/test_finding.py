"""A web page's address added as a feed, on both databases: what its first polls make of it."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from curator.db import Database
from curator.errors import StateError
from curator.feeds import finding, store
from curator.feeds.ingest import add_feed, pause, poll
from curator.feeds.outlines import store as outlines
from curator.feeds.values import PollOutcome
from curator.http.memory import MemoryFetcher
from curator.queue.tables import Job
from tests.feeds.documents import item, rss

SITE = "https://blog.example/"
FEED = "https://blog.example/feed.xml"
HTML = {"Content-Type": "text/html"}


def page(*hrefs: str) -> bytes:
    links = (f'<link rel="alternate" type="application/rss+xml" href="{each}" title="Feed {each}">' for each in hrefs)
    return f"<!doctype html><html><head>{''.join(links)}</head><body>Hello</body></html>".encode()


@pytest.fixture
def fetcher() -> MemoryFetcher:
    made = MemoryFetcher()
    made.put(FEED, rss(item(guid="1")))
    return made


def polled(db: Database, fetcher: MemoryFetcher, feed_id: int, *, now: datetime) -> PollOutcome:
    return poll(db, fetcher, feed_id, now=now, random=Random(1))


def rows(db: Database) -> list[store.FeedRow]:
    with db.read() as session:
        return store.feed_rows(session)


def offers_of(db: Database, feed_id: int) -> list[str]:
    with db.read() as session:
        return [offer.url for offer in outlines.offers(session, [feed_id]).get(feed_id, ())]


def test_the_one_feed_of_a_page_becomes_the_address(database: Database, now: datetime, fetcher: MemoryFetcher) -> None:
    fetcher.put(SITE, page("/feed.xml"), headers=HTML)
    feed_id = add_feed(database, SITE, now=now)
    outcome = polled(database, fetcher, feed_id, now=now)
    assert (outcome.is_ok, FEED in outcome.note) == (True, True)
    assert (rows(database)[0].url, rows(database)[0].next_poll_at) == (FEED, now)
    assert polled(database, fetcher, feed_id, now=now).new == 1
    assert add_feed(database, SITE, now=now) == feed_id, "the page stands for its feed"


def test_several_feeds_wait_for_an_editor_who_takes_one(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    fetcher.put(SITE, page("/feed.xml", "/other.xml"), headers=HTML)
    feed_id = add_feed(database, SITE, now=now)
    assert "offers 2 feeds" in polled(database, fetcher, feed_id, now=now).note
    assert offers_of(database, feed_id) == [FEED, "https://blog.example/other.xml"]
    with pytest.raises(StateError, match="does not offer"):
        finding.use_offer(database, feed_id, "https://evil.example/", now=now, by=7)
    pause(database, feed_id, now=now)
    finding.use_offer(database, feed_id, FEED, now=now, by=7)
    assert (rows(database)[0].url, offers_of(database, feed_id)) == (FEED, [])
    assert polled(database, fetcher, feed_id, now=now).new == 1


def test_a_page_whose_feed_is_here_already_gives_way_to_it(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    known = add_feed(database, FEED, now=now)
    polled(database, fetcher, known, now=now)
    fetcher.put(SITE, page("/feed.xml"), headers=HTML)
    outcome = polled(database, fetcher, add_feed(database, SITE, now=now), now=now)
    assert (outcome.feed_id, "is here already: The Feed" in outcome.note) == (known, True)
    assert [row.id for row in rows(database)] == [known]


def test_a_page_of_our_own_show_says_so_of_a_feed_that_is_here_already(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    known = add_feed(database, FEED, now=now)
    fetcher.put(SITE, page("/feed.xml"), headers=HTML)
    polled(database, fetcher, add_feed(database, SITE, now=now, is_own_show=True), now=now)
    assert [(row.id, row.is_own_show) for row in rows(database)] == [(known, True)]


def test_a_silent_page_has_its_usual_places_looked_at(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    fetcher.put(SITE, page(), headers=HTML)
    feed_id = add_feed(database, SITE, now=now)
    assert "usual places are looked at" in polled(database, fetcher, feed_id, now=now).note
    with database.read() as session:
        assert [(job.task, job.payload) for job in session.scalars(select(Job))] == [
            ("find_feed", {"feed_id": feed_id})
        ]
    found = finding.look_around(database, fetcher, feed_id, now=now)
    assert found is not None
    assert (found.is_ok, rows(database)[0].url) == (True, FEED)
    assert polled(database, fetcher, feed_id, now=now).new == 1
    assert finding.look_around(database, fetcher, feed_id, now=now) is None


def test_a_page_without_any_feed_says_so_and_is_not_asked_for_a_day(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    fetcher.put("https://shop.example/", page(), headers=HTML)
    feed_id = add_feed(database, "https://shop.example/", now=now)
    polled(database, fetcher, feed_id, now=now)
    found = finding.look_around(database, fetcher, feed_id, now=now)
    assert found is not None
    assert "none lies at the usual places" in found.note
    assert rows(database)[0].next_poll_at == now + timedelta(days=1)
    again = polled(database, fetcher, feed_id, now=now + timedelta(days=1))
    assert again.note == found.note


def test_a_page_that_never_names_a_feed_is_asked_less_and_in_the_end_no_more(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    fetcher.put("https://bare.example/", page(), headers=HTML)
    feed_id = add_feed(database, "https://bare.example/", now=now)
    waits = []
    while rows(database)[0].state == "active" and len(waits) < 100:
        at = rows(database)[0].next_poll_at
        polled(database, fetcher, feed_id, now=at)
        waits.append((rows(database)[0].next_poll_at - at).days)
    assert waits == [1] * 14 + [7] * 8
    assert rows(database)[0].note.endswith(
        "; paused after 60 days without success; look for its new address, or resume it"
    )


def test_pages_that_name_each_other_are_not_followed_for_ever(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    for number in range(10):
        fetcher.put(f"https://loop.example/{number}", page(f"/{(number + 1) % 10}"), headers=HTML)
    feed_id = add_feed(database, "https://loop.example/0", now=now)
    outcomes = [polled(database, fetcher, feed_id, now=now) for _ in range(5)]
    assert [outcome.is_ok for outcome in outcomes] == [True, True, True, False, False]


def test_a_feed_that_becomes_a_page_later_keeps_its_address(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    feed_id = add_feed(database, FEED, now=now)
    polled(database, fetcher, feed_id, now=now)
    fetcher.put(FEED, page("/elsewhere.xml"), headers=HTML)
    assert "web page" in polled(database, fetcher, feed_id, now=now + timedelta(days=1)).note
    assert rows(database)[0].url == FEED
