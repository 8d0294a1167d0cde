"""Finds out whether somebody may approve an issue: who could, and who edited it last."""

from datetime import datetime

from curator.accounts import store as accounts
from curator.activity import store as activity
from curator.db import Session
from curator.issues import approvers
from curator.issues.values import IssueRow
from curator.newsletters.values import NewsletterSpec

# An issue that was approved and unscheduled a hundred times has changes enough to look through.
_CHANGES = 200


def why_not(session: Session, issue: IssueRow, newsletter: NewsletterSpec, *, by: int, now: datetime) -> str:
    """Returns why somebody may not approve the issue, in a sentence; empty when they may."""
    if not newsletter.needs_second_person:
        return ""
    changes = activity.recent(session, limit=_CHANGES, subject="issue", subject_id=issue.id)
    return approvers.may_approve(
        by,
        approvers=accounts.approvers(session, newsletter.id, now),
        last_editor=approvers.last_editor(changes),
        is_asked=newsletter.needs_second_person,
        names={person.id: person.name for person in accounts.editors(session)},
    )
