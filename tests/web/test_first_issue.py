"""The demo's card "Your first issue" ticks itself by what people do, and goes when all is done."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from curator.activity import store as activity
from curator.app import App
from curator.clock import Clock
from curator.db import Database
from curator.events import store as events
from curator.events.tally import LinkTally, Tally
from curator.issues import board, publish
from curator.issues import store as issues
from curator.mailings import control, send
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, make_app, person, signed_in


@pytest.fixture
def sqlite_app(sqlite_database: Database, clock: Clock, tmp_path: Path) -> App:
    return make_app(sqlite_database, clock, tmp_path, is_demo=True)


@pytest.fixture
def issue(newsroom: Newsroom, clock: FakeClock, sqlite_app: App) -> int:
    """An issue in work, that somebody of the demo's own worked on before anybody signed in."""
    theo = person(sqlite_app, "Theo")
    issue_id = newsroom.issue()
    write(sqlite_app, issue_id, "Theo's words", by=theo)
    publish.render(sqlite_app.db, sqlite_app.renderer, issue_id, now=clock())
    clock.advance(timedelta(minutes=1))
    return issue_id


@pytest.fixture
def mina(issue: int, flask: Flask, sqlite_app: App, clock: FakeClock) -> Browser:
    browser = signed_in(flask, sqlite_app, "Mina")
    clock.advance(timedelta(minutes=1))
    return browser


def write(app: App, issue_id: int, words: str, *, by: int | None) -> None:
    with app.db.read() as session:
        shown = issues.board(session, issue_id)
    block = next(block for section in shown.sections for block in section.blocks)
    board.edit_pick(
        app.db, block.id, title="", link="", blurb=words, expected_version=block.version, by=by, now=app.clock()
    )


def ticked(page: str) -> list[bool]:
    card = re.search(r'aria-labelledby="first-issue".*?</section>', page, re.DOTALL)
    return [] if card is None else [state == "done" for state in re.findall(r'<li class="(\w+)"', card.group())]


def test_only_the_sign_in_is_done_at_first_whatever_the_demos_own_people_did(mina: Browser) -> None:
    page = mina.see("/desk")
    assert ticked(page) == [True, False, False, False, False, False]
    assert "1 of 6 steps done" in page


def test_each_deed_ticks_its_own_step(
    mina: Browser, issue: int, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    app = sqlite_app
    who = 2
    late = newsroom.articles[0]
    [block] = [block_id for block_id, item_id in blocks(app, issue) if item_id == late]
    board.remove(app.db, block, by=who, now=clock())
    clock.advance(timedelta(minutes=1))
    mina.post(f"/desk/inbox/{late}/pick", {"section": newsroom.sections[2], "newsletter": newsroom.newsletter})
    assert ticked(mina.see("/desk")) == [True, True, False, False, False, False]
    write(app, issue, "Words of my own", by=who)
    assert ticked(mina.see("/desk"))[:4] == [True, True, True, False]
    mina.see(f"/desk/issues/{issue}/preview")
    assert ticked(mina.see("/desk")) == [True, True, True, True, False, False]


def test_a_blurb_written_in_the_inbox_ticks_as_well(newsroom: Newsroom, flask: Flask, sqlite_app: App) -> None:
    mina, item = signed_in(flask, sqlite_app, "Mina"), newsroom.articles[0]
    mina.post(f"/desk/inbox/{item}/pick", {"section": newsroom.sections[2]})
    assert ticked(mina.see("/desk"))[:3] == [True, True, False]
    mina.post(f"/desk/inbox/{item}/blurb", {"version": 1, "blurb": "Words of my own"})
    assert ticked(mina.see("/desk"))[:3] == [True, True, True]


def test_sending_ticks_and_reading_ends_the_card(
    mina: Browser, issue: int, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    app, who = sqlite_app, 2
    builders.subscriber_rows(app.db, newsroom.newsletter, ["ada@example.org"])
    with app.db.write() as session:
        activity.record(session, at=clock(), actor=who, verb="picked into", subject="issue", subject_id=issue)
    write(app, issue, "Words of my own", by=who)
    publish.approve(app.db, app.renderer, issue, by=who, now=clock())
    mailing_id = send.start(app.db, issue, now=clock())
    assert ticked(mina.see("/desk")) == [True, True, True, True, True, False]
    with app.db.write() as session:
        events.add_tally(session, mailing_id, Tally({1: LinkTally(robot_hits=31)}), dropped=0)
    assert ticked(mina.see("/desk"))[-1:] == [False], "a scanner is no reader"
    with app.db.write() as session:
        events.add_tally(session, mailing_id, Tally({1: LinkTally(clicks=2, readers=1)}, clickers=1), dropped=0)
    assert ticked(mina.see("/desk")) == []


def test_an_issue_that_is_held_or_was_taken_back_is_not_sent(
    mina: Browser, issue: int, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    app = sqlite_app
    builders.subscriber_rows(app.db, newsroom.newsletter, ["ada@example.org"])
    builders.change_newsletters(app.db, hold_minutes=5)
    publish.approve(app.db, app.renderer, issue, by=2, now=clock())
    mailing_id = send.start(app.db, issue, now=clock())
    assert ticked(mina.see("/desk"))[4] is False
    control.take_back(app.db, mailing_id, now=clock())
    assert ticked(mina.see("/desk"))[4] is False


def test_it_costs_the_same_number_of_queries_whatever_was_done(
    mina: Browser, issue: int, sqlite_app: App, sqlite_database: Database, clock: FakeClock
) -> None:
    asked: list[str] = []
    mina.see("/desk")  # the sign-in's last use is noted once a minute
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    mina.see("/desk")
    before = len(asked)
    for number in range(30):
        write(sqlite_app, issue, f"Words {number}", by=2)
    asked.clear()
    mina.see("/desk")
    assert len(asked) == before


def test_an_installation_that_is_no_demo_has_no_such_card(
    issue: int, sqlite_database: Database, clock: Clock, tmp_path: Path
) -> None:
    app = make_app(sqlite_database, clock, tmp_path)
    browser = signed_in(create_app(app), app, "Ingrid")
    assert ticked(browser.see("/desk")) == []


def blocks(app: App, issue_id: int) -> list[tuple[int, int]]:
    with app.db.read() as session:
        shown = issues.board(session, issue_id)
    return [(block.id, block.pick.item.id) for section in shown.sections for block in section.blocks if block.pick]


def test_both_databases_tick_alike(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    app = make_app(database, clock, tmp_path, is_demo=True)
    newsroom = Newsroom(app)
    issue_id = newsroom.issue()
    builders.subscriber_rows(app.db, newsroom.newsletter, ["ada@example.org"])
    browser = signed_in(create_app(app), app, "Mina")
    assert ticked(browser.see("/desk")) == [True, False, False, False, False, False]
    clock.advance(timedelta(minutes=1))
    write(app, issue_id, "Words of my own", by=1)
    publish.approve(app.db, app.renderer, issue_id, by=1, now=clock())
    mailing_id = send.start(app.db, issue_id, now=clock())
    with app.db.write() as session:
        events.add_tally(session, mailing_id, Tally({1: LinkTally(clicks=1, readers=1)}, clickers=1), dropped=0)
    assert ticked(browser.see("/desk")) == [True, False, True, True, True, True]
