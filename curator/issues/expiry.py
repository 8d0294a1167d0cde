"""Asks which promotion of a document or a revision ends first, by what was told and by what holds now."""

from datetime import datetime

from curator.db import Session
from curator.errors import StateError
from curator.issues import promoted, store
from curator.issues.promoted import Promoted
from curator.issues.values import Document, IssueRow
from curator.newsletters import store as newsletters
from curator.promotions import store as promotions


def ends_of(session: Session, document: Document) -> dict[int, datetime]:
    """Returns when a document's promotions end by now, by promotion; no query where it holds none."""
    return promotions.ends(session, [each.promotion_id for each in promoted.promoted(document)])


def first_of_revision(session: Session, revision_id: int) -> Promoted | None:
    """Returns the promotion of a revision that ends first; None where none does."""
    document = store.document_of(session, revision_id)
    if document is None:
        return None  # revisions of the first release hold no promotion
    return promoted.first_to_end(document, ends=ends_of(session, document))


def require_in_time(session: Session, issue: IssueRow, document: Document | None, *, at: datetime) -> None:
    """Raises StateError, which says what to do, when an issue that leaves at a moment holds a promotion that ended."""
    late = promoted.ended(document, at=at, ends=ends_of(session, document)) if document else []
    if late:
        raise StateError(promoted.why_late(late[0], number=issue.number, zone=zone_of(session, issue)))


def zone_of(session: Session, issue: IssueRow) -> str:
    """Returns by which clock an issue's newsletter goes."""
    return newsletters.newsletter(session, issue.newsletter_id).cadence.zone
