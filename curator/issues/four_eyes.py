"""Finds out whether somebody may approve an issue: who could, and who edited it last."""

from collections.abc import Sequence
from datetime import datetime

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.activity import store as activity
from curator.db import Session
from curator.issues import approvers
from curator.issues.approvers import StandIn
from curator.issues.values import IssueRow
from curator.newsletters.values import NewsletterSpec

# An issue that was approved and unscheduled a hundred times has changes enough to look through.
_CHANGES = 200


def why_not(session: Session, issue: IssueRow, newsletter: NewsletterSpec, *, by: int, now: datetime) -> str:
    """Returns why somebody may not approve the issue, in a sentence; empty when they may."""
    if not newsletter.needs_second_person:
        return ""
    people = [person for person in accounts.editors(session) if person.is_active]
    could = approvers.available(
        (person.id for person in people if Right.PUBLISH in person.role.rights),
        away=_away(session, now=now),
        stand_ins=_stand_ins(session, now=now),
        now=now,
    )
    changes = activity.recent(session, limit=_CHANGES, subject="issue", subject_id=issue.id)
    return approvers.may_approve(
        by,
        approvers=could,
        last_editor=approvers.last_editor(changes),
        is_asked=newsletter.needs_second_person,
        names={person.id: person.name for person in people},
    )


def _stand_ins(_session: Session, *, now: datetime) -> Sequence[StandIn]:  # noqa: ARG001 - see the comment
    # To be wired at the merge: the accounts keep who stands in for whom, and from when until when.
    return ()


def _away(_session: Session, *, now: datetime) -> Sequence[int]:  # noqa: ARG001 - see the comment
    # To be wired at the merge, as above.
    return ()
