"""Asks of a revision's promotions which ends first, and whether they are still what was approved."""

from datetime import datetime

from curator.db import Session
from curator.errors import StateError
from curator.issues import compose, promoted, store
from curator.issues.promoted import Promoted
from curator.issues.revisions import store as revision_store
from curator.issues.values import Document, IssueRow
from curator.newsletters import store as newsletters
from curator.promotions import store as promotions


def ends_of(session: Session, document: Document) -> dict[int, datetime]:
    """Returns when a document's promotions end by now, by promotion; no query where it holds none."""
    return promotions.ends(session, [each.promotion_id for each in promoted.promoted(document)])


def first_of_revision(session: Session, revision_id: int) -> Promoted | None:
    """Returns the promotion of a revision that ends first; None where none does."""
    document = revision_store.document_of(session, revision_id)
    if document is None:
        return None  # revisions of the first release hold no promotion
    return promoted.first_to_end(document, ends=ends_of(session, document))


def require_in_time(session: Session, issue: IssueRow, document: Document | None, *, at: datetime) -> None:
    """Raises StateError, which says what to do, when an issue that leaves at a moment holds a promotion that ended."""
    late = promoted.ended(document, at=at, ends=ends_of(session, document)) if document else []
    if late:
        raise StateError(promoted.why_late(late[0], number=issue.number, zone=zone_of(session, issue)))


def require_same(session: Session, issue: IssueRow, document: Document | None) -> None:
    """Raises StateError, which says what to do, when a promotion of an approved document is another one by now.

    It was put away, freed or written anew since, or other words were approved. What readers would get is not what the
    desk decided last.
    """
    if document is None:
        return  # revisions of the first release hold no promotion
    newsletter = newsletters.newsletter(session, issue.newsletter_id)
    current = compose.document(store.board(session, issue.id), newsletter)
    if what := promoted.difference(document, current):
        raise StateError(promoted.why_changed(what, number=issue.number))


def zone_of(session: Session, issue: IssueRow) -> str:
    """Returns by which clock an issue's newsletter goes."""
    return newsletters.newsletter(session, issue.newsletter_id).cadence.zone
