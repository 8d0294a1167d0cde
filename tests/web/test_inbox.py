"""The inbox: pick, skip, narrow, page."""

import html
import re
from datetime import timedelta

from sqlalchemy import event, select, update

from curator.app import App
from curator.db import Database
from curator.feeds.tables import Feed
from curator.issues import publish, store
from curator.issues.values import IssueState
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, make_app, signed_in

_ROW = re.compile(r'<li id="item-(\d+)"')


def test_a_pick_goes_into_the_issue_and_leads_to_the_next_row(
    database: Database, clock: FakeClock, tmp_path: object
) -> None:
    app = make_app(database, clock, tmp_path)  # type: ignore[arg-type]
    mina = signed_in(create_app(app), app, "Mina")
    newsroom = Newsroom(app)
    with_picks = newsroom.issue()
    extra = builders.item_row(database, newsroom.blog, "Latecomer", at=clock())
    below = builders.item_row(database, newsroom.blog, "Next one", at=clock() - timedelta(minutes=1))
    page = mina.see("/desk/inbox")
    assert _ROW.findall(page) == [str(extra), str(below)]
    answer = mina.post(
        f"/desk/inbox/{extra}/pick",
        {"section": newsroom.sections[1], "below": below, "back": "/desk/inbox?kind=article"},
    )
    assert answer.headers["Location"] == f"/desk/inbox?kind=article#item-{below}"
    assert "Picked into Trends: Latecomer" in mina.see("/desk/inbox")
    with database.read() as session:
        board = store.board(session, with_picks)
    assert extra in [block.pick.item.id for block in board.sections[1].blocks if block.pick]


def test_picking_twice_is_once(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    issue_id = newsroom.issue()
    item = builders.item_row(sqlite_app.db, newsroom.blog, "Latecomer", at=sqlite_app.clock())
    for _ in range(2):
        assert mina.post(f"/desk/inbox/{item}/pick", {"section": newsroom.sections[2]}).status_code == 303
    with sqlite_app.db.read() as session:
        blocks = store.board(session, issue_id).sections[2].blocks
    assert [block.pick.item.id for block in blocks if block.pick].count(item) == 1


def test_what_is_picked_without_an_issue_waits_for_the_next(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    item = newsroom.articles[0]
    assert "waits for the next one" in mina.see("/desk/inbox")
    mina.post(f"/desk/inbox/{item}/pick", {"section": newsroom.sections[1]})
    issue_id = newsroom.issue()
    with sqlite_app.db.read() as session:
        blocks = store.board(session, issue_id).sections[1].blocks
    assert item in [block.pick.item.id for block in blocks if block.pick]


def test_a_pick_leaves_an_approved_issue_alone_and_can_be_taken_back(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    item = builders.item_row(sqlite_app.db, newsroom.blog, "Latecomer", at=sqlite_app.clock())
    answer = mina.post(f"/desk/inbox/{item}/pick", {"section": newsroom.sections[2]})
    assert "waits for the next issue: issue 1 is approved" in mina.follow(answer)
    with sqlite_app.db.read() as session:
        assert store.issue_row(session, issue_id).state is IssueState.APPROVED
    assert "Taken back: Latecomer" in mina.follow(mina.post(f"/desk/inbox/{item}/unpick"))
    assert str(item) in _ROW.findall(mina.see("/desk/inbox"))


def test_a_skipped_item_leaves_the_new_ones_and_can_come_back(mina: Browser, newsroom: Newsroom) -> None:
    item = newsroom.articles[1]
    mina.post(f"/desk/inbox/{item}/skip")
    assert str(item) not in _ROW.findall(mina.see("/desk/inbox"))
    assert _ROW.findall(mina.see("/desk/inbox?show=skipped")) == [str(item)]
    mina.post(f"/desk/inbox/{item}/unskip")
    assert str(item) in _ROW.findall(mina.see("/desk/inbox"))


def test_an_item_taken_out_of_the_issue_is_new_again(mina: Browser, newsroom: Newsroom) -> None:
    newsroom.issue()
    assert "All looked at" in mina.see("/desk/inbox")
    assert "Taken out" in mina.follow(mina.post(f"/desk/inbox/{newsroom.episodes[0]}/unpick"))
    assert _ROW.findall(mina.see("/desk/inbox")) == [str(newsroom.episodes[0])]
    assert "nothing to take out" in mina.follow(mina.post(f"/desk/inbox/{newsroom.episodes[0]}/unpick"))


def test_a_picked_item_is_not_skipped(mina: Browser, newsroom: Newsroom) -> None:
    newsroom.issue()
    answer = mina.post(f"/desk/inbox/{newsroom.episodes[0]}/skip", {"back": "/desk/inbox"})
    assert "Picked by the draft 0 s ago" in mina.follow(answer)


def test_kind_feed_and_words_narrow_the_list(mina: Browser, newsroom: Newsroom) -> None:
    assert len(_ROW.findall(mina.see("/desk/inbox"))) == 6
    assert len(_ROW.findall(mina.see("/desk/inbox?kind=episode"))) == 3
    assert len(_ROW.findall(mina.see(f"/desk/inbox?feed={newsroom.blog}"))) == 3
    assert _ROW.findall(mina.see("/desk/inbox?q=tide+POOLS")) == [str(newsroom.episodes[0])]
    assert "The filter hides 6 items: clear" in mina.see("/desk/inbox?q=nothing-like-it")


def test_nonsense_in_the_address_shows_the_first_page(mina: Browser, newsroom: Newsroom) -> None:
    for query in (
        "show=x",
        "kind=x",
        "feed=x",
        "feed=99999999999999999999",
        "before=x",
        "before=2026-01-01_x",
        "before=0001-01-01T00:00:00%2B14:00_1",
        "before=9999-12-31T23:59:59-14:00_1",
        "q=%00",
    ):
        assert len(_ROW.findall(mina.see(f"/desk/inbox?{query}"))) == 6, query


def test_pages_hold_every_item_once(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    for number in range(110):
        # Many share a moment, as they do when a feed gives only dates.
        at = sqlite_app.clock() - timedelta(days=1 + number // 40)
        builders.item_row(sqlite_app.db, newsroom.blog, f"Old news {number}", at=at)
    seen: list[str] = []
    url: str | None = "/desk/inbox"
    while url:
        page = mina.see(url)
        seen += _ROW.findall(page)
        found = re.search(r'href="([^"]+)">Older<', page)
        url = found.group(1).replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == 116


def test_the_number_of_queries_does_not_grow_with_the_list(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    few = _queries(sqlite_app, lambda: mina.see("/desk/inbox"))
    for number in range(44):
        builders.item_row(sqlite_app.db, newsroom.blog, f"More {number}", at=sqlite_app.clock())
    assert _queries(sqlite_app, lambda: mina.see("/desk/inbox")) == few


def test_nothing_of_an_items_own_leaves_the_page_unescaped(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    builders.item_row(
        sqlite_app.db,
        newsroom.blog,
        "<script>alert(1)</script>",
        at=sqlite_app.clock(),
        summary_text='"><img src=x onerror=alert(1)>',
        image_url="https://tracker.example/pixel.gif",
    )
    page = mina.see("/desk/inbox")
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert "tracker.example" not in page


def test_without_a_newsletter_the_inbox_says_who_sets_it_up(mina: Browser) -> None:
    assert "Set up the newsletter" in mina.see("/desk/inbox")


def test_the_inbox_tells_how_far_the_feeds_are_fetched_and_leads_to_what_came(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    app, later = sqlite_app, clock() + timedelta(hours=1)
    _set_feeds(app, last_polled_at=clock(), next_poll_at=later)
    quiet = _queries(app, lambda: mina.see("/desk/inbox"))
    assert "Fetching feeds" not in mina.see("/desk/inbox")
    due = [builders.feed_row(app.db, f"Due {n}", next_poll_at=clock()) for n in range(3)]
    builders.feed_row(app.db, "Broken", next_poll_at=later, is_ok=False)
    page = mina.see("/desk/inbox")
    told = re.search(r"Fetching feeds: .*?</p>", page)
    assert told is not None
    feeds = _feeds(app)
    assert re.sub(r"<[^>]+>", "", told.group()) == f"Fetching feeds: {feeds - 3} of {feeds}, 1 in trouble"
    assert _queries(app, lambda: mina.see("/desk/inbox")) == quiet
    url = html.unescape(re.findall(r'hx-get="(/desk/inbox/fetching[^"]*)"', page)[0])
    assert f"{feeds - 3} of {feeds}" in mina.see(url)
    _set_feeds(app, last_polled_at=clock(), next_poll_at=later)
    end = mina.client.get(url)
    assert "hx-get" not in end.text
    assert f'href="/desk/inbox?newsletter={newsroom.newsletter}">Show what came' in end.text
    assert "All feeds are fetched." in end.headers["HX-Trigger"]
    assert len(due) == 3


def test_the_first_feed_of_all_is_told_of_as_well(mina: Browser, sqlite_app: App, clock: FakeClock) -> None:
    builders.newsletter_row(sqlite_app.db)
    builders.feed_row(sqlite_app.db, "First", next_poll_at=clock())
    assert "Fetching feeds: " in mina.see("/desk/inbox")


def _set_feeds(app: App, **columns: object) -> None:
    with app.db.write() as session:
        session.execute(update(Feed).values(**columns))


def _feeds(app: App) -> int:
    with app.db.read() as session:
        return len(list(session.scalars(select(Feed.id))))


def _queries(app: App, act: object) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().lower().startswith("select"):
            seen.append(statement)

    event.listen(app.db.engine, "before_cursor_execute", note)
    act()  # type: ignore[operator]
    event.remove(app.db.engine, "before_cursor_execute", note)
    return len(seen)
