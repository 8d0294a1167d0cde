"""Approve, schedule, send, and the mailing that follows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from curator.app import App
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.issues import board, store
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, IssueState
from curator.jobs import tasks
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.tables import Delivery
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom


@pytest.fixture
def issue_id(newsroom: Newsroom, sqlite_app: App) -> int:
    addresses = [f"reader{number}@readers.example" for number in range(5)]
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, addresses)
    subscribe.suppress(sqlite_app.db, addresses[0], SuppressionReason.BOUNCED, now=sqlite_app.clock())
    return newsroom.issue()


def test_an_approval_says_what_goes_to_how_many(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "revision 1 of issue 1" in page
    assert "4 confirmed readers of AI Weekly" in page
    assert "Left out: their address bounced" in page
    _approve(mina, issue_id)
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED


def test_content_that_changed_since_it_was_seen_is_not_approved(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    page = mina.see(f"/desk/issues/{issue_id}/send")
    board.add_text(sqlite_app.db, issue_id, None, "Slipped in.", by=None, now=sqlite_app.clock())
    answer = mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": _seen(page)})
    shown = mina.follow(answer)
    assert "was changed since you looked at it" in shown
    assert "revision 2 of issue 1" in shown
    assert _issue(sqlite_app, issue_id).state is IssueState.DRAFT


def test_the_page_says_what_changed_since_the_approval_and_since_the_test(
    mina: Browser, issue_id: int, sqlite_app: App
) -> None:
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "No test mail was sent of it" in page
    assert " since revision " not in page
    with sqlite_app.db.read() as session:
        first = revisions.latest_revision(session, issue_id)
    assert first is not None
    mina.post(f"/desk/issues/{issue_id}/test-mail", {"revision": str(first.id)})
    _approve(mina, issue_id)
    assert "Nothing has changed since the last test mail (revision 1)" in mina.see(f"/desk/issues/{issue_id}/send")
    board.add_text(sqlite_app.db, issue_id, None, "Another word.", by=None, now=sqlite_app.clock())
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "1 change since revision 1 was approved" in page
    assert "1 change since the last test mail (revision 1)" in page
    assert page.count("Another word.") == 2


def test_words_still_to_come_are_refused_and_the_page_leads_to_them(
    mina: Browser, issue_id: int, sqlite_app: App
) -> None:
    board.add_text(sqlite_app.db, issue_id, None, "By TK.", by=None, now=sqlite_app.clock())
    with sqlite_app.db.read() as session:
        (text,) = store.board(session, issue_id).intro
        version = store.issue_row(session, issue_id).version
    board.edit_settings(
        sqlite_app.db, issue_id, subject="TK", preheader="", expected_version=version, by=None, now=sqlite_app.clock()
    )
    seen = _seen(mina.see(f"/desk/issues/{issue_id}/send"))
    answer = mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen})
    assert (answer.status_code, "2 things must be mended first" in answer.text) == (422, True)
    places = [f"block-{text.id}", "subject"]
    assert all(f'href="/desk/issues/{issue_id}#{place}"' in answer.text for place in places)
    shown = mina.see(f"/desk/issues/{issue_id}")
    assert all(f'id="{place}"' in shown for place in places)
    assert _issue(sqlite_app, issue_id).state is IssueState.DRAFT


def test_without_what_was_seen_nothing_is_approved(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    mina.post(f"/desk/issues/{issue_id}/approve")
    assert _issue(sqlite_app, issue_id).state is IssueState.DRAFT


def test_a_schedule_is_on_the_newsletters_wall_clock(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    _approve(mina, issue_id)
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert 'value="2026-11-19T09:00"' in page, "the issue's own slot is the default"
    answer = mina.post(
        f"/desk/issues/{issue_id}/schedule", {"at": "2027-06-01T07:00"} | _promised(sqlite_app, issue_id)
    )
    assert "It leaves Tue 1 Jun 2027, 07:00 Europe/London (in 196 d)." in mina.follow(answer)
    assert _issue(sqlite_app, issue_id).send_at == datetime(2027, 6, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("", "Give a date and a time"),
        ("soon", "Give a date and a time"),
        ("2026-11-16T08:59", "This moment is over"),
        ("2027-03-28T01:30", "skip this time"),
        ("9999-12-31T23:59", "Give a date and a time"),
    ],
)
def test_a_moment_that_will_not_do_is_said_beside_its_field(
    mina: Browser, issue_id: int, sqlite_app: App, at: str, why: str
) -> None:
    _approve(mina, issue_id)
    answer = mina.post(f"/desk/issues/{issue_id}/schedule", {"at": at})
    assert (answer.status_code, why in answer.text, 'href="#at"' in answer.text) == (422, True, True)
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED


def test_unscheduled_stays_approved_and_unapproved_is_a_draft(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    _approve(mina, issue_id)
    mina.post(f"/desk/issues/{issue_id}/schedule", {"at": "2026-11-19T07:00"} | _promised(sqlite_app, issue_id))
    mina.post(f"/desk/issues/{issue_id}/unschedule")
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED
    mina.post(f"/desk/issues/{issue_id}/unapprove")
    assert _issue(sqlite_app, issue_id).state is IssueState.DRAFT


def test_sending_now_asks_once(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    assert "Approve the issue first" in mina.follow(mina.client.get(f"/desk/issues/{issue_id}/send-now"))
    _approve(mina, issue_id)
    assert "cannot be called back" in mina.see(f"/desk/issues/{issue_id}/send-now")
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED
    mina.post(f"/desk/issues/{issue_id}/send-now", _promised(sqlite_app, issue_id))
    assert _issue(sqlite_app, issue_id).send_at == sqlite_app.clock()


@pytest.mark.parametrize("door", ["send-now", "schedule"])
def test_a_page_that_promised_something_else_schedules_nothing_and_says_so(
    mina: Browser, issue_id: int, sqlite_app: App, door: str
) -> None:
    _approve(mina, issue_id)
    url = f"/desk/issues/{issue_id}/{door}"
    promised = _promised(sqlite_app, issue_id) | {"at": "2026-11-19T07:00"}
    for stale, why in (
        ({"seen_test": "yes"}, "Since you looked at this page the newsletter is live: it goes to all its readers."),
        ({"seen_hash": "b" * 64}, "Another content was approved since you looked at this page."),
        ({"seen_hash": ""}, "Another content was approved since you looked at this page."),
    ):
        assert why in mina.follow(mina.post(url, promised | stale))
        assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED
    mina.post(url, promised)
    assert _issue(sqlite_app, issue_id).state is IssueState.SCHEDULED


@pytest.mark.parametrize("page", ["send", "send-now"])
def test_the_pages_carry_what_they_promise(mina: Browser, issue_id: int, sqlite_app: App, page: str) -> None:
    _approve(mina, issue_id)
    for live_at, seen in ((None, "yes"), (sqlite_app.clock(), "no")):
        builders.change_newsletters(sqlite_app.db, live_at=live_at)
        shown = mina.see(f"/desk/issues/{issue_id}/{page}")
        assert f'name="seen_test" value="{seen}"' in shown
        assert f'name="seen_hash" value="{_issue(sqlite_app, issue_id).approved_hash}"' in shown


def test_an_issue_that_is_not_approved_cannot_be_scheduled(mina: Browser, issue_id: int) -> None:
    answer = mina.post(
        f"/desk/issues/{issue_id}/schedule", {"at": "2026-11-19T07:00", "back": f"/desk/issues/{issue_id}/send"}
    )
    assert "is not approved" in mina.follow(answer)


@pytest.fixture
def mailing_id(mina: Browser, issue_id: int, sqlite_app: App) -> int:
    _approve(mina, issue_id)
    mina.post(f"/desk/issues/{issue_id}/send-now", _promised(sqlite_app, issue_id))
    mailing_id = send.start(sqlite_app.db, issue_id, now=sqlite_app.clock())
    _pump(sqlite_app, mailing_id, stops_after=0)
    return mailing_id


def test_a_mailing_is_paused_resumed_and_watched(mina: Browser, mailing_id: int, sqlite_app: App) -> None:
    url = f"/desk/mailings/{mailing_id}"
    mina.post(f"{url}/pause")
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.PAUSED
    paused = mina.see(url)
    assert "watch.js" not in paused
    assert "<h1>Paused: " in paused
    mina.post(f"{url}/resume")
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.RUNNING
    page = mina.see(url)
    assert "watch.js" in page
    assert "Look again" in page
    _pump(sqlite_app, mailing_id)
    page = mina.see(url)
    assert "4 of 4 messages settled" in page
    assert "watch.js" not in page


def _held(mina: Browser, issue_id: int, app: App) -> int:
    _approve(mina, issue_id)
    builders.change_newsletters(app.db, hold_minutes=5)
    assert "is held for 5 minutes, then leaves" in mina.see(f"/desk/issues/{issue_id}/send-now")
    answer = mina.post(f"/desk/issues/{issue_id}/send-now", _promised(app, issue_id))
    assert "It is held for 5 minutes" in mina.follow(answer)
    return send.start(app.db, issue_id, now=app.clock())


def test_a_held_mailing_says_that_nothing_has_left_and_can_be_undone(
    mina: Browser, issue_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    mailing_id = _held(mina, issue_id, sqlite_app)
    clock.advance(timedelta(seconds=48))
    page = mina.see(f"/desk/mailings/{mailing_id}")
    assert re.search(r"Holding <time [^>]+>4:12</time>\.</span> Nothing has left\.", page)
    assert "watch.js" in page
    assert "Skip the wait" in page
    assert ">holding</span>" in mina.see(f"/desk/issues/{issue_id}/send")
    assert ">holding</span>" in mina.see("/desk/issues")
    answer = mina.post(f"/desk/mailings/{mailing_id}/take-back")
    shown = mina.follow(answer)
    assert "Taken back. Nothing has left" in shown
    assert "note warn" not in shown, "it is said once"
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.CANCELLED
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED


def test_the_desk_is_about_the_issue_that_is_held_or_leaving_until_another_is_open(
    mina: Browser, issue_id: int, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    mailing_id = _held(mina, issue_id, sqlite_app)
    clock.advance(timedelta(seconds=48))
    home = mina.see("/desk")
    assert "Issue 1</h2>" in home.replace("\n", "")
    assert "No issue is open" not in home
    assert f'action="/desk/mailings/{mailing_id}/take-back"' in home
    assert home.count("Nothing has left.") == 1
    assert "ago</time>" not in home, "no time that is the draft's"
    assert "Held, and nothing has left yet" in home
    assert "Held, and nothing has left yet" in mina.see(f"/desk/issues/{issue_id}")
    mina.post(f"/desk/mailings/{mailing_id}/send-at-once")
    _pump(sqlite_app, mailing_id, stops_after=0)
    leaving = mina.see("/desk")
    assert "Leaving since" in leaving
    assert "take-back" not in leaving
    assert leaving.count(f'href="/desk/mailings/{mailing_id}">Watch and steer</a>') == 1
    newsroom.issue()
    both = mina.see("/desk")
    assert "Issue 2</h2>" in both.replace("\n", "")
    assert "Watch and steer" in both
    assert "since <time" in both


def test_between_send_now_and_its_mailing_the_page_offers_undo_and_no_schedule(
    mina: Browser, issue_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    _approve(mina, issue_id)
    builders.change_newsletters(sqlite_app.db, hold_minutes=5)
    mina.post(f"/desk/issues/{issue_id}/send-now", _promised(sqlite_app, issue_id))
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "it is held for 5 minutes once it is ready" in page
    assert "watch.js" in page
    assert ">Undo" in page
    assert "Change the time" not in page
    assert "Due to leave" in mina.see(f"/desk/issues/{issue_id}")
    clock.advance(timedelta(minutes=3))
    late = mina.see(f"/desk/issues/{issue_id}/send")
    assert "Change the time" in late, "no clock began it, so the schedule is shown as it stands"
    mina.post(f"/desk/issues/{issue_id}/unschedule")
    assert _issue(sqlite_app, issue_id).state is IssueState.APPROVED


def test_a_mailing_whose_holding_is_over_offers_no_wait_to_skip(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    mailing_id = _held(mina, issue_id, sqlite_app)
    page = mina.follow(mina.post(f"/desk/mailings/{mailing_id}/send-at-once"))
    assert "Holding is over." in page
    assert "Skip the wait" not in page
    assert "to whoever subscribes then" not in page


def test_a_mailing_that_was_taken_back_never_began(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    mailing_id = _held(mina, issue_id, sqlite_app)
    page = mina.follow(mina.post(f"/desk/mailings/{mailing_id}/take-back"))
    assert "Taken back before anything left." in page
    assert "Begun" not in page
    assert "See its deliveries" not in page
    assert "Begun" not in mina.see(f"/desk/mailings/{mailing_id}")


def test_the_page_of_an_issue_counts_a_holding_down(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    _held(mina, issue_id, sqlite_app)
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert 'data-watch="holding"' in page
    assert "watch.js" in page


def test_undo_that_comes_too_late_says_so_and_changes_nothing(mina: Browser, mailing_id: int, sqlite_app: App) -> None:
    answer = mina.post(f"/desk/mailings/{mailing_id}/take-back", {"back": f"/desk/mailings/{mailing_id}"})
    assert "too late to take it back" in mina.follow(answer)
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.RUNNING


def test_who_skips_the_wait_sends_at_once(mina: Browser, issue_id: int, sqlite_app: App) -> None:
    mailing_id = _held(mina, issue_id, sqlite_app)
    mina.post(f"/desk/mailings/{mailing_id}/send-at-once")
    _pump(sqlite_app, mailing_id)
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.FINISHED


def test_the_page_says_what_a_mailing_waits_for_and_about_when_it_is_done(
    mina: Browser, mailing_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    with sqlite_app.db.write() as session:
        mailings.wait(session, mailing_id, until=clock() + timedelta(minutes=5), why="watching how wave 1 is taken")
    page = mina.see(f"/desk/mailings/{mailing_id}")
    assert "watching how wave 1 is taken." in page
    assert "Waits until <time" in page


def test_the_page_says_when_what_was_put_off_is_tried_again_and_that_only_that_is_left(
    mina: Browser, mailing_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    relay = sqlite_app.transport
    assert isinstance(relay, MemoryTransport)
    relay.answers_to("reader2@readers.example", Answer(Verdict.DEFERRED, 451, "greylisted"))
    _pump(sqlite_app, mailing_id)
    page = mina.see(f"/desk/mailings/{mailing_id}")
    assert re.search(r"only deferred ones are left, tried again from <time [^>]+>\d\d:\d\d</time> on", page)
    assert re.search(r"next try <time [^>]+>\d\d:\d\d</time>", page)
    clock.advance(timedelta(minutes=1))
    assert "Nothing has moved" not in mina.see(f"/desk/mailings/{mailing_id}"), "nothing is due"


def test_a_mailing_that_nobody_is_at_says_so_and_a_fresh_or_waiting_one_does_not(
    mina: Browser, mailing_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    url = f"/desk/mailings/{mailing_id}"
    assert "Nothing has moved" not in mina.see(url)
    clock.advance(timedelta(minutes=3))
    assert "Nothing has moved for 3 min: is a worker running?" in mina.see(url)
    mina.post(f"{url}/pause")
    mina.post(f"{url}/resume")
    assert "Nothing has moved" not in mina.see(url), "it was resumed just now"
    with sqlite_app.db.write() as session:
        mailings.wait(session, mailing_id, until=clock() + timedelta(minutes=5), why="watching how wave 1 is taken")
    clock.advance(timedelta(minutes=3))
    assert "Nothing has moved" not in mina.see(url)


def test_a_mailing_page_asks_a_fixed_number_of_questions(mina: Browser, mailing_id: int, sqlite_app: App) -> None:
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    event.listen(sqlite_app.db.engine, "before_cursor_execute", note)
    mina.see(f"/desk/mailings/{mailing_id}")
    event.remove(sqlite_app.db.engine, "before_cursor_execute", note)
    about_deliveries = [query for query in asked if "FROM delivery" in query]
    # The list of those in trouble is one query with a limit; the numbers come from batches.
    assert len(about_deliveries) == 1
    assert "LIMIT" in about_deliveries[0]
    assert len([query for query in asked if query.startswith("SELECT")]) <= 16


def test_the_part_that_is_watched_leads_to_a_fresh_list_of_the_refused(
    mina: Browser, mailing_id: int, sqlite_app: App
) -> None:
    assert "refused or in doubt" not in mina.see(f"/desk/mailings/{mailing_id}")
    relay = sqlite_app.transport
    assert isinstance(relay, MemoryTransport)
    relay.answers_to("reader2@readers.example", Answer(Verdict.REFUSED, 550, "5.1.1 no such user"))
    relay.answers_to("reader3@readers.example", Answer(Verdict.DEFERRED, 451, "greylisted"))
    _pump(sqlite_app, mailing_id)
    page = mina.see(f"/desk/mailings/{mailing_id}")
    watched = page[page.index("data-watch") : page.index("rule-top")]
    found = re.search(r'href="([^"]+)#troubled">1 refused or in doubt', watched)
    assert found is not None
    assert "reader2@readers.example" in mina.see(found.group(1))


def test_cancelling_asks_once(mina: Browser, mailing_id: int, sqlite_app: App) -> None:
    assert "never leaves" in mina.see(f"/desk/mailings/{mailing_id}/cancel")
    assert _mailing_state(sqlite_app, mailing_id) is not MailingState.CANCELLED
    mina.post(f"/desk/mailings/{mailing_id}/cancel")
    assert _mailing_state(sqlite_app, mailing_id) is MailingState.CANCELLED
    answer = mina.post(f"/desk/mailings/{mailing_id}/resume", {"back": f"/desk/mailings/{mailing_id}"})
    assert "only a paused one can go on" in mina.follow(answer)


def test_a_delivery_in_doubt_is_settled_by_a_person(mina: Browser, mailing_id: int, sqlite_app: App) -> None:
    _pump(sqlite_app, mailing_id)
    with sqlite_app.db.write() as session:
        row = session.get(Delivery, (mailing_id, 3))
        assert row is not None
        row.state = DeliveryState.IN_DOUBT
    page = mina.see(f"/desk/mailings/{mailing_id}")
    assert "reader2@readers.example" in page
    unclear = mina.post(f"/desk/mailings/{mailing_id}/settle", {"subscriber": 3})
    assert "Say whether it arrived" in mina.follow(unclear)
    answer = mina.post(f"/desk/mailings/{mailing_id}/settle", {"subscriber": 3, "as": "sent"})
    assert "Settled: it arrived" in mina.follow(answer)
    again = mina.post(f"/desk/mailings/{mailing_id}/settle", {"subscriber": 3, "as": "sent"})
    assert "not in doubt any more" in mina.follow(again)


def _approve(mina: Browser, issue_id: int) -> None:
    seen = _seen(mina.see(f"/desk/issues/{issue_id}/send"))
    answer = mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen})
    assert "is approved" in mina.follow(answer)


def _seen(page: str) -> str:
    found = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found.group(1)


def _issue(app: App, issue_id: int) -> IssueRow:
    with app.db.read() as session:
        return store.issue_row(session, issue_id)


def _mailing_state(app: App, mailing_id: int) -> MailingState:
    with app.db.read() as session:
        return mailings.mailing(session, mailing_id).state


def _pump(app: App, mailing_id: int, *, stops_after: int = 1000) -> None:
    """Builds the mailing, and sends unless it is stopped at once."""
    asked = 0

    def until() -> bool:
        nonlocal asked
        asked += 1
        return asked > stops_after

    tasks.pump_mailing(app, {"mailing_id": mailing_id}, tasks.Turn(is_over=until))


def _promised(app: App, issue_id: int) -> dict[str, str]:
    """What the page's form says while the newsletter is live."""
    return {"seen_hash": _issue(app, issue_id).approved_hash or "", "seen_test": "no"}
