"""The log and Undo: offered after every form, done by a button, and words where it is too late."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from curator.accounts.values import Role
from curator.activity import store as activity
from curator.app import App
from curator.audience import subscribe
from curator.issues import board, publish, store
from curator.issues.values import BoardBlock
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, signed_in

UNDO = re.compile(r'<form method="post" action="(/desk/activity/\d+/undo)" data-undo(?:="redo")?>')


@pytest.fixture
def issue_id(newsroom: Newsroom) -> int:
    return newsroom.issue()


def _first(app: App, issue_id: int) -> BoardBlock:
    with app.db.read() as session:
        return store.board(session, issue_id).sections[0].blocks[0]


def _remove(browser: Browser, app: App, issue_id: int) -> tuple[BoardBlock, str]:
    """Takes the first block out; returns it, and the page that says so."""
    block = _first(app, issue_id)
    return block, browser.follow(browser.post(f"/desk/issues/{issue_id}/blocks/{block.id}", {"do": "remove"}))


def _offered(page: str) -> str:
    found = UNDO.search(page)
    assert found is not None
    return found.group(1)


def test_undo_stands_beside_what_was_done(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block, page = _remove(mina, sqlite_app, issue_id)
    assert re.search(r"is taken out\.</p>\s*<form", page)
    back = f"/desk/issues/{issue_id}"
    said = mina.follow(mina.post(_offered(page), {"back": back}))
    assert "is back in the issue." in said
    assert ">Redo" in said
    assert _first(sqlite_app, issue_id) == block
    assert "data-undo" not in mina.see(back)


def test_what_was_undone_is_done_again_by_redo(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block, page = _remove(mina, sqlite_app, issue_id)
    back = f"/desk/issues/{issue_id}"
    redone = mina.follow(mina.post(_offered(mina.follow(mina.post(_offered(page), {"back": back}))), {"back": back}))
    assert _first(sqlite_app, issue_id).id != block.id
    assert ">Undo" in redone


def test_a_form_that_changes_nothing_offers_nothing(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.post(f"/desk/feeds/{newsroom.blog}/poll")
    assert "data-undo" not in mina.follow(answer)


def test_the_board_takes_back_what_saved_itself_step_by_step_and_nothing_of_others(
    mina: Browser, theo: Browser, sqlite_app: App, clock: FakeClock, issue_id: int
) -> None:
    with sqlite_app.db.read() as session:
        since = activity.newest_id(session, "issue", issue_id)
    words, script = _first(sqlite_app, issue_id).pick, {"HX-Request": "true"}
    assert words is not None
    for browser, blurb in ((mina, "M"), (mina, "Mina's"), (theo, "Theo's"), (mina, "Mina's last")):
        clock.advance(timedelta(seconds=1))
        block = _first(sqlite_app, issue_id)
        form = {"csrf_token": browser.token(), "version": block.version, "blurb": blurb, "do": "save"}
        url = f"/desk/issues/{issue_id}/blocks/{block.id}"
        assert browser.client.post(url, data=form, headers=script).status_code == 200
    stood = []
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        form = {"csrf_token": mina.token(), "since": since}
        answer = mina.client.post(f"/desk/issues/{issue_id}/undo", data=form, headers=script)
        told = json.loads(answer.headers["HX-Trigger"])
        now = _first(sqlite_app, issue_id).pick
        stood.append((answer.status_code, now and now.blurb, told.get("curator:undone", {}).get("label")))
    # Her older words are gone by Theo's hand: to take those back would take his away.
    assert stood[0] == (204, "Theo's", "Redo")
    assert stood[1][:2] == stood[2][:2] == (422, "Theo's")
    answer = theo.client.post(
        f"/desk/issues/{issue_id}/undo", data={"csrf_token": theo.token(), "since": 10**9}, headers=script
    )
    assert "nothing more of yours" in json.loads(answer.headers["HX-Trigger"])["curator:say"]["words"]


def test_undo_of_what_somebody_changed_since_says_what_stands_there(
    mina: Browser, theo: Browser, sqlite_app: App, clock: FakeClock, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    url = f"/desk/issues/{issue_id}/blocks/{block.id}"
    page = mina.follow(mina.post(url, {"version": block.version, "title": "", "link": "", "blurb": "Mina's words."}))
    clock.advance(timedelta(minutes=1))
    newer = _first(sqlite_app, issue_id)
    theo.post(url, {"version": newer.version, "title": "", "link": "", "blurb": "Theo's words."})
    told = mina.follow(mina.post(_offered(page), {"back": f"/desk/issues/{issue_id}"}))
    assert "it is now: “Theo&#39;s words.”" in told
    kept = _first(sqlite_app, issue_id).pick
    assert kept is not None
    assert kept.blurb == "Theo's words."
    assert mina.post(_offered(page)).status_code == 422


def test_a_script_gets_the_words_and_the_undo_in_a_header(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    _, page = _remove(mina, sqlite_app, issue_id)
    script = {"HX-Request": "true"}
    form = {"csrf_token": mina.token()}
    answer = mina.client.post(_offered(page), data=form, headers=script)
    told = json.loads(answer.headers["HX-Trigger"])["curator:undone"]
    assert (answer.status_code, told["words"], told["label"]) == (204, "“Tide pools” is back in the issue.", "Redo")
    assert mina.client.post(told["undo"], data=form, headers=script).status_code == 204
    late = mina.client.post(told["undo"], data=form, headers=script)
    assert (late.status_code, late.headers["HX-Reswap"]) == (422, "none")
    assert json.loads(late.headers["HX-Trigger"])["curator:say"]["words"] == "This was taken back already."
    assert "Redo" not in mina.see("/desk")


def test_nobody_takes_back_what_they_may_not_do(
    flask: Flask, mina: Browser, sqlite_app: App, newsroom: Newsroom, issue_id: int
) -> None:
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=1, now=sqlite_app.clock())
    with sqlite_app.db.read() as session:
        approved = activity.recent(session, limit=1)[0]
    writer = signed_in(flask, sqlite_app, "Wim", Role.WRITER)
    assert writer.post(f"/desk/activity/{approved.id}/undo").status_code == 422
    assert _offers(writer.see("/desk/activity")) == []
    assert mina.post(f"/desk/activity/{approved.id}/undo").status_code == 303
    assert mina.post("/desk/activity/999999/undo").status_code == 404


def _offers(page: str) -> list[str]:
    return UNDO.findall(page)


def test_the_log_says_who_did_what_and_what_it_was_before(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    url = f"/desk/issues/{issue_id}/blocks/{block.id}"
    mina.post(url, {"version": block.version, "title": "", "link": "", "blurb": "Who pays for a free shore?"})
    newer = _first(sqlite_app, issue_id)
    mina.post(url, {"version": newer.version, "title": "", "link": "", "blurb": "Who pays for a shore?"})
    log = mina.see("/desk/activity")
    assert "<strong>Mina</strong> wrote about “Tide pools” in " in log
    assert "issue 1 of AI Weekly</a>" in log
    assert "Who pays for a <del>free </del>shore?" in log
    assert "<strong>Curator</strong> drafted" in log
    assert "keeps its number" not in log  # nobody did it, so nobody misses its Revert
    own = mina.see(f"/desk/issues/{issue_id}/activity")
    assert "wrote about “Tide pools”" in own
    assert "signed in" not in own


def test_what_was_taken_back_is_said_by_whom(mina: Browser, theo: Browser, sqlite_app: App, issue_id: int) -> None:
    _, page = _remove(mina, sqlite_app, issue_id)
    theo.post(_offered(page))
    log = theo.see(f"/desk/issues/{issue_id}/activity")
    assert "Taken back by Theo" in log
    assert "put “Tide pools” back into" in log


def test_readers_are_shown_to_those_who_may_see_them(
    flask: Flask, mina: Browser, sqlite_app: App, newsroom: Newsroom
) -> None:
    subscribe.add(sqlite_app.db, newsroom.newsletter, "ada@example.org", now=sqlite_app.clock(), by=1)
    assert "subscribed <a" in mina.see("/desk/activity")
    assert "ada@example.org" in mina.see("/desk/activity?kind=subscriber")
    writer = signed_in(flask, sqlite_app, "Wim", Role.WRITER)
    for url in ("/desk/activity", "/desk/activity?kind=subscriber"):
        assert "ada@" not in writer.see(url)


def test_the_log_is_narrowed_and_turned_page_by_page(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    for number in range(60):
        board.add_text(sqlite_app.db, issue_id, None, f"Text {number}", by=1, now=sqlite_app.clock())
    newest = mina.see(f"/desk/activity?who=1&kind=issue&newsletter={_newsletter(sqlite_app)}")
    assert newest.count("</strong> added a text to") == 50
    older = re.search(r'href="([^"]+)">Older', newest)
    assert older is not None
    assert mina.see(older.group(1).replace("&amp;", "&")).count("</strong> added a text to") == 10
    assert "Nothing was done here yet" in mina.see("/desk/activity?kind=platform")


def _newsletter(app: App) -> int:
    with app.db.read() as session:
        return store.issue_rows(session)[0].newsletter_id


def test_a_page_of_the_log_costs_the_same_however_full(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    with _counted(sqlite_app) as few:
        mina.see("/desk/activity")
    for number in range(30):
        board.add_text(sqlite_app.db, issue_id, None, f"Text {number}", by=1, now=sqlite_app.clock())
        board.nudge(sqlite_app.db, _first(sqlite_app, issue_id).id, up=False, by=1, now=sqlite_app.clock())
    with _counted(sqlite_app) as many:
        mina.see("/desk/activity")
    assert len(many) == len(few) <= 20


@contextmanager
def _counted(app: App) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(statement)

    event.listen(app.db.engine, "before_cursor_execute", note)
    yield found
    event.remove(app.db.engine, "before_cursor_execute", note)


def test_a_script_of_somebody_signed_out_gets_no_sign_in_page(visitor: Browser) -> None:
    script = {"HX-Request": "true"}
    assert visitor.client.get("/desk/activity", headers=script).status_code == 401
    for form in ({}, {"csrf_token": visitor.token()}):
        answer = visitor.client.post("/desk/activity/1/undo", data=form, headers=script)
        assert (answer.status_code, answer.text) == (401, "")


def test_a_script_that_is_refused_gets_words_and_no_page(mina: Browser) -> None:
    form = {"csrf_token": mina.token()}
    answer = mina.client.post("/desk/activity/999/undo", data=form, headers={"HX-Request": "true"})
    told = json.loads(answer.headers["HX-Trigger"])["curator:say"]["words"]
    assert (answer.status_code, answer.text, told) == (404, "", "There is no change 999.")
