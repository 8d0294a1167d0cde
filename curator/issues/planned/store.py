"""Issues that are planned outside of the cadence, and what stands on the calendar."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import insert_once
from curator.errors import NotFoundError
from curator.issues.tables import Issue, PlannedIssue
from curator.issues.values import IssueState


@dataclass(frozen=True)
class Planned:
    """An issue outside of the cadence; `issue_id` is None until it is drafted."""

    id: int
    newsletter_id: int
    at: datetime
    draft_at: datetime
    issue_id: int | None


@dataclass(frozen=True)
class Dated:
    """An issue as the calendar shows it; `at` is when it left, leaves or is due."""

    id: int
    newsletter_id: int
    number: int
    slot: str | None
    state: IssueState
    subject: str
    at: datetime


def planned(session: Session, planned_id: int) -> Planned:
    """Returns one planned issue; raises NotFoundError."""
    row = session.get(PlannedIssue, planned_id, populate_existing=True)
    if row is None:
        raise NotFoundError("planned issue", planned_id)
    return _planned(row)


def newsletter_of(session: Session, planned_id: int) -> int | None:
    """Returns the newsletter of a planned issue, None for one that is not there."""
    return session.scalar(select(PlannedIssue.newsletter_id).where(PlannedIssue.id == planned_id))


def coming(session: Session, newsletter_id: int, *, after: datetime) -> list[Planned]:
    """Returns what is planned and not drafted yet, in order; what was to be drafted before `after` too."""
    waits = PlannedIssue.newsletter_id == newsletter_id, PlannedIssue.issue_id.is_(None), PlannedIssue.at > after
    return [_planned(row) for row in session.scalars(select(PlannedIssue).where(*waits).order_by(PlannedIssue.at))]


def due(session: Session, *, now: datetime, limit: int = 20) -> list[Planned]:
    """Returns what is to be drafted now, the longest due first."""
    waits = PlannedIssue.issue_id.is_(None), PlannedIssue.draft_at <= now
    query = select(PlannedIssue).where(*waits).order_by(PlannedIssue.draft_at, PlannedIssue.id).limit(limit)
    return [_planned(row) for row in session.scalars(query)]


def add(
    session: Session, newsletter_id: int, *, at: datetime, draft_at: datetime, by: int | None, now: datetime
) -> int | None:
    """Plans an issue and returns its id; None when one is planned for this very moment already."""
    row = {
        "newsletter_id": newsletter_id,
        "at": at,
        "draft_at": draft_at,
        "issue_id": None,
        "planned_by": by,
        "created_at": now,
    }
    if not insert_once(session, PlannedIssue, row):
        return None
    of_moment = PlannedIssue.newsletter_id == newsletter_id, PlannedIssue.at == at
    return session.scalar(select(PlannedIssue.id).where(*of_moment))


def remove(session: Session, planned_id: int) -> bool:
    """Takes a planned issue out; False when it is drafted, or gone already."""
    waits = PlannedIssue.id == planned_id, PlannedIssue.issue_id.is_(None)
    gone = delete(PlannedIssue).where(*waits).returning(PlannedIssue.id)
    return session.execute(gone).first() is not None


def note_drafted(session: Session, planned_id: int, issue_id: int) -> None:
    """Writes down which issue it became."""
    session.execute(update(PlannedIssue).where(PlannedIssue.id == planned_id).values(issue_id=issue_id))


def dated(session: Session, newsletter_id: int, *, after: datetime) -> list[Dated]:
    """Returns the issues whose moment is still to come, or that wait for a person, by their moment."""
    at = _at()
    is_open = Issue.state.in_([state for state in IssueState if state.is_editable])
    shown = Issue.newsletter_id == newsletter_id, or_(at > after, is_open)
    return _dated(session, select(Issue, at).where(*shown).order_by(at, Issue.id).limit(100))


def past(session: Session, newsletter_id: int, *, before: datetime, limit: int = 10) -> list[Dated]:
    """Returns the newest issues whose moment is over and that nobody waits for, newest first."""
    at = _at()
    is_open = Issue.state.in_([state for state in IssueState if state.is_editable])
    shown = Issue.newsletter_id == newsletter_id, at <= before, ~is_open
    return _dated(session, select(Issue, at).where(*shown).order_by(at.desc(), Issue.id.desc()).limit(limit))


def _at() -> ColumnElement[datetime]:
    return func.coalesce(Issue.sent_at, Issue.send_at, Issue.due_at, Issue.created_at)


def _dated(session: Session, query: object) -> list[Dated]:
    rows = session.execute(query).all()  # type: ignore[call-overload]  # a select of a row and a moment
    return [
        Dated(
            id=issue.id,
            newsletter_id=issue.newsletter_id,
            number=issue.number,
            slot=issue.slot,
            state=IssueState(issue.state),
            subject=issue.subject,
            at=at,
        )
        for issue, at in rows
    ]


def _planned(row: PlannedIssue) -> Planned:
    return Planned(row.id, row.newsletter_id, row.at, row.draft_at, row.issue_id)
