"""The feeds' page: the web says what is due, and asks nobody itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from curator.app import App
from curator.feeds import store
from curator.feeds.moves import store as moves
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold, PollRow
from curator.feeds.tables import Feed
from curator.feeds.values import FeedRow, FeedState
from curator.http.memory import MemoryFetcher
from curator.jobs import worker
from tests import builders
from tests.web.conftest import Browser, Newsroom
from tests.web.test_pages import check_outline

LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


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


def test_a_list_of_thousands_is_shown_by_the_page_and_costs_the_same(mina: Browser, sqlite_app: App) -> None:
    with sqlite_app.db.write() as session:
        session.add_all(
            Feed(url=f"https://f{n}.example/", title=f"Feed {n:04}", next_poll_at=LONG_AGO, created_at=LONG_AGO)
            for n in range(5_000)
        )
    statements: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    first = mina.see("/desk/feeds")
    assert first.count('id="feed-') == 50
    assert "5,000 feeds" in first
    of_feeds = [each for each in statements if "FROM feed" in each and "FROM newsletter" not in each]
    assert len(of_feeds) <= 3
    assert "Feed 0050" in mina.see("/desk/feeds?page=2")
    assert "Feed 4999" in mina.see("/desk/feeds?q=4999")
    assert "No feed fits" in mina.see("/desk/feeds?q=5000")


def test_the_broken_ones_are_counted_and_a_click_away(mina: Browser, sqlite_app: App) -> None:
    builders.feed_row(sqlite_app.db, "Fine", last_polled_at=LONG_AGO)
    builders.feed_row(sqlite_app.db, "Broken", is_ok=False, last_polled_at=LONG_AGO)
    builders.feed_row(sqlite_app.db, "Asleep", state=FeedState.PAUSED, is_ok=False)
    page = mina.see("/desk/feeds?show=trouble")
    assert "1 in trouble" in page
    assert ("Broken" in page, "Fine" in page, "Asleep" in page) == (True, False, False)
    assert "Asleep" in mina.see("/desk/feeds?show=paused")
    assert mina.see("/desk/feeds?show=nonsense&page=x").count('id="feed-') == 3


def test_a_feeds_page_says_how_it_stands_and_what_to_do(mina: Browser, sqlite_app: App) -> None:
    now = sqlite_app.clock()
    feed_id = builders.feed_row(
        sqlite_app.db,
        "Sparse Daily",
        is_ok=False,
        failures=3,
        last_status=404,
        last_polled_at=now,
        next_poll_at=now + timedelta(hours=4),
        failing_since=now - timedelta(days=2),
        note="404 Not Found; next 13:00 UTC because it failed 3 times in a row",
    )
    with sqlite_app.db.write() as session:
        polls.add_poll(session, feed_id, PollRow(now, 404, is_ok=False, note="404 Not Found; next 13:00 UTC"))
        moves.put_alias(session, "https://before.example/feed.xml", feed_id, now=now)
    page = mina.see(f"/desk/feeds/{feed_id}")
    assert "The last 3 polls failed." in page
    assert "Look on its site for the new address" in page
    assert "404 Not Found; next 13:00 UTC" in page
    assert "https://before.example/feed.xml" in page
    assert "watch.js" not in page
    check_outline(page)
    mina.see("/desk/feeds/77", status=404)


def test_asking_now_is_followed_without_scripts(mina: Browser, sqlite_app: App) -> None:
    fetcher = sqlite_app.fetcher
    assert isinstance(fetcher, MemoryFetcher)
    feed_id = builders.feed_row(sqlite_app.db, "Notes", next_poll_at=sqlite_app.clock() + timedelta(hours=4))
    fetcher.put("https://notes.example/feed.xml", b"<rss><channel><item><title>One</title></item></channel></rss>")
    asked = mina.follow(mina.post(f"/desk/feeds/{feed_id}/poll"))
    assert "it waits for its turn" in asked
    assert ('data-watch="waits"' in asked, "watch.js" in asked, "Look again" in asked) == (True, True, True)
    assert worker.run_one(sqlite_app, owner="one")
    after = mina.see(f"/desk/feeds/{feed_id}")
    assert "200; 1 new, 0 changed" in after
    assert "watch.js" not in after


def test_a_feed_of_a_held_host_says_until_when(mina: Browser, sqlite_app: App) -> None:
    now = sqlite_app.clock()
    feed_id = builders.feed_row(sqlite_app.db, "Notes", next_poll_at=now + timedelta(hours=2))
    with sqlite_app.db.write() as session:
        polls.put_hold(session, Hold("notes.example", now + timedelta(hours=2), 1, "429 Too Many Requests"))
    page = mina.see(f"/desk/feeds/{feed_id}")
    assert "Its host wants to be left alone (429 Too Many Requests)." in page
    assert "in 2 h" in page


def test_a_pace_of_ones_own_is_set_and_taken_back(mina: Browser, sqlite_app: App) -> None:
    feed_id = builders.feed_row(sqlite_app.db, "Notes")
    address = f"/desk/feeds/{feed_id}/pace"
    assert "every 30 minutes" in mina.follow(mina.post(address, {"poll_minutes": "30"}))
    assert 'value="30"' in mina.see(f"/desk/feeds/{feed_id}")
    for wrong in ("5", "1441", "soon", "-1"):
        answer = mina.post(address, {"poll_minutes": wrong})
        assert (answer.status_code, "Give a whole number from 15 to 1,440." in answer.text) == (422, True)
    assert "its own pace" in mina.follow(mina.post(address, {"poll_minutes": " "}))


def test_what_a_feed_gives_counts_what_was_picked(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    newsroom.issue()
    page = mina.see(f"/desk/feeds/{newsroom.show}")
    assert "<dt>Items in 30 days</dt><dd>3</dd>" in page
    assert "<dt>Picked of them</dt><dd>0</dd>" not in page


def _feeds(app: App) -> list[FeedRow]:
    with app.db.read() as session:
        return store.feed_rows(session)


def test_the_desk_tells_of_trouble_however_many_feeds_there_are(mina: Browser, sqlite_app: App) -> None:
    _many(sqlite_app, 600)
    broken = builders.feed_row(sqlite_app.db, "Zebra", is_ok=False, note="The server answers with 500.")
    page = mina.see("/desk")
    assert (f'href="/desk/feeds/{broken}"' in page, "See all of them" in page) == (True, False)
    for n in range(20):
        builders.feed_row(sqlite_app.db, f"Broken {n}", is_ok=False)
    assert 'href="/desk/feeds?show=trouble">See all of them' in mina.see("/desk")


def test_the_chosen_feed_stays_chosen_among_thousands(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    _many(sqlite_app, 600)
    last = builders.feed_row(sqlite_app.db, "Zebra")
    assert f'<option value="{last}" selected>Zebra' in mina.see(f"/desk/inbox?feed={last}")


def _many(app: App, count: int) -> None:
    with app.db.write() as session:
        session.add_all(
            Feed(url=f"https://f{n}.example/", title=f"Feed {n:04}", next_poll_at=LONG_AGO, created_at=LONG_AGO)
            for n in range(count)
        )
