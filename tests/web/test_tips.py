"""Tips at the desk: hostile links and notes are text, each deed is answered, told and taken back."""

import json
import re

import pytest

from curator.app import App
from curator.feeds import store as feeds
from curator.picks.ranking import rank
from curator.picks.tips import decide, store, take
from curator.picks.tips.values import NewTip, Tip, TipState
from tests import builders
from tests.web.conftest import Browser, Newsroom

URL = "https://example.org/essay"


def _tip(app: App, newsroom: Newsroom, url: str = URL, *, network: str = "192.0.2.1", **fields: str) -> int:
    take.take(app.db, app.keys, newsroom.newsletter, NewTip(url, **fields), network=network, now=app.clock())
    return next(each.id for each in _tips(app, newsroom) if each.url == url)


def _tips(app: App, newsroom: Newsroom, state: TipState = TipState.WAITING) -> list[Tip]:
    with app.db.read() as session:
        return store.tips(session, newsroom.newsletter, state)


@pytest.fixture
def tip(sqlite_app: App, newsroom: Newsroom) -> int:
    return _tip(sqlite_app, newsroom, note="Read this", name="Ada", address="ada@example.org")


def test_the_list_shows_links_and_notes_as_text_and_no_address(
    mina: Browser, sqlite_app: App, newsroom: Newsroom
) -> None:
    link = "https://evil.example/%22%3E%3Cscript%3E?a=<img>"
    _tip(
        sqlite_app,
        newsroom,
        link.replace("<", "%3C").replace(">", "%3E"),
        note="<script>alert(1)</script> http://evil.example",
        address="ada@example.org",
    )
    page = mina.see("/desk/tips")
    assert "&lt;script&gt;alert(1)" in page
    assert ("ada@example.org" in page, 'href="https://evil.example' in page, 'href="http://evil' in page) == (
        False,
    ) * 3
    assert "who wants to hear when it runs" in page


def test_a_tip_that_is_let_in_stands_in_the_inbox_with_its_note(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, tip: int
) -> None:
    assert "1 tip" in mina.see("/desk/inbox")
    page = mina.follow(mina.post(f"/desk/tips/{tip}/accept", {"show": "waiting"}))
    assert "Let in: example.org/essay. It is in the inbox." in page
    assert "Undo" in page
    inbox = mina.see("/desk/inbox")
    assert "a reader&#39;s tip: <q" in inbox
    assert "Read this" in inbox
    page = mina.follow(mina.post("/desk/tips/1/accept", {"show": "waiting"}))
    assert "accepted by somebody meanwhile" in page


def test_a_script_is_told_and_may_take_it_back(mina: Browser, sqlite_app: App, newsroom: Newsroom, tip: int) -> None:
    fields = {"csrf_token": mina.token(), "show": "waiting"}
    answer = mina.client.post(f"/desk/tips/{tip}/refuse", data=fields, headers={"HX-Request": "true"})
    told = json.loads(answer.headers["HX-Trigger"])["curator:done"]
    assert (told["words"], f'id="item-{tip}"' in answer.text) == ("Refused: example.org/essay", False)
    again = mina.client.post(f"/desk/tips/{tip}/refuse", data=fields, headers={"HX-Request": "true"})
    assert (again.status_code, "refused by somebody meanwhile" in again.text) == (409, True)
    undone = mina.client.post(told["undo"], data=fields, headers={"HX-Request": "true"})
    assert json.loads(undone.headers["HX-Trigger"])["curator:undone"]["words"] == "The tip waits again."
    assert f'id="item-{tip}"' in mina.see(f"/desk/tips/{tip}/row?show=waiting")


def test_spam_takes_along_what_came_from_there_and_the_log_tells_of_it(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, tip: int
) -> None:
    _tip(sqlite_app, newsroom, "https://example.org/other")
    page = mina.follow(mina.post(f"/desk/tips/{tip}/spam", {"show": "waiting"}))
    assert "Spam with 1 other tip from there" in page
    assert "marked the tip example.org/essay as spam" in re.sub(
        r"<[^>]+>|\s+", " ", mina.see("/desk/activity")
    ).replace("  ", " ")
    page = mina.follow(mina.post(f"/desk/tips/{tip}/reopen", {"show": "spam"}))
    assert [each.url for each in _tips(sqlite_app, newsroom)] == [URL]


def test_the_form_is_opened_and_closed_and_nothing_that_waits_is_lost(
    mina: Browser, theo: Browser, sqlite_app: App, newsroom: Newsroom, tip: int
) -> None:
    url = f"/desk/newsletters/{newsroom.newsletter}/tips"
    assert theo.post(url, {"open": "yes"}).status_code == 403
    assert "can send you links" in mina.follow(mina.post(url, {"open": "yes"}))
    assert mina.client.get("/n/ai-weekly/tip").status_code == 200
    assert "What waits stays." in mina.follow(mina.post(url, {"open": "no"}))
    assert mina.client.get("/n/ai-weekly/tip").status_code == 404
    assert len(_tips(sqlite_app, newsroom)) == 1


def test_a_tip_is_a_reason_in_the_list_of_candidates(sqlite_app: App, newsroom: Newsroom, tip: int) -> None:
    from curator.picks.ranking import store as ranking

    now = sqlite_app.clock()
    item_id = decide.accept(sqlite_app.db, tip, by=None, now=now)
    other = builders.item_row(sqlite_app.db, None, "Another page", at=now)
    rank.rescore(sqlite_app.db, newsroom.newsletter, runs=lambda *_: (), now=now, seed=1)
    with sqlite_app.db.read() as session:
        offers = ranking.offers_of(session, newsroom.newsletter, [item_id, other])
        assert feeds.item_titles(session, [item_id])
    assert offers[item_id].reasons[0] == "a reader's tip"
    assert offers[item_id].place < offers[other].place
