"""The clock on an issue's way: it tells of deadlines, settles them once, drafts what is planned, leaves out a slot."""

from datetime import timedelta

import pytest

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import App
from curator.issues import board, review
from curator.issues import store as issues
from curator.issues.planned import plan
from curator.issues.values import IssueRow, IssueState
from curator.jobs import clock as ticking
from curator.jobs import tasks
from curator.newsletters import store as newsletters
from tests import builders
from tests.conftest import FakeClock
from tests.jobs.queued import jobs

_LEAD = timedelta(hours=2)


@pytest.fixture
def newsletter(app: App) -> int:
    """A live weekly newsletter with its people, whose next slot is tomorrow in the morning (see the clock)."""
    newsletter_id = builders.newsletter_row(app.db, approval_lead_minutes=120, minimum_picks=0, draft_lead_hours=72)
    builders.section_rows(app.db, newsletter_id)
    admit.create_user(app.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=app.clock())
    with app.db.write() as session:
        newsletters.restart(session, newsletter_id, now=app.clock())
    return newsletter_id


def _tick(app: App) -> None:
    """Asks what is due about issues, and does what was queued of that."""
    ticking.ask_newsletters(app)
    ticking.ask_planned(app)
    ticking.ask_deadlines(app)
    for task in ("draft_issue", "draft_planned", "settle_deadline"):
        for payload in jobs(app.db, task):
            tasks.TASKS[task](app, payload)


def _issues(app: App, newsletter: int) -> list[IssueRow]:
    with app.db.read() as session:
        return issues.issue_rows(session, newsletter_id=newsletter)


def _letters(app: App) -> list[str]:
    app_transport = app.transport
    tasks.send_letters(app, {})
    return [str(message.content.split(b"Subject: ")[1].split(b"\r\n")[0]) for message in app_transport.sent]  # type: ignore[union-attr]  # the relay in memory


def test_an_issue_that_nobody_approves_is_told_of_and_then_held(app: App, newsletter: int, clock: FakeClock) -> None:
    _tick(app)
    (issue,) = _issues(app, newsletter)
    assert issue.due_at is not None
    assert issue.state is IssueState.DRAFT
    for _ in range(2):
        clock.at = issue.due_at - timedelta(hours=10)
        _tick(app)
    assert _issues(app, newsletter)[0].deadline_told_at is not None
    clock.at = issue.due_at - _LEAD
    _tick(app)
    _tick(app)
    assert _issues(app, newsletter)[0].state is IssueState.HELD
    draft, over = _letters(app)
    assert "Issue 1 is drafted" in draft
    assert "The deadline of issue 1 is over" in over, "that it is near is no news by the time that the letter leaves"


def test_an_issue_that_is_approved_and_not_scheduled_is_told_of_once(
    app: App, newsletter: int, clock: FakeClock
) -> None:
    _tick(app)
    (issue,) = _issues(app, newsletter)
    assert issue.due_at is not None
    with app.db.write() as session:
        issues.set_approved(session, issue.id, content_hash="a" * 64, by=None, now=clock())
    clock.at = issue.due_at - timedelta(hours=2)
    for _ in range(2):
        _tick(app)
    (told,) = _letters(app)
    assert "Issue 1 is approved, but not scheduled" in told


def test_a_machine_without_checks_sends_nothing_by_itself(app: App, newsletter: int, clock: FakeClock) -> None:
    builders.change_newsletters(app.db, when_unapproved="send")
    _tick(app)
    (issue,) = _issues(app, newsletter)
    assert issue.due_at is not None
    clock.at = issue.due_at
    _tick(app)
    assert _issues(app, newsletter)[0].state is IssueState.HELD


def test_a_planned_issue_is_drafted_by_the_clock(app: App, newsletter: int, clock: FakeClock) -> None:
    at = app.clock() + timedelta(days=9, hours=1)
    plan.plan(app.db, newsletter, at, is_drafted_now=False, by=None, now=app.clock())
    clock.at = at - timedelta(hours=72)
    _tick(app)
    _tick(app)
    assert [issue.due_at for issue in _issues(app, newsletter) if issue.slot is None] == [at]


def test_a_slot_let_go_while_its_draft_waits_is_not_drafted(app: App, newsletter: int) -> None:
    with app.db.read() as session:
        key = newsletters.schedule(session, newsletter).next_slot
    assert key is not None
    ticking.ask_newsletters(app)
    plan.skip(app.db, newsletter, key, by=None, now=app.clock())
    _tick(app)
    assert _issues(app, newsletter) == []


def test_a_letter_tells_what_is_asked_and_leads_to_the_issue(app: App, newsletter: int, clock: FakeClock) -> None:
    _tick(app)
    (issue,) = _issues(app, newsletter)
    board.add_text(app.db, issue.id, None, "Words.", by=None, now=app.clock())
    theo = admit.create_user(app.db, "theo@podcast.example", name="Theo", role=Role.WRITER, now=app.clock())
    item = builders.item_row(app.db, builders.feed_row(app.db), "Tide pools", at=app.clock())
    with app.db.read() as session:
        section = newsletters.newsletter(session, newsletter).sections[0].id
    board.pick_into(app.db, issue.id, item, section, by=theo, now=app.clock())
    review.ask(app.db, issue.id, by=theo, now=app.clock())
    told = _letters(app)
    assert any("Theo asks you to review issue 1" in subject for subject in told)
    body = app.transport.sent[-1].content.decode()  # type: ignore[union-attr]  # the relay in memory
    assert f"/desk/issues/{issue.id}/send" in body
