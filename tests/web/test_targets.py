"""Links of an issue that has left: changed at the desk, live in every process, and on the web."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from curator.app import App
from curator.events import listen
from curator.issues.tables import Link
from curator.mailings.click_links import ClickLink, click_token
from curator.mailings.repoints import store
from curator.mailings.tables import Mailing
from curator.web import create_app
from tests.audience.counting import statements
from tests.conftest import FakeClock
from tests.events.scene import NOW, Sent, hit, sent, spooled
from tests.issues.documents import whole_issue
from tests.published import sent_issue_row
from tests.web.conftest import Browser, Newsroom, make_app

OLD, NEW = "https://site.example/3", "https://mended.example/trees"


@pytest.fixture
def line(sqlite_app: App) -> Sent:
    return sent(sqlite_app.db)


def change(mina: Browser, line: Sent, url: str, *, was: str = OLD, expected: str = OLD) -> str:
    fields = {"was": was, "expected": expected, "url": url}
    answer = mina.post(f"/desk/issues/{line.issue_id}/targets", fields)
    return mina.follow(answer) if answer.status_code == 303 else answer.text


def test_a_change_is_live_in_every_process_within_ten_seconds(
    mina: Browser, sqlite_app: App, line: Sent, clock: FakeClock, tmp_path: Path
) -> None:
    processes = [create_app(make_app(sqlite_app.db, clock, tmp_path / name)) for name in ("one", "other")]
    url = f"/l/{click_token(sqlite_app.keys, ClickLink(line.mailing_id, 3, line.readers[0]))}"
    leads = [each.test_client().get(url).headers["Location"] for each in processes]
    assert leads == [OLD, OLD]
    assert "within ten seconds" in change(mina, line, NEW)
    clock.advance(timedelta(seconds=9))
    assert [each.test_client().get(url).headers["Location"] for each in processes] == [NEW, NEW]


def test_a_click_looks_at_most_every_five_seconds(sqlite_app: App, line: Sent, flask: Flask, clock: FakeClock) -> None:
    client = flask.test_client()
    url = f"/l/{click_token(sqlite_app.keys, ClickLink(line.mailing_id, 3, line.readers[0]))}"
    client.get(url)
    asked: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for _ in range(10):
        clock.advance(timedelta(seconds=1))
        client.get(url)
    assert sum("repoint" in each for each in asked) == 2


def test_the_page_tells_clicks_and_takes_a_change_that_undo_takes_back(
    mina: Browser, sqlite_app: App, line: Sent
) -> None:
    spooled(sqlite_app.spool_dir, *(hit(line.mailing_id, 3, reader) for reader in line.readers[:4]))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    page = mina.see(f"/desk/issues/{line.issue_id}/targets")
    assert re.search(r"City trees</h2>\s*<p class=\"soft\">4 clicks", page)
    page = change(mina, line, NEW)
    assert f"The mail was made with {OLD}" in page
    undo = re.search(r'action="(/desk/activity/\d+/undo)"', page)
    assert undo
    mina.post(undo[1], {})
    assert f'value="{NEW}"' not in mina.see(f"/desk/issues/{line.issue_id}/targets")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Give the address"),
        ("javascript:alert(1)", "Give a whole address"),
        ("http://10.0.0.1/", "Readers cannot reach this host"),
    ],
)
def test_a_wrong_address_is_refused_beside_its_field(mina: Browser, line: Sent, url: str, said: str) -> None:
    page = change(mina, line, url)
    assert page.count(said) == 2
    assert 'aria-invalid="true"' in page


def test_two_who_change_the_same_link_are_told(mina: Browser, line: Sent) -> None:
    change(mina, line, NEW)
    assert "Somebody changed it meanwhile" in change(mina, line, "https://third.example/")


def test_the_web_shows_the_new_address_too(mina: Browser, sqlite_app: App, line: Sent) -> None:
    issue_id = sent_issue_row(sqlite_app.db, line.newsletter_id, 42, document=whole_issue())
    link = next(each.link for section in whole_issue().sections for each in section.entries if each.link)
    with sqlite_app.db.write() as session:
        store.add(session, issue_id, was=link, url=NEW, by=None, now=NOW)
    page = mina.see("/n/ai-weekly/issues/42")
    assert f'href="{NEW}"' in page
    assert f'href="{link}"' not in page


def test_an_issue_that_has_not_left_says_so(mina: Browser, sqlite_app: App) -> None:
    issue_id = Newsroom(sqlite_app).issue()
    assert "Nothing has left yet" in mina.see(f"/desk/issues/{issue_id}/targets")


def test_the_page_asks_as_often_for_many_links_as_for_few(mina: Browser, sqlite_app: App, line: Sent) -> None:
    def asked() -> int:
        with statements(sqlite_app.db) as seen:
            mina.see(f"/desk/issues/{line.issue_id}/targets")
        return len(seen)

    few = asked()
    with sqlite_app.db.write() as session:
        mailing = session.get_one(Mailing, line.mailing_id)
        session.add_all(
            Link(revision_id=mailing.revision_id, number=n, url=f"https://more.example/{n}", placement="text")
            for n in range(20, 60)
        )
        for n in range(20, 40):
            store.add(session, line.issue_id, was=f"https://more.example/{n}", url=NEW, by=None, now=NOW)
    assert asked() == few
