"""The calendar's deeds: a slot let go and taken back, an issue between the slots, and their opposites."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.issues import publish, store
from curator.issues.planned import plan
from curator.issues.planned import store as planned
from curator.issues.planned.reverts import REVERTS
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from curator.queue import store as queue
from tests.issues.scene import NOW, Scene, fill, scene

FIRST, SECOND, THIRD = "2026-11-17T07:00", "2026-11-24T07:00", "2026-12-01T07:00"


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database, zone="Europe/London", at=time(7), anchor_on=date(2026, 1, 5), weekdays=[1])
    fill(made)
    with database.write() as session:
        newsletters.restart(session, made.newsletter_id, now=NOW)
    return made


def _next(there: Scene) -> str | None:
    with there.db.read() as session:
        return newsletters.schedule(session, there.newsletter_id).next_slot


def _skip(there: Scene, key: str) -> None:
    plan.skip(there.db, there.newsletter_id, key, by=None, now=NOW)


def _unskip(there: Scene, key: str) -> None:
    plan.unskip(there.db, there.newsletter_id, key, by=None, now=NOW)


def _newest(there: Scene) -> ActivityRow:
    with there.db.read() as session:
        return activity.recent(session, limit=1)[0]


def _undo(there: Scene) -> str:
    change = _newest(there)
    return REVERTS[f"{change.subject}.{change.verb}"](there.db, change, by=None, now=NOW)


def _state(there: Scene, issue_id: int) -> IssueState:
    return there.board(issue_id).issue.state


def test_the_clock_passes_over_a_slot_that_is_let_go(there: Scene) -> None:
    assert _next(there) == FIRST
    _skip(there, FIRST)
    assert _next(there) == SECOND
    _skip(there, THIRD)
    with there.db.write() as session:
        newsletters.advance(session, there.newsletter_id, now=NOW)
    assert _next(there) == "2026-12-08T07:00"


def test_a_slot_is_taken_back_and_both_deeds_have_their_opposite(there: Scene) -> None:
    _skip(there, FIRST)
    _skip(there, FIRST)
    _unskip(there, FIRST)
    assert _next(there) == FIRST
    assert _undo(there) == "The slot is let go again."
    assert _next(there) == SECOND
    assert _undo(there) == "The slot stands again."
    assert _next(there) == FIRST


def test_a_changed_hour_keeps_a_week_skipped(there: Scene) -> None:
    _skip(there, FIRST)
    with there.db.write() as session:
        session.get_one(Newsletter, there.newsletter_id).at = time(9)
        session.flush()
        newsletters.restart(session, there.newsletter_id, now=NOW)
    assert _next(there) == "2026-11-24T09:00"


def test_a_slot_whose_later_one_has_its_issue_is_not_drafted_any_more(there: Scene) -> None:
    _skip(there, FIRST)
    with there.db.write() as session:
        queue.claim_slot(session, newsletters.schedule_id(there.newsletter_id), SECOND, now=NOW)
        newsletters.advance(session, there.newsletter_id, now=NOW)
    _unskip(there, FIRST)
    assert _next(there) == THIRD


def test_only_a_slot_to_come_is_skipped(there: Scene) -> None:
    for key in ("2026-11-10T07:00", "2026-11-18T07:00", "never", ""):
        with pytest.raises(NotFoundError):
            _skip(there, key)


def test_a_drafted_issue_becomes_a_skipped_one_and_opens_again(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW, slot=FIRST)
    _skip(there, FIRST)
    assert _state(there, issue_id) is IssueState.SKIPPED
    assert _undo(there) == "The issue is open again, without an approval."
    assert _state(there, issue_id) is IssueState.DRAFT
    assert _undo(there) == "The issue's slot is let go again."
    assert _state(there, issue_id) is IssueState.SKIPPED


def test_what_is_leaving_cannot_be_let_go(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW, slot=FIRST)
    with there.db.write() as session:
        session.get_one(Issue, issue_id).state = IssueState.SENT
    with pytest.raises(StateError, match="is sent, so its slot cannot be let go"):
        _skip(there, FIRST)


# -- issues between


def _plan(there: Scene, at: datetime, *, is_drafted_now: bool = False) -> int | None:
    return plan.plan(there.db, there.newsletter_id, at, is_drafted_now=is_drafted_now, by=None, now=NOW)


def test_an_issue_between_is_drafted_once_at_its_lead(there: Scene) -> None:
    at = datetime(2026, 11, 26, 16, tzinfo=UTC)
    planned_id = _plan(there, at)
    assert planned_id is not None
    assert _plan(there, at) is None, "a form sent twice plans one issue"
    with there.db.read() as session:
        assert planned.due(session, now=at - timedelta(hours=73)) == []
        (due,) = planned.due(session, now=at - timedelta(hours=72))
    drafts = [publish.draft(there.db, due.newsletter_id, now=NOW, due_at=due.at, planned_id=due.id) for _ in range(2)]
    issue = there.board(drafts[0]).issue
    assert (drafts[0], issue.slot, issue.due_at) == (drafts[1], None, at)
    with there.db.read() as session:
        assert planned.due(session, now=at) == []
        assert session.scalars(select(Issue.id)).all() == [drafts[0]]


def test_one_more_issue_may_be_drafted_at_once(there: Scene) -> None:
    _plan(there, NOW + timedelta(days=9), is_drafted_now=True)
    with there.db.read() as session:
        assert [due.draft_at for due in planned.due(session, now=NOW)] == [NOW]


def test_a_planned_issue_is_taken_out_until_it_is_drafted(there: Scene) -> None:
    planned_id = _plan(there, NOW + timedelta(days=9))
    assert planned_id is not None
    plan.unplan(there.db, planned_id, by=None, now=NOW)
    assert _undo(there) == "That issue is planned again."
    with there.db.read() as session:
        (again,) = planned.coming(session, there.newsletter_id, after=NOW)
    publish.draft(there.db, there.newsletter_id, now=NOW, due_at=again.at, planned_id=again.id)
    with pytest.raises(StateError, match="drafted already"):
        plan.unplan(there.db, again.id, by=None, now=NOW)
    with pytest.raises(NotFoundError):
        plan.unplan(there.db, planned_id + again.id, by=None, now=NOW)


def test_the_calendar_tells_what_comes_from_what_was(there: Scene) -> None:
    old = publish.draft(there.db, there.newsletter_id, now=NOW - timedelta(days=8), due_at=NOW - timedelta(days=5))
    with there.db.write() as session:
        store.mark_sent(session, old, now=NOW - timedelta(days=5))
    new = publish.draft(there.db, there.newsletter_id, now=NOW, due_at=NOW + timedelta(days=1), slot=FIRST)
    with there.db.read() as session:
        assert [each.id for each in planned.past(session, there.newsletter_id, before=NOW)] == [old]
        assert [each.id for each in planned.dated(session, there.newsletter_id, after=NOW)] == [new]
