"""The feeds' page: the web says what is due, and asks nobody itself."""

import pytest

from curator.app import App
from curator.feeds import store
from curator.feeds.values import FeedRow, FeedState
from tests import builders
from tests.web.conftest import Browser


def test_a_feed_is_added_and_due_at_once_but_nothing_is_fetched(mina: Browser, sqlite_app: App) -> None:
    answer = mina.post("/desk/feeds", {"url": " https://blog.example/feed.xml ", "own": "yes"})
    assert "Added." in mina.follow(answer)
    feed = _feeds(sqlite_app)[0]
    assert (feed.url, feed.is_own_show) == ("https://blog.example/feed.xml", True)
    assert feed.next_poll_at <= sqlite_app.clock()
    assert sqlite_app.fetcher.asked == []  # type: ignore[attr-defined]


def test_adding_it_twice_is_harmless(mina: Browser, sqlite_app: App) -> None:
    mina.post("/desk/feeds", {"url": "https://blog.example/feed.xml"})
    answer = mina.post("/desk/feeds", {"url": "https://blog.example/feed.xml"})
    assert "That feed was here already." in mina.follow(answer)
    assert len(_feeds(sqlite_app)) == 1


@pytest.mark.parametrize("url", ["", "blog", "ftp://blog.example/feed", "javascript:alert(1)"])
def test_what_is_no_address_is_said_beside_the_field(mina: Browser, sqlite_app: App, url: str) -> None:
    answer = mina.post("/desk/feeds", {"url": url})
    assert (answer.status_code, 'href="#url"' in answer.text) == (422, True)
    assert _feeds(sqlite_app) == []


def test_a_feed_is_paused_resumed_marked_and_asked(mina: Browser, sqlite_app: App) -> None:
    feed_id = builders.feed_row(sqlite_app.db, "Gradient Notes")
    mina.post(f"/desk/feeds/{feed_id}/pause")
    assert _feeds(sqlite_app)[0].state is FeedState.PAUSED
    answer = mina.post(f"/desk/feeds/{feed_id}/poll", {"back": "/desk/feeds"})
    assert "resume it first" in mina.follow(answer)
    mina.post(f"/desk/feeds/{feed_id}/resume")
    assert _feeds(sqlite_app)[0].state is FeedState.ACTIVE
    mina.post(f"/desk/feeds/{feed_id}/own", {"own": "yes"})
    assert _feeds(sqlite_app)[0].is_own_show
    mina.post(f"/desk/feeds/{feed_id}/own", {"own": "no"})
    assert not _feeds(sqlite_app)[0].is_own_show
    assert "within seconds" in mina.follow(mina.post(f"/desk/feeds/{feed_id}/poll"))


def test_trouble_is_said_in_words_on_the_list_and_on_the_desk(mina: Browser, sqlite_app: App) -> None:
    builders.feed_row(sqlite_app.db, "Sparse Daily", is_ok=False, note="The server answers with 500.", failures=3)
    for url in ("/desk/feeds", "/desk"):
        page = mina.see(url)
        assert "Sparse Daily" in page
        assert "The server answers with 500." in page


def test_a_feed_that_is_gone_from_the_database_is_a_clear_404(mina: Browser) -> None:
    answer = mina.post("/desk/feeds/77/pause")
    assert (answer.status_code, "There is no feed 77." in answer.text) == (404, True)


def _feeds(app: App) -> list[FeedRow]:
    with app.db.read() as session:
        return store.feed_rows(session)
