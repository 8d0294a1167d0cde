"""Issues beside each other: the table, two of them, the charts, the file."""

import html
import re

import pytest
from flask import Flask

from curator.accounts import roles
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import App
from curator.events import listen
from tests import builders
from tests.audience.counting import statements
from tests.events.scene import NOW, Sent, hit, sent, spooled
from tests.web.conftest import Browser, signed_in

PAGE = "/desk/issues/results"


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
def lines(sqlite_app: App) -> list[Sent]:
    """Three issues to ten readers each, of whom two, none and five click."""
    first = sent(sqlite_app.db, number=1, readers=10)
    lines = [first, *(sent(sqlite_app.db, number=n, readers=10, newsletter_id=first.newsletter_id) for n in (2, 3))]
    for line, clickers in zip(lines, (2, 0, 5), strict=True):
        spooled(sqlite_app.spool_dir, *(hit(line.mailing_id, 1, each) for each in line.readers[:clickers]))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    listen.note_unsubscribed(sqlite_app.db, mailing_id=first.mailing_id, subscriber_id=first.readers[0], now=NOW)
    return lines


def test_the_last_issues_stand_beside_each_other(mina: Browser, lines: list[Sent]) -> None:
    page = mina.see(PAGE)
    said = _words(page)
    assert "Issue 3 10 50.0% 0 0 0 0 Issue 2 10 0.00% 0 0 0 0 Issue 1 10 20.0% 1 0 0 0" in said
    assert "Issue 3: 50.0%" in said, "each bar says what it stands for"
    assert page.count("<desc ") == 4
    assert "style=" not in page


def test_two_issues_are_chosen_by_address(mina: Browser, lines: list[Sent]) -> None:
    newest = _words(mina.see(PAGE))
    assert "Readers who clicked 50.0% 0.00%" in newest, "the newest two unless somebody chooses"
    said = _words(mina.see(f"{PAGE}?one=1&other=3"))
    assert "Readers who clicked 20.0% 50.0%" in said
    assert "Unsubscribed 1 (10.0%) 0 (0.00%)" in said
    assert "Readers who clicked 50.0% 0.00%" in _words(mina.see(f"{PAGE}?one=99&other=x"))


def test_nothing_and_one_issue_say_so(mina: Browser, sqlite_app: App) -> None:
    assert "No newsletter yet" in mina.see(PAGE) or "newsletter" in mina.see(PAGE)
    newsletter = builders.newsletter_row(sqlite_app.db)
    assert "No issue was sent yet" in mina.see(PAGE)
    sent(sqlite_app.db, number=1, newsletter_id=newsletter)
    page = mina.see(PAGE)
    assert "One issue was sent so far" in page
    assert '<svg class="columns-of"' not in page


def test_the_same_is_a_file(mina: Browser, lines: list[Sent]) -> None:
    rows = mina.see(f"{PAGE}.csv").splitlines()
    assert rows[0].split(",")[:6] == ["issue", "subject", "sent", "accepted", "clicks", "click rate"]
    assert [row.split(",")[0] for row in rows[1:]] == ["3", "2", "1"]
    assert rows[1].endswith(",10,5,0.5000,0,0,0,0,0")


def test_the_page_costs_the_same_however_many_issues(mina: Browser, sqlite_app: App, lines: list[Sent]) -> None:
    mina.see(PAGE)
    with statements(sqlite_app.db) as few:
        mina.see(PAGE)
    for number in range(4, 12):
        sent(sqlite_app.db, number=number, readers=1, newsletter_id=lines[0].newsletter_id)
    with statements(sqlite_app.db) as many:
        mina.see(PAGE)
    assert len(many) == len(few)
    assert [each for each in many if re.search(r"\b(from|join) (event|delivery)\b", each, re.IGNORECASE)] == []


def test_another_newsletters_editor_sees_none_of_it(flask: Flask, sqlite_app: App, lines: list[Sent]) -> None:
    other = builders.newsletter_row(sqlite_app.db, slug="second", name="Second")
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    with sqlite_app.db.read() as session:
        user = accounts.user_id(session, "ann@podcast.example")
    assert user is not None
    ours = lines[0].newsletter_id
    roles.change_role(sqlite_app.db, user, Role.EDITOR, differing={ours: None}, now=sqlite_app.clock(), by=None)
    assert "No issue was sent yet" in ann.see(f"{PAGE}?newsletter={other}")
    for address in (f"{PAGE}?newsletter={ours}", f"{PAGE}.csv?newsletter={ours}"):
        ann.see(address, status=403)
    for page in ("results/mail", "results/mail.html", "results.csv"):
        ann.see(f"/desk/issues/{lines[0].issue_id}/{page}", status=403)
