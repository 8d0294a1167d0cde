"""Says why a mailing has to stop when a promotion of its issue ends."""

from datetime import datetime

from curator.db import Session
from curator.errors import StateError
from curator.issues import expiry, promoted
from curator.issues import store as issues
from curator.mailings import store


def why_over(session: Session, mailing_id: int) -> str:
    """Returns which promotion has ended, and how to finish without it, in words."""
    mailing = store.lock(session, mailing_id, is_shared=True)
    issue = issues.issue_row(session, mailing.issue_id)
    first = expiry.first_of_revision(session, mailing.revision_id)
    if first is None:
        return "It stopped by itself: a promotion of this issue has ended. Cancel the rest and approve it without."
    return promoted.why_stopped(first, number=issue.number, zone=expiry.zone_of(session, issue))


def require_open(session: Session, mailing_id: int, *, now: datetime) -> None:
    """Raises StateError when a promotion of the mailing's issue has ended: then nothing of it may leave."""
    if store.stands(session, mailing_id, is_shared=True).is_over_at(now):
        raise StateError(why_over(session, mailing_id))
