"""Back issues at the desk: looked through first, imported at a second press, and taken back."""

import io
import re

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from curator.app import App
from curator.issues import store
from tests.issues.back import files
from tests.web.conftest import Browser, Newsroom

_PACKED = re.compile(r'name="files" value="([^"]*)"')
_PLAN, _CONFIRM = "/desk/issues/import", "/desk/issues/import/confirm"


def _upload(browser: Browser, *given: tuple[str, str], **fields: object) -> str:
    sent = [(io.BytesIO(text.encode()), name) for name, text in given]
    answer = browser.post(_PLAN, {"file": sent, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


def _posted_by_hand(browser: Browser, *contents: bytes) -> TestResponse:
    """The client's own way leaves a temporary file open for what is large."""
    parts = [f'\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{browser.token()}\r\n'.encode()]
    for content in contents:
        head = b'\r\nContent-Disposition: form-data; name="file"; filename="1.md"\r\n\r\n'
        parts.append(head + content + b"\r\n")
    body = b"--cut" + b"--cut".join(parts) + b"--cut--\r\n"
    return browser.client.post(
        _PLAN, input_stream=io.BytesIO(body), content_length=len(body), content_type="multipart/form-data; boundary=cut"
    )


def _numbers(app: App) -> list[int]:
    with app.db.read() as session:
        return sorted(issue.number for issue in store.issue_rows(session) if issue.imported_at is not None)


def test_files_are_looked_through_then_imported_and_taken_back(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    page = _upload(mina, ("41.md", files.MARKDOWN), ("7.html", files.HTML), ("x.md", "no link"))
    assert "2 issues with 9 links would come in" in page
    assert "“Odds and ends” is the name of no section" in page
    assert "Good morning, it is cold." in page
    assert "There is no link in it that could be read." in page
    assert _numbers(sqlite_app) == []
    packed = _PACKED.search(page)
    assert packed is not None
    answer = mina.post(_CONFIRM, {"files": packed[1]})
    assert answer.status_code == 303
    listed = mina.follow(answer)
    assert "2 back issues with 9 links came in." in listed
    assert "back issue</span>" in listed
    assert _numbers(sqlite_app) == [7, 41]
    undo = re.search(r'action="(/desk/activity/\d+/undo)"', listed)
    assert undo is not None
    assert "2 back issues are gone again." in mina.follow(mina.post(undo[1]))
    assert _numbers(sqlite_app) == []


def test_pressing_twice_adds_nothing_twice_and_says_so(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    packed = _PACKED.search(_upload(mina, ("3.md", files.numbered(3, "https://a.example/1").content.decode())))
    assert packed is not None
    for said in ("1 back issue with 1 link came in.", "Nothing came in"):
        assert said in mina.follow(mina.post(_CONFIRM, {"files": packed[1]}))
    assert _numbers(sqlite_app) == [3]


def test_what_is_pasted_gets_its_number_and_day_from_the_form(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    fields = {"pasted": "https://a.example/1 One", "number": "9", "dated_on": "2022-02-03"}
    page = mina.post(_PLAN, dict(fields))
    assert "1 issue with 1 link would come in" in page.text
    packed = _PACKED.search(page.text)
    assert packed is not None
    mina.post(_CONFIRM, {**fields, "files": packed[1]})
    assert _numbers(sqlite_app) == [9]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Choose files, or paste an issue below."),
        ({"pasted": "x", "number": "x"}, "Give a whole number"),
        ({"pasted": "x", "dated_on": "2024-13-01"}, "Give a day"),
        ({"pasted": "x" * 200_001}, "at most 200,000 fit"),
        ({"pasted": "x", "section": "99999"}, "no such section"),
    ],
)
def test_what_cannot_be_looked_through_is_said_beside_its_field(
    mina: Browser, newsroom: Newsroom, fields: dict[str, object], why: str
) -> None:
    answer = mina.post(_PLAN, fields)
    assert answer.status_code == 422
    assert why in answer.text


def test_too_many_and_too_large_files_are_refused(mina: Browser, newsroom: Newsroom) -> None:
    many = mina.post(_PLAN, {"file": [(io.BytesIO(b"x"), f"{at}.md") for at in range(61)]})
    assert (many.status_code, "at most 60" in many.text) == (422, True)
    large = _posted_by_hand(mina, *[b"x" * 900_000] * 3)
    assert (large.status_code, "larger than 2 MB" in large.text) == (422, True)
    held = "".join(f"<h2>Issue {at}</h2><a href=https://a.example/{at}>One</a>" for at in range(1, 302))
    many = _posted_by_hand(mina, held.encode())
    assert (many.status_code, "These hold 301 issues; at most 300" in many.text) == (422, True)


@pytest.mark.parametrize("forged", ["", "%%%", "AAAA", "eJwDAAAAAAE=", "eJyLjgUAARUAuQ=="])
def test_files_that_did_not_arrive_whole_are_refused(mina: Browser, newsroom: Newsroom, forged: str) -> None:
    answer = mina.post(_CONFIRM, {"files": forged})
    assert answer.status_code in (303, 400, 422)


def test_a_back_issue_has_its_pages_and_no_step_to_send_it(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    packed = _PACKED.search(_upload(mina, ("41.md", files.MARKDOWN)))
    assert packed is not None
    mina.post(_CONFIRM, {"files": packed[1]})
    with sqlite_app.db.read() as session:
        issue = next(each for each in store.issue_rows(session) if each.imported_at is not None)
    board = mina.see(f"/desk/issues/{issue.id}")
    assert "It was sent before Curator and imported" in board
    assert "A fast sieve" in board
    assert f"/desk/issues/{issue.id}/send" not in board
    for page in ("preview", "send", "results", "activity"):
        mina.see(f"/desk/issues/{issue.id}/{page}")
    mina.see("/desk")
    mina.see("/desk/inbox?show=picked")
    mina.see("/desk/issues/calendar")
    assert "imported 1 back issues of" in mina.see("/desk/activity")


def test_the_page_costs_the_same_queries_however_many_issues_are_looked_at(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    said: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    costs = []
    for many in (1, 30):
        given = [(f"{at}.md", files.numbered(at + 1, f"https://a.example/{at}").content.decode()) for at in range(many)]
        mina.token()
        said.clear()
        _upload(mina, *given)
        costs.append(len(said))
    assert costs[0] == costs[1]
