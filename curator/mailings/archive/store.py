"""Which issues anybody may see, and the revision and moment each was sent with.

An issue is public while it is being sent or was sent, by a mailing that is neither a test nor cancelled nor held; the
newest of these says which revision is shown. Cancelling a mailing holds its issue, which takes it out of the archive
until it is sent again.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState, Neighbours, PublicIssue

_PUBLIC = (IssueState.SENDING, IssueState.SENT)
_NOTHING_LEFT = (MailingState.HOLDING, MailingState.CANCELLED)
_NEWEST_FIRST = (Mailing.started_at.desc(), Issue.number.desc())
_OLDEST_FIRST = (Mailing.started_at, Issue.number)


def issues(session: Session, newsletter_id: int, *, limit: int, offset: int = 0) -> list[PublicIssue]:
    """Returns at most `limit` of a newsletter's public issues after `offset` others, newest first."""
    rows = _public(Issue.newsletter_id == newsletter_id).order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
    return [PublicIssue(*row) for row in session.execute(rows)]


def count(session: Session, newsletter_id: int) -> int:
    """Returns how many public issues a newsletter has."""
    everything = _public(Issue.newsletter_id == newsletter_id).subquery()
    return session.scalar(select(func.count()).select_from(everything)) or 0


def issue(session: Session, newsletter_id: int, number: int) -> PublicIssue | None:
    """Returns the issue of that number; None when there is none that anybody may see."""
    row = session.execute(_public(Issue.newsletter_id == newsletter_id, Issue.number == number)).one_or_none()
    return None if row is None else PublicIssue(*row)


def neighbours(session: Session, beside: PublicIssue) -> Neighbours:
    """Returns the public issues that were sent just before and just after one, in the order of `issues`."""
    same, at, number = Mailing.started_at == beside.at, beside.at, beside.number
    is_before = or_(Mailing.started_at < at, and_(same, Issue.number < number))
    is_after = or_(Mailing.started_at > at, and_(same, Issue.number > number))
    mine = Issue.newsletter_id == beside.newsletter_id
    before = session.execute(_public(mine, is_before).order_by(*_NEWEST_FIRST).limit(1)).one_or_none()
    after = session.execute(_public(mine, is_after).order_by(*_OLDEST_FIRST).limit(1)).one_or_none()
    return Neighbours(before and PublicIssue(*before), after and PublicIssue(*after))


def newest(session: Session) -> dict[int, PublicIssue]:
    """Returns the newest public issue of every newsletter that has one, by newsletter id; one query."""
    place = func.row_number().over(partition_by=Issue.newsletter_id, order_by=_NEWEST_FIRST).label("place")
    ranked = _public().add_columns(place).subquery()
    rows = session.execute(select(ranked).where(ranked.c.place == 1))
    return {row.newsletter_id: PublicIssue(*row[:-1]) for row in rows}


def _public(*conditions: ColumnElement[bool]) -> Select[int, int, int, str, str, int, datetime]:
    """Selects every public issue once, in the order of PublicIssue's fields.

    No index leads from an issue to its mailings, so they are grouped in one go.
    """
    counts = Mailing.is_test.is_(False), Mailing.state.not_in(_NOTHING_LEFT)
    shown = select(func.max(Mailing.id)).where(*counts).group_by(Mailing.issue_id)
    columns = (
        Issue.id,
        Issue.newsletter_id,
        Issue.number,
        Issue.subject,
        Issue.preheader,
        Mailing.revision_id,
        Mailing.started_at,
    )
    query = select(*columns).join(Mailing, Mailing.issue_id == Issue.id)
    return query.where(Mailing.id.in_(shown), Issue.state.in_(_PUBLIC), *conditions)
