"""Test mode on the desk: the banner, the checklist that ticks itself, the first steps, and what a test send shows."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from curator.app import App
from curator.checklist import store
from curator.checklist.values import Checklist
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.values import IssueState
from curator.jobs import tasks
from curator.letters.values import LetterKind, LetterState
from curator.mailings import send
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.web import create_app
from tests import builders
from tests.web.conftest import Browser, Newsroom, signed_in

MINA = "mina@podcast.example"


@pytest.fixture
def in_test_mode(newsroom: Newsroom, sqlite_app: App) -> int:
    """The newsroom's newsletter, before anything of its checklist is ticked."""
    builders.change_newsletters(sqlite_app.db, live_at=None, postal_address="")
    return newsroom.newsletter


def tick_all(app: App, newsletter_id: int) -> None:
    now = app.clock()
    builders.change_newsletters(app.db, postal_address="1 Quay Road, Harbour")
    edit.note_dns_seen(app.db, newsletter_id, now=now)
    builders.feed_row(app.db, "Well", last_ok_at=now)
    builders.subscriber_rows(app.db, newsletter_id, ["ada@readers.example"])
    builders.letter_row(
        app.db,
        at=now,
        address=MINA,
        kind=LetterKind.TEST,
        state=LetterState.SENT,
        newsletter_id=newsletter_id,
    )


def checklist(app: App, newsletter_id: int) -> Checklist:
    with app.db.read() as session:
        return store.checklist(session, newsletter_id)


# --- the banner


def test_every_page_says_that_a_newsletter_is_in_test_mode_and_where_to_look(mina: Browser, in_test_mode: int) -> None:
    for url in ("/desk", "/desk/inbox", "/desk/feeds", "/desk/account", "/desk/setup"):
        page = mina.see(url)
        assert re.search(
            r"Test mode:</strong> AI Weekly goes to people at the desk only\.\s+5 of 5 steps are left\.", page
        )
        assert f'href="/desk/setup?newsletter={in_test_mode}">See what is left' in page


def test_the_banner_names_all_of_them_counts_what_is_left_and_goes_with_the_last(
    mina: Browser, in_test_mode: int, sqlite_app: App
) -> None:
    second = builders.newsletter_row(sqlite_app.db, slug="second", name="Second", live_at=None, postal_address="")
    tick_all(sqlite_app, in_test_mode)
    page = mina.see("/desk/account")
    assert "AI Weekly, Second go to people at the desk only" in page
    assert "3 of 10 steps are left." in page
    assert f'href="/desk/setup?newsletter={second}"' in page
    edit.go_live(sqlite_app.db, second, now=sqlite_app.clock())
    page = mina.see("/desk/account")
    assert "All steps are done." in page
    assert f'href="/desk/setup?newsletter={in_test_mode}">Go live' in page
    edit.go_live(sqlite_app.db, in_test_mode, now=sqlite_app.clock())
    assert "Test mode" not in mina.see("/desk/account")


def test_the_banner_costs_a_page_one_query(mina: Browser, in_test_mode: int, sqlite_app: App) -> None:
    said: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    for url in ("/desk/account", "/desk"):
        said.clear()
        mina.see(url)
        asked = [line for line in said if line.startswith("SELECT") and "live_at IS NULL" in line]
        assert len(asked) == 1, url
    assert len([line for line in _asked_by(mina, "/desk/items/bookmarklet", said) if "FROM newsletter" in line]) == 1


def _asked_by(browser: Browser, url: str, said: list[str]) -> list[str]:
    said.clear()
    browser.see(url)
    return list(said)


# --- the checklist


def test_each_step_says_what_is_wrong_and_leads_to_where_it_is_mended(mina: Browser, in_test_mode: int) -> None:
    page = mina.see(f"/desk/setup?newsletter={in_test_mode}")
    assert "mail goes only to those subscribers who also have a place at the desk" in page
    assert page.count('<span class="tag warn">to do</span>') == 5
    assert f'href="/desk/newsletter?newsletter={in_test_mode}#postal_address"' in page
    assert "2 feeds, of which none could be read so far" in page
    assert "Nobody subscribes yet" in page
    assert "Start an issue first" in page
    for record in ("v=spf1 include:YOUR-RELAY ~all", "_dmarc.podcast.example", "SELECTOR._domainkey.podcast.example"):
        assert record in page
    assert "curator doctor" in page


def test_a_test_mail_is_sent_from_the_open_issues_preview(mina: Browser, in_test_mode: int, newsroom: Newsroom) -> None:
    issue_id = newsroom.issue()
    page = mina.see("/desk/setup")
    assert f'href="/desk/issues/{issue_id}/preview">Send one from the preview of issue 1</a>' in page


def test_staff_alone_are_no_readers_and_say_so(mina: Browser, in_test_mode: int, sqlite_app: App) -> None:
    builders.subscriber_rows(sqlite_app.db, in_test_mode, [MINA])
    assert "Only people at the desk subscribe so far" in mina.see("/desk/setup")


def test_an_owner_says_that_the_records_are_in_place_and_may_take_it_back(
    mina: Browser, in_test_mode: int, sqlite_app: App
) -> None:
    answer = mina.post("/desk/setup/dns", {"newsletter": in_test_mode, "seen": "yes"})
    page = mina.follow(answer)
    assert "were said to be in place just now" in page
    assert checklist(sqlite_app, in_test_mode).dns_seen_at == sqlite_app.clock()
    mina.post("/desk/setup/dns", {"newsletter": in_test_mode, "seen": "no"})
    assert checklist(sqlite_app, in_test_mode).dns_seen_at is None


def test_nobody_goes_live_before_every_step_is_ticked(mina: Browser, in_test_mode: int, sqlite_app: App) -> None:
    assert re.search(r'<button class="primary" disabled>Go live', mina.see("/desk/setup"))
    tick_all(sqlite_app, in_test_mode)
    mina.post("/desk/setup/dns", {"newsletter": in_test_mode, "seen": "no"})
    page = mina.follow(mina.post("/desk/setup/live", {"newsletter": in_test_mode}))
    assert "Nothing has changed: 1 step is left (DNS records)." in page
    assert checklist(sqlite_app, in_test_mode).live_at is None


def test_with_every_step_ticked_an_owner_goes_live_once(mina: Browser, in_test_mode: int, sqlite_app: App) -> None:
    tick_all(sqlite_app, in_test_mode)
    page = mina.see("/desk/setup")
    assert page.count('<span class="tag good">done</span>') == 5
    assert re.search(r'<button class="primary">Go live', page)
    for _ in range(2):
        page = mina.follow(mina.post("/desk/setup/live", {"newsletter": in_test_mode}))
    assert "AI Weekly is live. From now on its mail goes to all of its readers." in page
    assert "there is no way back into test mode" in page
    assert "/desk/setup/live" not in page
    assert checklist(sqlite_app, in_test_mode).live_at == sqlite_app.clock()


def test_an_editor_sees_the_list_and_changes_nothing(theo: Browser, in_test_mode: int) -> None:
    page = theo.see("/desk/setup")
    assert "An owner fills it in." in page
    assert "An owner says so here." in page
    assert "An owner goes live." in page
    assert "/desk/setup/" not in page.replace("/desk/setup?", "")


def test_without_a_newsletter_the_page_says_what_comes_first(mina: Browser) -> None:
    assert "Set up the newsletter" in mina.see("/desk/setup")


# --- the first steps


def test_an_empty_desk_shows_the_first_steps_and_ticks_what_is_done(mina: Browser, sqlite_app: App) -> None:
    page = mina.see("/desk")
    assert _standing(page) == ["here", "ahead", "ahead", "done", "ahead", "ahead"]
    assert 'href="/desk/newsletter/new"><strong>Set up the newsletter' in page
    newsletter_id = builders.newsletter_row(sqlite_app.db, live_at=None)
    assert _standing(mina.see("/desk")) == ["done", "here", "ahead", "done", "ahead", "ahead"]
    tick_all(sqlite_app, newsletter_id)
    assert _standing(mina.see("/desk")) == ["done", "done", "done", "done", "done", "here"]
    edit.go_live(sqlite_app.db, newsletter_id, now=sqlite_app.clock())
    assert "First steps" not in mina.see("/desk")


def test_without_a_relay_that_step_is_open(sqlite_app: App) -> None:
    app = replace(sqlite_app, transport=None)
    mina = signed_in(create_app(app), app, "Mina")
    assert _standing(mina.see("/desk"))[3] == "ahead"
    assert "CURATOR_SMTP_URL" in mina.see("/desk")


def test_an_editor_is_not_sent_where_only_owners_may_go(theo: Browser) -> None:
    page = theo.see("/desk")
    assert "An owner does this." in page
    assert "/desk/newsletter/new" not in page


def _standing(page: str) -> list[str]:
    steps = page.partition('<ol class="checks">')[2].partition("</ol>")[0]
    return re.findall(r'<li class="(\w+)"', steps)


# --- sending in test mode


@pytest.fixture
def approved(mina: Browser, in_test_mode: int, newsroom: Newsroom, sqlite_app: App) -> int:
    """An approved issue with three readers, of whom Mina is one."""
    builders.subscriber_rows(sqlite_app.db, in_test_mode, ["ada@readers.example", MINA, "bob@readers.example"])
    issue_id = newsroom.issue()
    builders.change_newsletters(sqlite_app.db, postal_address="1 Quay Road, Harbour")
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    return issue_id


def test_the_page_says_beforehand_that_only_the_desk_gets_it(mina: Browser, approved: int) -> None:
    page = mina.see(f"/desk/issues/{approved}/send")
    assert "to 1 person at the desk" in page
    assert "<dt>Left out: they are not at the desk, and this is a test</dt><dd>2</dd>" in page
    assert "this goes to people at the desk who subscribe, and to nobody else" in page
    asked = mina.see(f"/desk/issues/{approved}/send-now")
    assert "to 1 person at the desk, because AI Weekly is in test mode" in asked
    assert "Send to 1 person at the desk now" in asked


def test_a_test_is_marked_wherever_a_mailing_is_shown_and_counted_out_afterwards(
    mina: Browser, approved: int, in_test_mode: int, sqlite_app: App
) -> None:
    mailing_id = send.start(sqlite_app.db, approved, now=sqlite_app.clock())
    tag = '<span class="tag bad">test</span>'
    pages = ("/desk", f"/desk/mailings/{mailing_id}", f"/desk/issues/{approved}/send")
    assert [tag in mina.see(url) for url in pages] == [True, True, True]
    assert "Cancel the test of issue 1?" in mina.see(f"/desk/mailings/{mailing_id}/cancel")
    tasks.pump_mailing(sqlite_app, {"mailing_id": mailing_id})
    page = mina.see(f"/desk/issues/{approved}/send")
    assert "Sent in test mode to 1 person at the desk. Go live, then send it to the readers." in page
    assert "<dt>Left out: they had this issue already</dt><dd>1</dd>" in page
    edit.go_live(sqlite_app.db, in_test_mode, now=sqlite_app.clock())
    page = mina.see(f"/desk/issues/{approved}/send-now")
    assert "to 2 confirmed readers of AI Weekly" in page
    assert "1 subscriber had this issue before and does not get it again." in page
    with sqlite_app.db.read() as session:
        assert issues.issue_row(session, approved).state is IssueState.APPROVED
        assert not newsletters.newsletter(session, in_test_mode).is_test_mode


def test_going_live_takes_a_scheduled_test_off_its_schedule_and_says_so(
    mina: Browser, newsroom: Newsroom, in_test_mode: int, sqlite_app: App
) -> None:
    approved, now = newsroom.issue(), sqlite_app.clock()
    builders.change_newsletters(sqlite_app.db, postal_address="1 Quay Road, Harbour")
    publish.approve(sqlite_app.db, sqlite_app.renderer, approved, by=None, now=now)
    publish.schedule(sqlite_app.db, approved, at=now + timedelta(hours=1), by=None, now=now)
    tick_all(sqlite_app, in_test_mode)
    assert "An issue that is scheduled as a test is taken off its schedule" in mina.see("/desk/setup")
    page = mina.follow(mina.post("/desk/setup/live", {"newsletter": in_test_mode}))
    assert "1 issue was scheduled as a test and left its schedule: schedule it again for the readers." in page
    with sqlite_app.db.read() as session:
        issue = issues.issue_row(session, approved)
    assert (issue.state, issue.send_at) == (IssueState.APPROVED, None)
    assert issue.note == "It was scheduled as a test. Schedule it again for the readers."
