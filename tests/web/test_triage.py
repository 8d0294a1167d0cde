"""Triage in the inbox: what a script gets, who is first, later, mutes, blurbs, undo, and what is remembered."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from curator.app import App
from curator.issues import publish, store
from curator.issues.values import BoardBlock
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom

_ROW = re.compile(r'<li id="item-(\d+)"')


def script(browser: Browser, url: str, **fields: object) -> TestResponse:
    """Sends a form as htmx does."""
    data = {"csrf_token": browser.token(), **fields}
    return browser.client.post(url, data=data, headers={"HX-Request": "true"})


def told(answer: TestResponse, event: str = "done") -> dict[str, str]:
    """Returns what a script is told of a deed: in words, and how it is taken back."""
    found: dict[str, str] = json.loads(answer.headers["HX-Trigger"])[f"curator:{event}"]
    return found


def block_of(app: App, issue_id: int, item: int) -> BoardBlock:
    with app.db.read() as session:
        sections = store.board(session, issue_id).sections
    return next(b for section in sections for b in section.blocks if b.pick and b.pick.item.id == item)


@pytest.fixture
def item(newsroom: Newsroom, sqlite_app: App) -> int:
    """An item that came after the first issue was drafted."""
    newsroom.issue()
    return builders.item_row(sqlite_app.db, newsroom.blog, "Latecomer", at=sqlite_app.clock())


def test_a_script_gets_the_counters_and_what_was_done_without_the_row(
    mina: Browser, newsroom: Newsroom, item: int
) -> None:
    answer = script(mina, f"/desk/inbox/{item}/pick", section=newsroom.sections[1], show="new")
    assert answer.status_code == 200
    assert answer.headers["Vary"] == "HX-Request, Cookie"
    assert not _ROW.findall(answer.text)
    assert "Trends 1" in re.sub(r"<[^>]+>", "", answer.text)
    assert "Picked into Trends: Latecomer" in told(answer)["words"]
    assert "<html" not in answer.text
    assert "Picked into" not in mina.see("/desk/inbox"), "a script said it already"


def test_a_row_stays_where_it_still_belongs(mina: Browser, newsroom: Newsroom, item: int) -> None:
    answer = script(mina, f"/desk/inbox/{item}/pick", section=newsroom.sections[1], show="all")
    assert _ROW.findall(answer.text) == [str(item)]
    assert "picked: Trends" in answer.text


def test_the_first_of_two_editors_wins_and_the_second_is_told_on_the_row(
    mina: Browser, theo: Browser, newsroom: Newsroom, item: int, clock: FakeClock
) -> None:
    script(mina, f"/desk/inbox/{item}/pick", section=newsroom.sections[1], show="new")
    clock.advance(timedelta(seconds=10))
    answer = script(theo, f"/desk/inbox/{item}/pick", section=newsroom.sections[2], show="new")
    assert answer.status_code == 409
    assert _ROW.findall(answer.text) == [str(item)]
    assert "Picked by Mina 10 s ago." in answer.text
    told = theo.post(f"/desk/inbox/{item}/skip", {"back": "/desk/inbox"})
    assert "Picked by Mina 10 s ago." in theo.follow(told)
    with_pick = re.search(r'name="pick" value="(\d+)"', answer.text)
    assert with_pick is not None, "whoever saw it as picked may move it"
    moved = script(theo, f"/desk/inbox/{item}/pick", section=newsroom.sections[2], show="all", pick=with_pick.group(1))
    assert "picked: Recommendations" in moved.text


def test_every_deed_offers_its_undo(mina: Browser, newsroom: Newsroom, item: int) -> None:
    deeds = (
        ("pick", {"section": newsroom.sections[1]}),
        ("skip", {"reason": "too thin"}),
        ("later", {"when": "3"}),
        ("mute", {}),
        ("mute", {"words": "latecomer"}),
    )
    for deed, fields in deeds:
        answer = script(mina, f"/desk/inbox/{item}/{deed}", show="new", **fields)
        assert not _ROW.findall(answer.text), deed
        undone = script(mina, told(answer)["undo"])
        assert (undone.status_code, told(undone, "undone")["label"]) == (204, "Redo"), deed
        assert str(item) in _ROW.findall(mina.see("/desk/inbox")), deed


def test_a_deed_that_changes_nothing_has_no_undo(mina: Browser, item: int, clock: FakeClock) -> None:
    script(mina, f"/desk/inbox/{item}/skip", show="new")
    again = script(mina, f"/desk/inbox/{item}/unskip", show="skipped")
    assert told(again)["undo"]
    clock.advance(timedelta(seconds=1))
    assert "undo" not in told(script(mina, f"/desk/inbox/{item}/unskip", show="skipped"))


def test_put_off_until_a_day_of_the_newsletters_own_calendar(
    mina: Browser, newsroom: Newsroom, item: int, clock: FakeClock
) -> None:
    assert "Put off until Tue 17 Nov" in mina.follow(mina.post(f"/desk/inbox/{item}/later", {"when": "1"}))
    assert _ROW.findall(mina.see("/desk/inbox?show=later")) == [str(item)]
    clock.advance(timedelta(hours=15))
    assert "back since Tue 17 Nov" in mina.see("/desk/inbox")
    mina.post(f"/desk/inbox/{item}/later", {"when": "date", "until": "2026-12-24"})
    assert "later: Thu 24 Dec" in mina.see("/desk/inbox?show=later")
    assert "Put off until" in mina.follow(mina.post(f"/desk/inbox/{item}/later", {"when": "issue"}))
    mina.post(f"/desk/inbox/{item}/wake")
    assert str(item) in _ROW.findall(mina.see("/desk/inbox"))


@pytest.mark.parametrize("fields", [{}, {"when": "date", "until": "0001-01-01"}, {"when": "x", "until": "tomorrow"}])
def test_a_day_that_is_none_is_refused_in_words(mina: Browser, item: int, fields: dict[str, str]) -> None:
    answer = script(mina, f"/desk/inbox/{item}/later", **fields)
    assert answer.status_code == 422
    assert "Choose" in answer.text
    assert "Choose" in mina.follow(mina.post(f"/desk/inbox/{item}/later", dict(fields)))


def test_mutes_are_shown_with_their_reason_and_lifted(mina: Browser, newsroom: Newsroom) -> None:
    mina.post(f"/desk/inbox/{newsroom.articles[0]}/mute", {"words": " Small  MODELS"})
    mina.post(f"/desk/inbox/{newsroom.episodes[0]}/mute")
    assert len(_ROW.findall(mina.see("/desk/inbox"))) == 2
    page = mina.see("/desk/inbox?show=muted")
    assert len(_ROW.findall(page)) == 4
    assert "muted: the words small models" in page
    assert "muted: the feed The AI Podcast" in page
    lift = re.findall(r'action="(/desk/inbox/mutes/\d+/lift)"', page)
    assert "Muted no longer: the feed The AI Podcast" in mina.follow(mina.post(lift[0]))
    assert len(_ROW.findall(mina.see("/desk/inbox"))) == 5
    assert mina.post(lift[0]).status_code == 404


def test_a_draft_takes_nothing_that_is_muted_or_put_off(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    mina.post(f"/desk/inbox/{newsroom.articles[0]}/mute", {"words": "small models"})
    mina.post(f"/desk/inbox/{newsroom.articles[1]}/later", {"when": "3"})
    issue_id = newsroom.issue()
    with sqlite_app.db.read() as session:
        sections = store.board(session, issue_id).sections
    drafted = {b.pick.item.id for section in sections for b in section.blocks if b.pick}
    assert drafted.isdisjoint(newsroom.articles[:2])
    assert newsroom.articles[2] in drafted


def test_a_blurb_is_written_in_the_row_and_picks_first(
    mina: Browser, newsroom: Newsroom, item: int, sqlite_app: App
) -> None:
    opened = script(mina, f"/desk/inbox/{item}/write", show="new")
    assert "Picked into Recommendations: Latecomer" in told(opened)["words"]
    assert _ROW.findall(opened.text) == [str(item)], "the row stays while somebody writes"
    assert f'id="blurb-{item}"' in opened.text
    saved = script(mina, f"/desk/inbox/{item}/blurb", version=1, blurb="Read **this**.")
    assert "Saved 09:00" in saved.text
    assert 'name="version" value="2"' in saved.text
    issue_id = newsroom.issue()
    with sqlite_app.db.read() as session:
        issue_id = store.current_issue(session, newsroom.newsletter).id - 1  # type: ignore[union-attr]  # it was drafted
    assert block_of(sqlite_app, issue_id, item).pick.blurb == "Read **this**."  # type: ignore[union-attr]  # found by its pick


def test_two_writers_of_one_blurb_keep_both_texts(mina: Browser, theo: Browser, item: int) -> None:
    script(mina, f"/desk/inbox/{item}/write", show="new")
    script(mina, f"/desk/inbox/{item}/blurb", version=1, blurb="Mina's words.")
    answer = script(theo, f"/desk/inbox/{item}/blurb", version=1, blurb="Theo's words.")
    assert answer.status_code == 409
    assert "Mina&#39;s words." in answer.text
    assert 'name="version" value="2"' in answer.text
    page = theo.post(f"/desk/inbox/{item}/blurb", {"version": 1, "blurb": "Theo's words."})
    assert page.status_code == 409
    assert "Mina&#39;s words." in page.text
    assert "Theo&#39;s words." in page.text


def test_the_blurb_of_a_waiting_pick_is_kept_for_its_issue(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    item = newsroom.articles[0]
    answer = mina.post(f"/desk/inbox/{item}/write")
    assert f'id="blurb-{item}"' in mina.follow(answer)
    mina.post(f"/desk/inbox/{item}/blurb", {"version": 1, "blurb": "Early words."})
    assert block_of(sqlite_app, newsroom.issue(), item).pick.blurb == "Early words."  # type: ignore[union-attr]  # found by its pick


def test_a_blurb_without_a_pick_is_refused_and_keeps_the_words(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.post(f"/desk/inbox/{newsroom.articles[0]}/blurb", {"version": 1, "blurb": "Words of an hour."})
    assert answer.status_code == 422
    assert "Words of an hour." in answer.text
    long = mina.post(f"/desk/inbox/{newsroom.articles[0]}/blurb", {"version": 1, "blurb": "x" * 10_001})
    assert "at most 10,000 fit" in long.text


def test_the_row_tells_where_it_ran_and_who_tells_it_too(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    issue_id = newsroom.issue()
    with sqlite_app.db.write() as session:
        store.mark_sent(session, issue_id, now=clock())
    url = f"https://site.example/{newsroom.show}/tide-pools"
    builders.item_row(sqlite_app.db, newsroom.blog, "Tide pools, again", at=clock(), canonical_url=url)
    page = mina.see("/desk/inbox")
    assert re.search(r'ran in\s*<a href="/desk/issues/1">issue 1</a>', page)
    assert "also in 1 other feed" in page
    assert "The AI Podcast" in page
    assert re.search(r"picked 3 of 4 in 12 weeks", page)


def test_what_is_left_is_told_with_the_time_it_takes(mina: Browser, newsroom: Newsroom) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", mina.see("/desk/inbox")))
    assert "6 left about less than a minute at your pace" in page


def test_the_page_of_one_item_has_every_deed_as_a_form(mina: Browser, newsroom: Newsroom) -> None:
    page = mina.see(f"/desk/inbox/{newsroom.articles[0]}?back=/desk/inbox?kind=article")
    for deed in ("later", "skip", "mute", "write"):
        assert f'action="/desk/inbox/{newsroom.articles[0]}/{deed}"' in page
    assert "hx-post" not in page
    assert mina.see("/desk/inbox/999", status=404)


def test_more_rows_come_without_the_page(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    for number in range(60):
        at = sqlite_app.clock() - timedelta(days=1, minutes=number)
        builders.item_row(sqlite_app.db, newsroom.blog, f"Old news {number}", at=at)
    page = mina.see("/desk/inbox")
    older = re.search(r'href="([^"]+)">Older<', page)
    assert older is not None
    part = mina.client.get(older.group(1).replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert not set(_ROW.findall(part)) & set(_ROW.findall(page))
    assert len(_ROW.findall(part)) == 16
    assert "<html" not in part


def test_an_undone_row_is_given_back_as_it_stands(mina: Browser, item: int) -> None:
    assert _ROW.findall(mina.see(f"/desk/inbox/{item}/row?show=new")) == [str(item)]
    mina.post(f"/desk/inbox/{item}/skip")
    assert _ROW.findall(mina.see(f"/desk/inbox/{item}/row?show=new")) == []


def test_a_pick_waits_for_the_next_issue_while_one_is_approved(
    mina: Browser, newsroom: Newsroom, item: int, sqlite_app: App
) -> None:
    publish.approve(sqlite_app.db, sqlite_app.renderer, 1, by=None, now=sqlite_app.clock())
    answer = script(mina, f"/desk/inbox/{item}/pick", section=newsroom.sections[2], show="new")
    assert "waits for the next issue: issue 1 is approved" in told(answer)["words"]
    assert told(answer)["undo"]


def test_whoever_may_only_look_gets_no_buttons(flask: Flask, sqlite_app: App, newsroom: Newsroom) -> None:
    from curator.accounts.values import Role
    from tests.web.conftest import signed_in

    viewer = signed_in(flask, sqlite_app, "Vera", Role.VIEWER)
    page = viewer.see("/desk/inbox")
    assert len(_ROW.findall(page)) == 6
    assert "/skip" not in page
    assert viewer.post(f"/desk/inbox/{newsroom.articles[0]}/skip").status_code == 403


def test_without_feeds_the_way_to_them_is_shown(mina: Browser, sqlite_app: App) -> None:
    builders.newsletter_row(sqlite_app.db)
    assert "No feeds yet" in mina.see("/desk/inbox")
    assert "All looked at" not in mina.see("/desk/inbox")
    assert "Nothing is put off" not in mina.see("/desk/inbox?show=later")
