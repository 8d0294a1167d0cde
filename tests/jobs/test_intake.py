"""What comes in by jobs: pages behind picked items, and feeds at the usual places."""

from dataclasses import replace
from datetime import timedelta

import pytest

from curator.app import App
from curator.feeds import ingest
from curator.feeds.articles import store as articles
from curator.feeds.polite import HeldError
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched
from curator.jobs import clock as ticking
from curator.jobs import tasks
from curator.jobs.worker import LEASE
from curator.picks import curate
from tests import builders
from tests.conftest import FakeClock
from tests.feeds.documents import item, rss
from tests.feeds.test_article import PAGE
from tests.jobs.queued import jobs


def picked(app: App, title: str, **columns: object) -> int:
    newsletter = builders.newsletter_row(app.db, slug=title.lower())
    section = builders.section_rows(app.db, newsletter)[2]
    item_id = builders.item_row(app.db, builders.feed_row(app.db, title), title, at=app.clock(), **columns)
    curate.pick(app.db, newsletter, item_id, section, by=None, now=app.clock())
    return item_id


def test_the_pages_of_picked_items_are_read_once_where_the_feed_says_little(app: App, clock: FakeClock) -> None:
    short = picked(app, "Short", summary_text="A teaser.")
    picked(app, "Long", summary_text="All of it. " * 100)
    picked(app, "Nowhere", url=None, canonical_url=None)
    builders.item_row(app.db, None, "Unpicked", at=clock())
    for _ in range(2):
        ticking.ask_articles(app)
    assert [job["item_id"] for job in jobs(app.db)] == [short]
    with app.db.read() as session:
        assert articles.article(session, short) is None
    tasks.read_article(app, jobs(app.db)[0])
    clock.advance(timedelta(days=1))
    ticking.ask_articles(app)
    with app.db.read() as session:
        read = articles.article(session, short)
    assert read is not None
    assert (read.is_ok, len(jobs(app.db))) == (False, 1)


def test_a_task_reads_a_real_page(sqlite_app: App) -> None:
    item_id = builders.item_row(sqlite_app.db, None, "Small models", at=sqlite_app.clock(), url="https://b.example/1")
    assert isinstance(sqlite_app.fetcher, MemoryFetcher)
    sqlite_app.fetcher.put("https://b.example/1", PAGE, headers={"Content-Type": "text/html"})
    tasks.read_article(sqlite_app, {"item_id": item_id})
    with sqlite_app.db.read() as session:
        read = articles.article(session, item_id)
    assert read is not None
    assert (read.is_ok, read.author) == (True, "Ada Field")


def test_a_task_finds_a_feed_at_a_usual_place(sqlite_app: App) -> None:
    assert isinstance(sqlite_app.fetcher, MemoryFetcher)
    sqlite_app.fetcher.put("https://b.example/", b"<html>Hello", headers={"Content-Type": "text/html"})
    sqlite_app.fetcher.put("https://b.example/feed", rss(item(guid="1")))
    feed_id = ingest.add_feed(sqlite_app.db, "https://b.example", now=sqlite_app.clock())
    for _ in range(2):
        tasks.poll_feed(sqlite_app, {"feed_id": feed_id})
        tasks.find_feed(sqlite_app, {"feed_id": feed_id})
    with sqlite_app.db.read() as session:
        assert ingest.store.feed_row(session, feed_id).url == "https://b.example/feed"


def test_a_host_that_wants_peace_is_not_asked_for_articles_either(sqlite_app: App, clock: FakeClock) -> None:
    fetcher, url = sqlite_app.fetcher, "https://b.example/1"
    assert isinstance(fetcher, MemoryFetcher)
    fetcher.put(url, PAGE, headers={"Content-Type": "text/html"})
    item_id = builders.item_row(sqlite_app.db, None, "Small models", at=clock(), url=url)
    with sqlite_app.db.write() as session:
        polls.put_hold(session, Hold("b.example", clock() + timedelta(hours=2), 1, "429"))
    with pytest.raises(HeldError, match=r"b\.example wants to be left alone") as caught:
        tasks.read_article(sqlite_app, {"item_id": item_id})
    assert (caught.value.retry_in, fetcher.asked) == (timedelta(hours=2), [])
    clock.advance(timedelta(hours=2))
    tasks.read_article(sqlite_app, {"item_id": item_id})
    with sqlite_app.db.read() as session:
        read = articles.article(session, item_id)
    assert read is not None
    assert read.is_ok


def test_a_slow_site_is_not_looked_through_for_longer_than_a_lease(sqlite_app: App, clock: FakeClock) -> None:
    class Slow(MemoryFetcher):
        def get(self, url: str, **more: object) -> Fetched:
            clock.advance(timedelta(seconds=29))
            return super().get(url, **more)  # type: ignore[arg-type]  # passed through

    slow = Slow()
    slow.put("https://b.example/", b"<html>Hello", headers={"Content-Type": "text/html"})
    app = replace(sqlite_app, fetcher=slow)
    feed_id = ingest.add_feed(app.db, "https://b.example", now=clock())
    tasks.poll_feed(app, {"feed_id": feed_id})
    began = clock()
    tasks.find_feed(app, {"feed_id": feed_id})
    assert clock() - began < LEASE
    with app.db.read() as session:
        assert "none lies at the usual places" in ingest.store.feed_row(session, feed_id).note
