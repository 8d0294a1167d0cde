"""Queries on which issues go to a segment."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from curator.issues.tables import Issue
from curator.issues.values import IssueState

_OVER = (IssueState.SENT, IssueState.SKIPPED)


def set_segment(session: Session, issue_id: int, segment_id: int | None) -> None:
    """Aims an issue at a segment, or at all."""
    session.execute(update(Issue).where(Issue.id == issue_id).values(segment_id=segment_id))


def open_numbers(session: Session, segment_id: int) -> list[int]:
    """Returns the numbers of the issues to come that go to a segment."""
    query = select(Issue.number).where(Issue.segment_id == segment_id, Issue.state.not_in(_OVER))
    return list(session.scalars(query.order_by(Issue.number)))


def let_go(session: Session, segment_id: int) -> None:
    """Takes a segment out of issues that are over: what went out is written in their mailings."""
    over = update(Issue).where(Issue.segment_id == segment_id, Issue.state.in_(_OVER))
    session.execute(over.values(segment_id=None).execution_options(synchronize_session=False))


def uses(session: Session, newsletter_id: int) -> dict[int, int]:
    """Returns how many issues to come go to each of a newsletter's segments."""
    query = (
        select(Issue.segment_id, func.count())
        .where(Issue.newsletter_id == newsletter_id, Issue.segment_id.is_not(None), Issue.state.not_in(_OVER))
        .group_by(Issue.segment_id)
    )
    return {segment_id: number for segment_id, number in session.execute(query) if segment_id is not None}
