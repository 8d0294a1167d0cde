"""The inbox's order, its reasons, and stories as rows."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from curator.accounts.values import Role
from curator.app import App
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import EXPLORED, STALE_AFTER, Learned, Offer
from curator.picks.tables import Resurfaced, StoryItem, StoryRow
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, signed_in

_ROW = re.compile(r'<li id="item-(\d+)"')
REASONS = ("like 3 picks of issue 41", "told by 4 of your feeds", "rising topic: vector databases", "3 hours old")


def offers(newsroom: Newsroom, *items: int, reasons: tuple[str, ...] = REASONS, **columns: object) -> None:
    """Puts a list of candidates, the best first, each for the second section."""
    given: dict[str, object] = {"section_id": newsroom.sections[1], "propensity": None, "model_version": None}
    listed = [
        Offer(
            item_id=each, place=place, score=1.0, reasons=reasons, scored_at=newsroom.app.clock(), **(given | columns)
        )  # type: ignore[arg-type]  # the test's own columns
        for place, each in enumerate(items, start=1)
    ]
    with newsroom.app.db.write() as session:
        ranking.put_candidates(session, newsroom.newsletter, listed, model_id=None)


def learned(
    newsroom: Newsroom, *, at: datetime, positives: int = 214, body: bytes | None = b"x", note: str = ""
) -> None:
    with newsroom.app.db.write() as session:
        whole = Learned(None, body, note, examples=positives * 3, positives=positives)
        ranking.put_models(session, newsroom.newsletter, [whole], now=at)


def story(app: App, *item_ids: int) -> None:
    """Makes items one story; the first of them stands for it."""
    with app.db.write() as session:
        row = StoryRow(first_at=app.clock(), last_at=app.clock())
        session.add(row)
        session.flush()
        session.add_all(StoryItem(item_id=each, story_id=row.id, is_best=each == item_ids[0]) for each in item_ids)


def rows(page: str) -> list[int]:
    return [int(each) for each in _ROW.findall(page)]


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_best_come_first_once_there_are_candidates_and_the_choice_keeps(mina: Browser, newsroom: Newsroom) -> None:
    newest = rows(mina.see("/desk/inbox"))
    assert newest[0] == newsroom.episodes[0]
    offers(newsroom, newsroom.articles[2], newsroom.episodes[1])
    page = mina.see("/desk/inbox")
    assert rows(page) == [
        newsroom.articles[2],
        newsroom.episodes[1],
        *(each for each in newest if each not in (newsroom.articles[2], newsroom.episodes[1])),
    ]
    assert re.search(r'order=best"[^>]*aria-current="true">Best first<', page)
    assert rows(mina.see(f"/desk/inbox?newsletter={newsroom.newsletter}&order=newest")) == newest
    assert rows(mina.see("/desk/inbox")) == newest, "it is kept for the newsletter"
    assert rows(mina.see("/desk/inbox?order=best")) != newest
    assert rows(mina.see("/desk/inbox"))[0] == newsroom.articles[2]
    assert "Best first" not in mina.see("/desk/inbox?show=all")


def test_the_page_says_what_the_order_rests_on(mina: Browser, newsroom: Newsroom, clock: FakeClock) -> None:
    assert "Nothing is learned yet: newest first by rules." in mina.see("/desk/inbox")
    offers(newsroom, newsroom.articles[2])
    assert "Nothing is learned yet: what is fresh" in mina.see("/desk/inbox")
    learned(newsroom, at=clock(), body=None, note="2 picks to learn from yet.")
    assert "By rules and freshness. 2 picks to learn from yet." in mina.see("/desk/inbox")
    learned(newsroom, at=clock() - timedelta(days=3))
    assert "Learned from 214 picked or saved items, last on Friday." in mina.see("/desk/inbox")
    learned(newsroom, at=clock())
    assert "last today." in mina.see("/desk/inbox")


def test_a_list_that_nobody_renewed_gives_way_to_the_newest(
    mina: Browser, newsroom: Newsroom, clock: FakeClock
) -> None:
    offers(newsroom, newsroom.articles[2])
    clock.advance(STALE_AFTER)
    page = mina.see("/desk/inbox")
    assert rows(page)[0] == newsroom.episodes[0]
    assert "The order was last made on Mon 16 Nov, which is too long ago" in page
    assert "Best first" not in page


def test_a_row_says_two_reasons_and_its_panel_all(mina: Browser, newsroom: Newsroom) -> None:
    offers(newsroom, newsroom.articles[0])
    page = plain(mina.see("/desk/inbox"))
    assert all(each in page for each in REASONS[:2])
    assert REASONS[2] not in page
    assert all(each in plain(mina.see(f"/desk/inbox/{newsroom.articles[0]}")) for each in REASONS)
    offers(newsroom, newsroom.articles[0], reasons=(EXPLORED, *REASONS[:3]), propensity=0.1)
    page = plain(mina.see("/desk/inbox"))
    assert "a look beyond what you pick" in page
    assert EXPLORED not in page
    assert REASONS[1] in page


def test_the_section_that_fits_is_marked_on_its_key(mina: Browser, newsroom: Newsroom) -> None:
    offers(newsroom, newsroom.articles[0])
    page = mina.see("/desk/inbox")
    (marked,) = re.findall(r'<button class="suggested"[^>]*value="(\d+)"[^>]*data-key="2">.*?</button>', page)
    assert int(marked) == newsroom.sections[1]
    assert page.count("(suggested)") == 1


def test_pages_of_the_best_order_hold_every_item_once(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    more = [
        builders.item_row(sqlite_app.db, newsroom.blog, f"Old news {number}", at=sqlite_app.clock() - timedelta(days=1))
        for number in range(130)
    ]
    offers(newsroom, *more[:70])
    seen: list[int] = []
    url: str | None = "/desk/inbox"
    while url:
        page = mina.see(url)
        seen += rows(page)
        found = re.search(r'href="([^"]+)">Older<', page)
        url = found.group(1).replace("&amp;", "&") if found else None
    assert seen[:70] == more[:70]
    assert len(seen) == len(set(seen)) == 136


@pytest.mark.parametrize("mark", ["0", "99999999999999999999", "-1", "12_", "400", "1" * 5000])
def test_nonsense_for_a_place_is_no_trouble(mina: Browser, newsroom: Newsroom, mark: str) -> None:
    offers(newsroom, newsroom.articles[0])
    assert rows(mina.see(f"/desk/inbox?order=best&before={mark}"))


def test_a_story_is_one_row_that_lists_who_tells_it(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    other = builders.feed_row(sqlite_app.db, "Shore Letters")
    far = builders.item_row(sqlite_app.db, other, "Small models, again", at=sqlite_app.clock() - timedelta(hours=5))
    story(sqlite_app, newsroom.articles[0], far)
    page = mina.see("/desk/inbox")
    assert newsroom.articles[0] in rows(page)
    assert far not in rows(page)
    assert "also in 1 other feed" in page
    assert "6 left" in page
    panel = mina.see(f"/desk/inbox/{newsroom.articles[0]}")
    assert "Small models, again" in panel
    assert "Shore Letters" in panel
    assert f"/desk/inbox/{far}?" in panel
    looker = signed_in(mina.client.application, sqlite_app, "Lou", Role.VIEWER)
    assert "Shore Letters" in looker.see(f"/desk/inbox/{newsroom.articles[0]}")


def test_skipping_a_row_skips_its_story_and_undo_brings_all_back(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    other = builders.feed_row(sqlite_app.db, "Shore Letters")
    far = builders.item_row(sqlite_app.db, other, "Small models, again", at=sqlite_app.clock() - timedelta(hours=5))
    story(sqlite_app, newsroom.articles[0], far)
    fields = {"csrf_token": mina.token(), "show": "new", "newsletter": newsroom.newsletter}
    answer = mina.client.post(f"/desk/inbox/{newsroom.articles[0]}/skip", data=fields, headers={"HX-Request": "true"})
    told = json.loads(answer.headers["HX-Trigger"])["curator:done"]
    assert told["words"] == "Skipped with 1 other telling: Small models"
    assert "5 left" in answer.text
    assert not {newsroom.articles[0], far} & set(rows(mina.see("/desk/inbox")))
    assert rows(mina.see("/desk/inbox?show=skipped")) == [newsroom.articles[0]]
    mina.post(told["undo"])
    assert newsroom.articles[0] in rows(mina.see("/desk/inbox"))
    assert "6 left" in mina.see("/desk/inbox")


def test_the_first_of_two_editors_wins_in_the_best_order_as_well(
    mina: Browser, theo: Browser, newsroom: Newsroom
) -> None:
    newsroom.issue()
    item = builders.item_row(newsroom.app.db, newsroom.blog, "Latecomer", at=newsroom.app.clock())
    offers(newsroom, item)
    fields = {"section": newsroom.sections[1], "show": "new"}
    mina.post(f"/desk/inbox/{item}/pick", fields)
    answer = theo.client.post(
        f"/desk/inbox/{item}/pick", data={"csrf_token": theo.token(), **fields}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert "Picked by Mina" in answer.text


def test_another_telling_of_what_stands_in_an_issue_says_so(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    newsroom.issue()
    again = builders.item_row(sqlite_app.db, newsroom.show, "Small models, again", at=sqlite_app.clock())
    story(sqlite_app, newsroom.articles[0], again)
    assert again not in rows(mina.see("/desk/inbox"))
    (row,) = re.findall(rf'<li id="item-{again}".*?</article>', mina.see("/desk/inbox?show=all"), re.DOTALL)
    assert "stands in issue 1" in plain(row)


def test_an_items_page_says_why_it_is_offered_and_who_else_tells_it(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    other = builders.feed_row(sqlite_app.db, "Shore Letters")
    far = builders.item_row(sqlite_app.db, other, "Small models, again", at=sqlite_app.clock() - timedelta(hours=5))
    assert "is offered it" not in mina.see(f"/desk/items/{newsroom.articles[0]}")
    story(sqlite_app, newsroom.articles[0], far)
    offers(newsroom, newsroom.articles[0])
    page = plain(mina.see(f"/desk/items/{newsroom.articles[0]}"))
    assert "Why AI Weekly is offered it" in page
    assert all(reason in page for reason in REASONS)
    assert "Others tell it too Small models, again Shore Letters, 5 h old" in page


def test_what_came_back_stands_first_with_its_reason(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    with sqlite_app.db.write() as session:
        back = {"newsletter_id": newsroom.newsletter, "item_id": newsroom.articles[2], "at": sqlite_app.clock()}
        session.add(Resurfaced(**back, why="your new episode Tide pools is about it"))
    page = mina.see("/desk/inbox")
    assert rows(page)[0] == newsroom.articles[2]
    assert "back: your new episode Tide pools is about it" in page
    assert "6 left" in page


def test_the_number_of_queries_grows_neither_with_candidates_nor_with_stories(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    offers(newsroom, *newsroom.articles)
    story(sqlite_app, *newsroom.articles[:2])
    few = _queries(sqlite_app, lambda: mina.see("/desk/inbox"))
    more = [
        builders.item_row(sqlite_app.db, newsroom.blog, f"More {number}", at=sqlite_app.clock()) for number in range(40)
    ]
    story(sqlite_app, *more[:20])
    offers(newsroom, *more[::2])
    assert _queries(sqlite_app, lambda: mina.see("/desk/inbox")) == few


def _queries(app: App, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(app.db.engine, "before_cursor_execute", note)
    act()
    event.remove(app.db.engine, "before_cursor_execute", note)
    return len(seen)
