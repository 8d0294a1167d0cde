"""The calendar, review and notices as an editor's browser sees them, and a newsletter's colour on its pages."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from curator.accounts.values import Role
from curator.app import App
from curator.issues import store
from curator.issues.values import IssueState
from curator.newsletters import store as newsletters
from curator.queue import store as queue
from tests import builders
from tests.web.conftest import Browser, Newsroom, signed_in

CALENDAR = "/desk/issues/calendar"


@pytest.fixture
def key(newsroom: Newsroom, sqlite_app: App) -> str:
    """The next slot of the newsroom's newsletter."""
    with sqlite_app.db.write() as session:
        newsletters.restart(session, newsroom.newsletter, now=sqlite_app.clock())
        found = newsletters.schedule(session, newsroom.newsletter).next_slot
    assert found is not None
    return found


def test_a_slot_is_skipped_in_one_click_and_taken_back_in_another(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, key: str
) -> None:
    assert "Every Tuesday at 07:00 Europe/London" in mina.see(CALENDAR)
    slot = {"newsletter": newsroom.newsletter, "slot": key}
    page = mina.follow(mina.post(f"{CALENDAR}/skip", slot))
    assert "Tuesday 17 November is skipped: no issue of AI Weekly comes then." in page
    assert "Skipped: no issue" in page
    page = mina.follow(mina.post(f"{CALENDAR}/unskip", slot))
    assert "Tuesday 17 November stands again." in page
    assert "Skipped: no issue" not in page


def test_an_issue_is_added_between_the_slots_and_taken_out(mina: Browser, newsroom: Newsroom, key: str) -> None:
    wanted = {"newsletter": newsroom.newsletter, f"at-{newsroom.newsletter}": "2026-12-03T16:00", "draft": "lead"}
    page = mina.follow(mina.post(f"{CALENDAR}/plan", wanted))
    assert "One more issue of AI Weekly is planned for Thu 3 Dec 2026, 16:00 Europe/London" in page
    assert "one-off" in page
    page = mina.follow(mina.post(f"{CALENDAR}/planned/1/remove"))
    assert "That issue is not planned any more." in page
    assert "one-off" not in page


@pytest.mark.parametrize(
    ("at", "why"),
    [("", "Give a date"), ("2026-01-01T07:00", "a moment to come"), ("2029-01-01T07:00", "within a year")],
)
def test_a_moment_that_will_not_do_is_said_beside_its_field(
    mina: Browser, newsroom: Newsroom, at: str, why: str
) -> None:
    answer = mina.post(
        f"{CALENDAR}/plan", {"newsletter": newsroom.newsletter, f"at-{newsroom.newsletter}": at, "draft": "now"}
    )
    assert (answer.status_code, why in answer.text) == (422, True)


def test_the_calendar_costs_the_same_queries_whatever_stands_in_it(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    def cost() -> int:
        seen: list[str] = []

        def note(*given: object) -> None:
            seen.append(str(given[2]))

        event.listen(sqlite_app.db.engine, "before_cursor_execute", note)
        mina.see(CALENDAR)
        event.remove(sqlite_app.db.engine, "before_cursor_execute", note)
        return len(seen)

    before = cost()
    for _ in range(3):
        newsroom.issue()
    assert cost() == before


def test_a_writer_asks_for_a_review_and_an_editor_hands_it_back(
    flask: Flask, mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    wim = signed_in(flask, sqlite_app, "Wim", Role.WRITER)
    page = wim.see(f"/desk/issues/{issue_id}/send")
    assert "Approving takes somebody who may publish" in page
    assert "/approve" not in page
    page = wim.follow(wim.post(f"/desk/issues/{issue_id}/review"))
    assert "A review is asked for. 1 person is told by mail." in page
    assert "Wim asked for a review" in mina.see(f"/desk/issues/{issue_id}/send")
    answer = mina.post(f"/desk/issues/{issue_id}/hand-back", {"words": " "})
    assert (answer.status_code, 'href="#words"' in answer.text) == (422, True)
    page = mina.follow(mina.post(f"/desk/issues/{issue_id}/hand-back", {"words": "Two links are dead."}))
    assert "Mina handed it back: Two links are dead." in page
    with sqlite_app.db.read() as session:
        assert store.issue_row(session, issue_id).state is IssueState.DRAFT
    wim.post(f"/desk/issues/{issue_id}/review")
    assert "The review is not asked for any more." in wim.follow(wim.post(f"/desk/issues/{issue_id}/review/take-back"))


def test_whoever_edited_last_reads_why_they_may_not_approve(
    mina: Browser, theo: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    builders.change_newsletters(sqlite_app.db, needs_second_person=True)
    issue_id = newsroom.issue()
    mina.post(f"/desk/issues/{issue_id}/text", {"body": "Mine."})
    assert "it needs a second person: ask Theo to approve it." in mina.see(f"/desk/issues/{issue_id}/send")
    assert "Approve revision" in theo.see(f"/desk/issues/{issue_id}/send")


def test_notices_are_switched_off_one_by_one(theo: Browser) -> None:
    assert theo.see("/desk/notices").count(" checked") == 6
    page = theo.follow(theo.post("/desk/notices", {"draft_ready": "yes", "deadline_over": "yes"}))
    assert page.count(" checked") == 2
    assert "Choose your notices" in theo.see("/desk/account")


def test_failed_work_is_tried_again_from_the_desk(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    now = sqlite_app.clock()
    with sqlite_app.db.write() as session:
        queue.enqueue(session, "read_article", {"item_id": newsroom.articles[0]}, now=now, key="article:1")
        job = queue.claim(session, owner="w", now=now, lease=timedelta(minutes=1))
        assert job is not None
        queue.fail(session, job, error="The page is too long.", now=now, retry_at=None)
    assert "The page is too long." in mina.see("/desk")
    page = mina.follow(mina.post(f"/desk/jobs/{job.id}/retry"))
    assert "It is tried again, within seconds." in page
    assert "The page is too long." not in page
    assert "was forgotten meanwhile" in mina.follow(mina.post(f"/desk/jobs/{job.id}/retry"))
    with sqlite_app.db.read() as session:
        assert queue.is_unfinished(session, "article:1")


def test_the_choice_of_a_newsletter_is_kept_from_page_to_page(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    other = builders.newsletter_row(sqlite_app.db, slug="data-daily", name="Data Daily")
    builders.section_rows(sqlite_app.db, other)
    assert '<p class="over">AI Weekly</p>' in mina.see("/desk")
    assert '<p class="over">Data Daily</p>' in mina.see(f"/desk?newsletter={other}")
    assert '<p class="over">Data Daily</p>' in mina.see("/desk/issues")
    page = mina.see("/desk")
    assert '<p class="over">Data Daily</p>' in page
    assert "Other newsletters" in page


def test_a_newsletters_colour_is_on_its_pages_and_nobody_elses(
    visitor: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    assert "/look/" not in visitor.see("/n/ai-weekly")
    builders.change_newsletters(sqlite_app.db, accent="#7a1f5c")
    assert '<link rel="stylesheet" href="/look/7a1f5c.css">' in visitor.see("/n/ai-weekly")
    answer = visitor.client.get("/look/7a1f5c.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "--accent: #7a1f5c;" in answer.text
    for nothing in ("ffcc00", "7a1f5", "%7D%20body%20%7B", "7A1F5C;"):
        assert visitor.client.get(f"/look/{nothing}.css").status_code == 404
