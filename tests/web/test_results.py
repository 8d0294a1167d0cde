"""The results page: what came of an issue, by place; what it says when there is nothing; and what it costs."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from curator.accounts import roles
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import App
from curator.events import listen
from curator.events.tables import MailingCount
from curator.issues.tables import Issue
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters.tables import Newsletter
from tests import builders
from tests.events.scene import NOW, Sent, counters, deliver, hit, mailing_row, sent, spooled
from tests.web.conftest import Browser, Newsroom, signed_in


@pytest.fixture
def line(sqlite_app: App) -> Sent:
    return sent(sqlite_app.db, readers=20)


def _clicked(app: App, line: Sent) -> None:
    """Seven readers press the first title, one of them twice; two the text; one scanner everything."""
    mailing = line.mailing_id
    spooled(
        app.spool_dir,
        *(hit(mailing, 1, reader) for reader in line.readers[:7]),
        hit(mailing, 1, line.readers[0], after_s=400),
        *(hit(mailing, 5, reader, after_s=30) for reader in line.readers[6:8]),
        *(hit(mailing, link, line.readers[19], agent=9) for link in range(8)),
    )
    listen.take_in(app.db, app.spool_dir, now=NOW)


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_tells_what_was_clicked_and_where_it_stood(mina: Browser, sqlite_app: App, line: Sent) -> None:
    (gone,) = builders.subscriber_rows(sqlite_app.db, line.newsletter_id, ["gone@example.org"])
    deliver(sqlite_app.db, line.mailing_id, (gone,), state=DeliveryState.REFUSED, code=550, reason="5.1.1 no")
    listen.note_bounces(sqlite_app.db, line.mailing_id, now=NOW)
    listen.note_unsubscribed(sqlite_app.db, mailing_id=line.mailing_id, subscriber_id=line.readers[3], now=NOW)
    _clicked(sqlite_app, line)
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    said = _words(page)
    assert "Accepted 20 Bounced 1 Complaints 0 Unsubscribed 1 Signed up on its page 0 " in said
    assert "Readers who clicked 8 40.0% Their clicks 10" in said
    assert "8 scanner hits set apart" in said
    assert "Clicks appear within a minute." in said
    assert "Tide pools Highlights 8 Its title site.example 8 7 Its button site.example 0 0 City trees" in said
    assert "In the words: “what we measured” site.example 2 2" in said
    assert "Highlights 8 80% Trends 2 20%" in said
    assert said.index("Tide pools") < said.index("City trees") < said.index("Small models")
    assert 'width="100.0"' in page
    assert 'width="25.0"' in page
    assert "style=" not in page


def test_a_slot_is_held_against_its_median_once_five_issues_had_it(mina: Browser, sqlite_app: App) -> None:
    first = sent(sqlite_app.db, number=1, readers=10)
    lines = [sent(sqlite_app.db, number=n, readers=10, newsletter_id=first.newsletter_id) for n in range(2, 8)]
    for line, clickers in zip((first, *lines), (2, 2, 4, 4, 6, 8, 6), strict=True):
        spooled(sqlite_app.spool_dir, *(hit(line.mailing_id, 1, each) for each in line.readers[:clickers]))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    said = _words(mina.see(f"/desk/issues/{lines[-1].issue_id}/results"))
    assert "Tide pools 1.5 × the median of this slot over 6 issues" in said
    assert "Highlights 1.5 × the median of this section over 6 issues" in said
    assert "Titles 1.5 × the median of these over 6 issues" in said
    assert "City trees Highlights" in said, "its slot got nothing before, so there is nothing to hold it against"
    said = _words(mina.see(f"/desk/issues/{lines[3].issue_id}/results"))
    assert "× the median" not in said, "four issues before are too few"


def test_an_issue_that_still_leaves_says_so(mina: Browser, sqlite_app: App, line: Sent) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(Issue).values(state="sending", send_at=NOW))
    assert "It is still leaving" in mina.see(f"/desk/issues/{line.issue_id}/results")


def test_whoever_has_no_place_in_the_newsletter_sees_no_results(flask: Flask, sqlite_app: App, line: Sent) -> None:
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    with sqlite_app.db.read() as session:
        user = accounts.user_id(session, "ann@podcast.example")
    assert user is not None
    now = sqlite_app.clock()
    roles.change_role(sqlite_app.db, user, Role.EDITOR, differing={line.newsletter_id: None}, now=now, by=None)
    ann.see(f"/desk/issues/{line.issue_id}/results", status=403)


def test_the_results_are_a_tab_of_the_issue(mina: Browser, newsroom: Newsroom) -> None:
    issue_id = newsroom.issue()
    assert f'href="/desk/issues/{issue_id}/results"' in mina.see(f"/desk/issues/{issue_id}/send")
    assert "Not sent yet" in mina.see(f"/desk/issues/{issue_id}/results")


def test_before_the_first_click_the_page_says_when_one_shows(mina: Browser, line: Sent) -> None:
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "No click yet" in page
    assert "Readers who clicked" in page
    assert "median" not in page


def test_a_mail_that_counts_no_clicks_says_so(mina: Browser, theo: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, readers=20, letterhead={"tracks_clicks": False})
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "Clicks are not counted" in page
    assert "Readers who clicked" not in page
    assert "Change that" in page
    assert "Change that" not in theo.see(f"/desk/issues/{line.issue_id}/results"), "an owner decides"
    _clicked(sqlite_app, line)
    assert "Tide pools" in mina.see(f"/desk/issues/{line.issue_id}/results"), "what was counted before stays"


def test_what_is_measured_is_said_of_the_mail_and_not_of_the_settings_since(
    mina: Browser, sqlite_app: App, line: Sent
) -> None:
    sums = sent(
        sqlite_app.db,
        number=42,
        newsletter_id=line.newsletter_id,
        letterhead={"clicks": "aggregate", "opens": "aggregate"},
    )
    with sqlite_app.db.write() as session:
        session.execute(update(Newsletter).values(clicks="off", opens="individual"))
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "Clicks are noted by reader, openings are not noted." in page
    page = mina.see(f"/desk/issues/{sums.issue_id}/results")
    assert "Clicks and openings are noted as sums that name nobody." in page
    assert "Readers who clicked" not in page
    assert "no number of people who read it" in page


def test_a_mail_without_counted_links_says_so(mina: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, has_links=False)
    assert "No link to count" in mina.see(f"/desk/issues/{line.issue_id}/results")


def test_a_test_is_marked_and_gives_way_to_the_real_mailing(mina: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, readers=2, is_test=True)
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "A test." in page
    assert "Accepted 2" in _words(page)
    real = mailing_row(sqlite_app.db, line.newsletter_id, line.issue_id)
    readers = builders.subscriber_rows(sqlite_app.db, line.newsletter_id, [f"x{n}@example.org" for n in range(5)])
    deliver(sqlite_app.db, real, tuple(readers))
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "A test." not in page
    assert "Accepted 5" in _words(page)


def test_an_issue_that_left_in_two_mailings_is_one(mina: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, readers=3, state=MailingState.CANCELLED)
    second = mailing_row(sqlite_app.db, line.newsletter_id, line.issue_id)
    readers = builders.subscriber_rows(sqlite_app.db, line.newsletter_id, [f"x{n}@example.org" for n in range(4)])
    deliver(sqlite_app.db, second, tuple(readers))
    spooled(sqlite_app.spool_dir, hit(line.mailing_id, 1, line.readers[0]), hit(second, 1, readers[0]))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    said = _words(mina.see(f"/desk/issues/{line.issue_id}/results"))
    assert "Accepted 7" in said
    assert "Its title site.example 2 2" in said
    assert said.count("Tide pools") == 1


def test_an_issue_is_held_against_the_last_eight_with_clicks(mina: Browser, sqlite_app: App) -> None:
    first = sent(sqlite_app.db, number=1, readers=10)
    newsletter = first.newsletter_id
    for number, clickers in ((2, 2), (3, 0), (4, 4), (5, 9)):
        line = sent(sqlite_app.db, number=number, readers=10, newsletter_id=newsletter)
        spooled(sqlite_app.spool_dir, *(hit(line.mailing_id, 1, each) for each in line.readers[:clickers]))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW)
    page = mina.see(f"/desk/issues/{line.issue_id}/results")
    assert "The median of the last 2 issues before is 30.0%." in page, "issues without any hit say nothing"
    assert "before" not in _words(mina.see(f"/desk/issues/{first.issue_id}/results"))


def test_the_page_reads_counters_and_never_events(mina: Browser, sqlite_app: App, line: Sent) -> None:
    _clicked(sqlite_app, line)
    first = _asked(mina, sqlite_app, line.issue_id)
    for number in range(42, 50):
        other = sent(sqlite_app.db, number=number, readers=2, newsletter_id=line.newsletter_id)
        _clicked(sqlite_app, Sent(other.db, 0, 0, other.mailing_id, line.readers))
    more = _asked(mina, sqlite_app, other.issue_id)
    assert len(more) == len(first) <= 17
    assert [each for each in more if re.search(r"\b(from|join) (event|delivery)\b", each, re.IGNORECASE)] == []


def test_while_a_mailing_runs_the_page_counts_what_the_relay_took_so_far(mina: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, readers=3, state=MailingState.RUNNING)
    more = builders.subscriber_rows(sqlite_app.db, line.newsletter_id, ["x@example.org", "y@example.org"])
    for nth, reader in enumerate(more):
        deliver(sqlite_app.db, line.mailing_id, (reader,))
        assert f"Accepted {4 + nth}" in _words(mina.see(f"/desk/issues/{line.issue_id}/results"))


def test_settling_and_cancelling_count_what_the_relay_took(mina: Browser, sqlite_app: App) -> None:
    line = sent(sqlite_app.db, readers=3, state=MailingState.PAUSED)
    (doubted,) = builders.subscriber_rows(sqlite_app.db, line.newsletter_id, ["x@example.org"])
    deliver(sqlite_app.db, line.mailing_id, (doubted,), state=DeliveryState.IN_DOUBT)
    with sqlite_app.db.write() as session:
        session.execute(update(MailingCount).values(accepted=0))
    mina.post(f"/desk/mailings/{line.mailing_id}/cancel")
    assert counters(sqlite_app.db, line.mailing_id).accepted == 3
    mina.post(f"/desk/mailings/{line.mailing_id}/settle", {"subscriber": str(doubted), "as": "sent"})
    assert counters(sqlite_app.db, line.mailing_id).accepted == 4


def _asked(mina: Browser, app: App, issue_id: int) -> list[str]:
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(app.db.engine, "before_cursor_execute", note)
    mina.see(f"/desk/issues/{issue_id}/results")
    event.remove(app.db.engine, "before_cursor_execute", note)
    return [each for each in asked if each.lstrip().upper().startswith("SELECT")]


def test_the_desk_tells_what_came_of_the_last_issue(mina: Browser, sqlite_app: App, line: Sent) -> None:
    _clicked(sqlite_app, line)
    said = _words(mina.see("/desk"))
    assert "What came of issue 41 20 mails accepted 8 readers clicked (40.0%)" in said
    assert "Tide pools 8 clicks A text 2 clicks" in said


def test_hits_beyond_the_limit_are_named(mina: Browser, sqlite_app: App, line: Sent) -> None:
    reader = line.readers[0]
    spooled(sqlite_app.spool_dir, *(hit(line.mailing_id, 1, reader, after_s=n) for n in range(63)))
    listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=NOW + timedelta(hours=1))
    assert (
        "3 hits beyond 60 by one program, or by more than 32 programs, on one reader’s mail were not looked at"
        in mina.see(f"/desk/issues/{line.issue_id}/results")
    )
