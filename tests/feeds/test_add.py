"""Pages added by hand, and the pages behind items read, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.db import Database
from curator.errors import InvalidError, NotFoundError, ParseError, StateError
from curator.feeds import reading, store
from curator.feeds.add import Added, add_item
from curator.feeds.article import ReadArticle
from curator.feeds.articles import store as articles
from curator.feeds.articles.store import ArticleRow
from curator.feeds.values import FreshItem
from curator.http.memory import MemoryFetcher
from curator.queue.tables import Job
from tests import builders

URL = "https://blog.example/post?utm_source=mail"
FOUND = ReadArticle(
    title="Small models",
    author="Ada Field",
    site_name="Gradient Notes",
    description="What fits on a laptop.",
    html="<p>They do a lot.</p>",
    text="They do a lot.",
    image_url="https://blog.example/lead.jpg",
    language="en-GB",
    words=4,
)


class Extractor:
    """Takes FOUND out of every page, or fails; counts how often it was asked."""

    def __init__(self, found: ReadArticle | ParseError = FOUND) -> None:
        self.found, self.asked = found, 0

    def __call__(self, body: bytes, *, url: str, content_type: str = "") -> ReadArticle:  # noqa: ARG002 - it is a twin
        self.asked += 1
        if isinstance(self.found, ParseError):
            raise self.found
        return self.found


@pytest.fixture
def fetcher() -> MemoryFetcher:
    made = MemoryFetcher()
    made.put(URL, b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})
    return made


def item(db: Database, item_id: int) -> FreshItem:
    with db.read() as session:
        return store.items_by_id(session, [item_id])[item_id]


def jobs(db: Database) -> list[tuple[str, dict]]:
    with db.read() as session:
        return [(job.task, job.payload) for job in session.scalars(select(Job).order_by(Job.id))]


def read(db: Database, fetcher: MemoryFetcher, item_id: int, *, now: datetime, **more: object) -> ArticleRow | None:
    given = {"extract": Extractor(), **more}
    return reading.read_item(db, fetcher, item_id, now=now, **given)  # type: ignore[arg-type]  # as the test gives them


def test_a_page_becomes_an_item_without_a_feed(database: Database, now: datetime) -> None:
    added = add_item(
        database,
        URL,
        now=now,
        by=7,
        title=" Small\nmodels ",
        excerpt="A <b>laptop</b>.",
        image_url="https://blog.example/i.png",
    )
    found = item(database, added.item_id)
    assert (added.is_new, found.feed_id, found.title, found.at) == (True, None, "Small models", now)
    assert (found.url, found.canonical_url) == (URL, "https://blog.example/post")
    assert (found.summary_text, found.summary_html) == ("A <b>laptop</b>.", "A &lt;b&gt;laptop&lt;/b&gt;.")
    assert jobs(database) == []


def test_what_is_missing_is_asked_of_the_page_by_a_job(database: Database, now: datetime) -> None:
    added = add_item(database, URL, now=now, by=None, title="Mine")
    assert jobs(database) == [("read_article", {"item_id": added.item_id, "missing": ["excerpt", "image"]})]
    assert item(database, add_item(database, "https://b.example/x/", now=now, by=None).item_id).title == "b.example/x"


def test_a_page_that_is_known_is_the_known_item(database: Database, now: datetime) -> None:
    feed_id = builders.feed_row(database)
    known = builders.item_row(
        database, feed_id, "A post", at=now, url="https://blog.example/post/", canonical_url="https://blog.example/post"
    )
    assert add_item(database, URL, now=now, by=None) == Added(known, is_new=False)
    first = add_item(database, "https://b.example/1", now=now, by=None)
    again = add_item(database, "http://www.b.example/1/?fbclid=9#top", now=now, by=None, title="Other")
    assert again == Added(first.item_id, is_new=False)


def test_two_who_add_one_page_at_once_get_one_item(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: add_item(database, URL, now=now, by=None), range(16)))
    assert len({each.item_id for each in added}) == 1
    assert [each.is_new for each in added].count(True) == 1
    assert len(jobs(database)) == 1


@pytest.mark.parametrize(
    ("url", "image", "field"),
    [
        ("", "", "url"),
        ("javascript:alert(1)", "", "url"),
        ("https://user:pass@a.example/", "", "url"),
        (URL, "data:image/png,x", "image_url"),
    ],
)
def test_what_is_no_address_is_refused(
    sqlite_database: Database, now: datetime, url: str, image: str, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        add_item(sqlite_database, url, now=now, by=None, image_url=image)
    assert refused.value.field == field


def test_reading_a_page_keeps_its_article_and_completes_the_item(
    database: Database, now: datetime, fetcher: MemoryFetcher
) -> None:
    item_id = add_item(database, URL, now=now, by=None).item_id
    read(database, fetcher, item_id, now=now, missing=["title", "excerpt", "image"])
    found = item(database, item_id)
    assert (found.title, found.summary_text, found.author) == ("Small models", "What fits on a laptop.", "Ada Field")
    assert found.image_url == "https://blog.example/lead.jpg"
    with database.read() as session:
        article = articles.article(session, item_id)
        assert articles.item_facts(session, item_id).language == "en-GB"
    assert article is not None
    assert (article.is_ok, article.text, article.words, article.site_name) == (True, FOUND.text, 4, "Gradient Notes")


def test_what_somebody_gave_is_not_written_over(database: Database, now: datetime, fetcher: MemoryFetcher) -> None:
    item_id = add_item(database, URL, now=now, by=None, title="My title", excerpt="My words").item_id
    read(database, fetcher, item_id, now=now, missing=["image"])
    assert (item(database, item_id).title, item(database, item_id).summary_text) == ("My title", "My words")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 404}, "The server answered 404 Not Found."),
        ({"status": 299, "headers": {"content-type": "application/pdf"}}, "leads to application/pdf"),
        (None, "It is broken"),
    ],
)
def test_trouble_is_noted_in_words_and_not_tried_again_at_once(
    database: Database, now: datetime, answer: dict | None, words: str
) -> None:
    fetcher, item_id = MemoryFetcher(), add_item(database, URL, now=now, by=None, title="T").item_id
    fetcher.fail(URL) if answer is None else fetcher.put(URL, b"", **answer)
    for _ in range(2):
        article = read(database, fetcher, item_id, now=now)
        assert article is not None
        assert (article.is_ok, words in article.note) == (False, True)
    assert len(fetcher.asked) == 1
    with pytest.raises(StateError, match="just tried"):
        reading.ask_to_read(database, item_id, now=now)
    later = now + timedelta(hours=1)
    fetcher.put(URL, b"<html>")
    again = read(database, fetcher, item_id, now=later)
    assert again is not None
    assert again.is_ok


def test_a_failure_later_keeps_what_was_read(database: Database, now: datetime, fetcher: MemoryFetcher) -> None:
    item_id = add_item(database, URL, now=now, by=None, title="T").item_id
    read(database, fetcher, item_id, now=now)
    later = now + timedelta(days=1)
    article = read(database, fetcher, item_id, now=later, extract=Extractor(ParseError("It is damaged.")))
    assert article is not None
    assert (article.is_ok, article.note, article.text) == (False, "It is damaged.", FOUND.text)


def test_a_page_without_an_article_says_so(sqlite_database: Database, now: datetime, fetcher: MemoryFetcher) -> None:
    item_id = add_item(sqlite_database, URL, now=now, by=None).item_id
    bare = ReadArticle("Sign in", "", "", "", "", "", None, None, 0)
    article = read(sqlite_database, fetcher, item_id, now=now, extract=Extractor(bare), missing=["title"])
    assert article is not None
    assert (article.is_ok, "No article was found" in article.note) == (False, True)
    assert item(sqlite_database, item_id).title == "Sign in"


def test_reading_is_asked_for_once_at_a_time(sqlite_database: Database, now: datetime) -> None:
    feed_id = builders.feed_row(sqlite_database)
    item_id = builders.item_row(sqlite_database, feed_id, "A post", at=now)
    assert reading.ask_to_read(sqlite_database, item_id, now=now)
    assert not reading.ask_to_read(sqlite_database, item_id, now=now)
    with pytest.raises(NotFoundError):
        reading.ask_to_read(sqlite_database, 99, now=now)
    without = builders.item_row(sqlite_database, feed_id, "No page", at=now, url=None, canonical_url=None)
    with pytest.raises(StateError, match="names no page"):
        reading.ask_to_read(sqlite_database, without, now=now)


def test_items_of_one_page_know_each_other(database: Database, now: datetime) -> None:
    feeds = [builders.feed_row(database, title) for title in ("One", "Two")]
    same = {"canonical_url": "https://blog.example/post"}
    ids = [builders.item_row(database, feed_id, f"Post {feed_id}", at=now, **same) for feed_id in feeds]
    with database.read() as session:
        assert [(twin.id, twin.feed_title) for twin in articles.twins(session, ids[0])] == [(ids[1], "Two")]


def test_a_home_page_is_not_one_of_the_items_that_link_to_it(database: Database, now: datetime) -> None:
    home = "https://show.example/"
    builders.item_row(database, builders.feed_row(database), "Episode 1", at=now, url=home, canonical_url=home)
    first = add_item(database, home, title="The show", now=now, by=None)
    again = add_item(database, home, now=now, by=None)
    assert (first.is_new, again) == (True, Added(first.item_id, is_new=False))
    assert item(database, first.item_id).title == "The show"
