"""The board as its script asks for it: the parts that changed, both texts of a conflict, who is there, the mail now."""

import re

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from curator.accounts.values import Role
from curator.app import App
from curator.issues import board as boards
from curator.issues import publish, store
from curator.issues.revisions import store as revisions
from curator.issues.values import Board, BoardBlock
from tests.web.conftest import Browser, FakeClock, Newsroom, signed_in

IN_PLACE = {"HX-Request": "true"}


@pytest.fixture
def issue_id(newsroom: Newsroom) -> int:
    return newsroom.issue()


def test_saved_words_come_back_as_readers_see_them_with_their_version(
    mina: Browser, sqlite_app: App, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    answer = _send(mina, issue_id, block, **_words(block, "Who pays for a **free** shore?"))
    assert (answer.status_code, answer.headers["Vary"]) == (200, "HX-Request, Cookie")
    assert f'data-version="{block.version + 1}"' in answer.text
    assert f'<div data-part="read-{block.id}"><p>Who pays for a <strong>free</strong> shore?</p></div>' in answer.text
    assert re.search(rf'<span data-part="weight-{block.id}">\d+ (bytes|KB)', answer.text)
    assert 'data-said=""' in answer.text, "what is saved by itself is not announced each time"
    assert 'id="arrangement"' not in answer.text


def test_a_save_that_was_asked_for_is_said_and_so_is_a_lost_approval(
    mina: Browser, sqlite_app: App, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    assert "has lost its approval" in _send(mina, issue_id, block, **_words(block, "One word.")).text
    asked = _send(mina, issue_id, _first(sqlite_app, issue_id), asked="1", **_words(block, "One word."))
    assert "is saved." in asked.text


def test_the_second_of_two_gets_both_texts_and_whose_the_first_is(
    mina: Browser, theo: Browser, sqlite_app: App, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    _send(theo, issue_id, block, **_words(block, "Theo's <words>."))
    answer = _send(mina, issue_id, block, **_words(block, "Mina's words."))
    assert answer.status_code == 409
    assert f'data-conflict data-version="{block.version + 1}"' in answer.text
    assert "Theo saved this first" in answer.text
    assert 'data-theirs="blurb">Theo&#39;s &lt;words&gt;.</div>' in answer.text
    assert '<div hidden data-theirs="title">' in answer.text
    kept = _send(mina, issue_id, block, **_words(block, "Mina's words.") | {"version": block.version + 1})
    assert kept.status_code == 200


def test_the_subject_is_saved_in_place_and_has_its_own_conflict(
    mina: Browser, theo: Browser, sqlite_app: App, issue_id: int
) -> None:
    url, version = f"/desk/issues/{issue_id}/settings", _board(sqlite_app, issue_id).issue.version
    first = _post(theo, url, subject="Theo's", preheader="", version=version)
    assert f'data-version="{version + 1}"' in first.text
    second = _post(mina, url, subject="Mina's", preheader="", version=version)
    assert second.status_code == 409
    assert "Theo saved this first" in second.text
    long = _post(mina, url, subject="s" * 301, preheader="", version=version + 1)
    assert (long.status_code, 'data-field="subject"' in long.text) == (422, True)


def test_a_word_that_is_not_taken_says_why(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    answer = _send(mina, issue_id, block, **_words(block, "Kept.") | {"link": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert 'data-refused="The link must begin with http:// or https://' in answer.text
    with sqlite_app.db.write() as session:
        store.mark_sent(session, issue_id, now=sqlite_app.clock())
    late = _send(mina, issue_id, block, **_words(block, "Too late."))
    assert (late.status_code, "is sent, so nothing in it can change" in late.text) == (422, True)


def test_a_block_moves_behind_the_one_that_is_named_and_keeps_its_words(
    mina: Browser, sqlite_app: App, newsroom: Newsroom
) -> None:
    issue_id = newsroom.issue()
    block, target = _first(sqlite_app, issue_id), newsroom.sections[1]
    _send(mina, issue_id, block, **_words(block, "Words that stay."))
    answer = _send(mina, issue_id, block, do="move", to=target, after="")
    assert answer.status_code == 200
    assert "is moved: Trends, position 1 of" in answer.text
    moved = _board(sqlite_app, issue_id).sections[1].blocks[0]
    assert (moved.id, _pick(moved).blurb) == (block.id, "Words that stay.")
    other = _first(sqlite_app, issue_id)
    _send(mina, issue_id, other, do="move", to=target, after=block.id)
    assert [one.id for one in _board(sqlite_app, issue_id).sections[1].blocks][:2] == [block.id, other.id]


def test_a_move_behind_what_is_gone_gets_the_order_as_it_stands(
    mina: Browser, sqlite_app: App, newsroom: Newsroom
) -> None:
    issue_id = newsroom.issue()
    block, gone = _board(sqlite_app, issue_id).sections[0].blocks[:2]
    boards.remove(sqlite_app.db, gone.id, by=None, now=sqlite_app.clock())
    answer = _send(mina, issue_id, block, do="move", to=newsroom.sections[0], after=gone.id)
    assert answer.status_code == 409
    assert "somebody changed the order first" in answer.text
    assert f'id="block-{block.id}"' in answer.text
    assert f'id="block-{gone.id}"' not in answer.text


def test_who_is_there_is_told_and_who_left_is_not(mina: Browser, theo: Browser, sqlite_app: App, issue_id: int) -> None:
    url, block = f"/desk/issues/{issue_id}/presence", _first(sqlite_app, issue_id)
    title = _board(sqlite_app, issue_id).sections[0].spec.title
    assert _post(theo, url, block=block.id, seen=99).json == {"people": "", "blocks": {}, "news": ""}
    told = _post(mina, url, block="", seen=99).json
    assert told == {"people": f"Theo is on {title}", "blocks": {str(block.id): "Theo is here"}, "news": ""}
    assert f"Theo is on {title}" in mina.see(f"/desk/issues/{issue_id}"), "also without scripts"
    assert _post(theo, url, leaving="1").status_code == 204
    assert _post(mina, url, block="", seen=99).json["people"] == ""  # type: ignore[index]  # - it is an object


def test_a_new_version_by_somebody_else_is_told_until_it_is_shown(
    mina: Browser, theo: Browser, sqlite_app: App, issue_id: int
) -> None:
    url, block = f"/desk/issues/{issue_id}/presence", _first(sqlite_app, issue_id)
    seen = _change(mina.see(f"/desk/issues/{issue_id}"))
    _send(mina, issue_id, block, **_words(block, "Mina's own."))
    assert _news(mina, url, seen) == "", "one's own changes are no news"
    _send(theo, issue_id, _first(sqlite_app, issue_id), do="remove")
    assert _news(mina, url, seen) == "Theo has saved a new version."
    page = mina.client.get(f"/desk/issues/{issue_id}", headers=IN_PLACE).text
    assert f'id="block-{block.id}"' not in page
    assert _news(mina, url, _change(page)) == ""


def test_the_frame_shows_the_mail_as_it_stands_under_its_own_policy(
    mina: Browser, sqlite_app: App, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    _send(mina, issue_id, block, **_words(block, "Not looked at in any preview yet."))
    answer = mina.client.get(f"/desk/issues/{issue_id}/live.html")
    assert "Not looked at in any preview yet." in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin;" in policy
    assert "script" not in policy
    with sqlite_app.db.read() as session:
        assert revisions.latest_revision(session, issue_id) is None, "looking at the board keeps no revision"


def test_the_boards_keys_stand_in_the_help(mina: Browser, issue_id: int) -> None:
    shown = re.sub(r"<[^>]+>", "", mina.see(f"/desk/issues/{issue_id}").partition('<dialog id="help"')[2])
    assert "move the block that you are on" in shown
    assert "undo the last deed" in shown


def test_a_viewer_sees_the_board_and_nothing_to_press(flask: Flask, sqlite_app: App, issue_id: int) -> None:
    vera = signed_in(flask, sqlite_app, "Vera", Role.VIEWER)
    page = vera.see(f"/desk/issues/{issue_id}")
    assert 'name="do"' not in page
    assert "Add a text" not in page
    assert _post(vera, f"/desk/issues/{issue_id}/presence", block="", seen=0).status_code == 200
    assert _send(vera, issue_id, _first(sqlite_app, issue_id), do="remove").status_code == 403


def test_board_and_presence_cost_the_same_whatever_stands_there(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    issue_id = newsroom.issue()
    url = f"/desk/issues/{issue_id}"
    asks = (
        lambda: mina.client.get(url),
        lambda: mina.client.get(url, headers=IN_PLACE),
        lambda: mina.client.get(f"{url}/live.html"),
        lambda: mina.client.post(f"{url}/presence", data={"csrf_token": token, "block": "", "seen": "0"}),
    )
    token = mina.token()
    few = [_queries(sqlite_app, ask) for ask in asks]
    for n in range(12):
        boards.add_text(sqlite_app.db, issue_id, newsroom.sections[1], f"Text {n}", by=None, now=clock())
    boards.pick_into(sqlite_app.db, issue_id, newsroom.articles[0], newsroom.sections[1], by=None, now=clock())
    assert [_queries(sqlite_app, ask) for ask in asks] == few


def _send(browser: Browser, issue_id: int, block: BoardBlock, **fields: object) -> TestResponse:
    return _post(browser, f"/desk/issues/{issue_id}/blocks/{block.id}", **fields)


def _post(browser: Browser, url: str, **fields: object) -> TestResponse:
    return browser.client.post(url, data={"csrf_token": browser.token(), **fields}, headers=IN_PLACE)


def _news(browser: Browser, url: str, seen: int) -> str:
    return str(_post(browser, url, block="", seen=seen).json["news"])  # type: ignore[index]  # - it is an object


def _change(page: str) -> int:
    found = re.search(r'data-change="(\d+)"', page)
    assert found is not None
    return int(found.group(1))


def _words(block: BoardBlock, blurb: str) -> dict[str, object]:
    pick = _pick(block)
    return {"version": block.version, "title": pick.title, "link": pick.link or "", "blurb": blurb}


def _board(app: App, issue_id: int) -> Board:
    with app.db.read() as session:
        return store.board(session, issue_id)


def _first(app: App, issue_id: int) -> BoardBlock:
    return _board(app, issue_id).sections[0].blocks[0]


def _pick(block: BoardBlock):  # type: ignore[no-untyped-def]
    assert block.pick is not None
    return block.pick


def _queries(app: App, act: object) -> int:
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        seen.append(statement)

    event.listen(app.db.engine, "before_cursor_execute", listen)
    act()  # type: ignore[operator]
    event.remove(app.db.engine, "before_cursor_execute", listen)
    return len(seen)
