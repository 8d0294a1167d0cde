"""Issues that were sent, written straight into their tables."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from curator.db import Database
from curator.issues.tables import Issue, Revision
from curator.issues.values import Document, IssueState
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState
from tests.builders import approved_issue_row

FIRST_AT = datetime(2026, 1, 6, 7, 0, tzinfo=UTC)


def mailing_row(
    db: Database,
    issue_id: int,
    *,
    at: datetime = FIRST_AT,
    state: MailingState = MailingState.FINISHED,
    **columns: object,
) -> int:
    """A mailing of the issue's newest revision; returns that revision's id."""
    with db.write() as session:
        issue = session.get_one(Issue, issue_id)
        revision_id = session.scalars(select(func.max(Revision.id)).where(Revision.issue_id == issue_id)).one()
        given: dict[str, object] = {"newsletter_id": issue.newsletter_id, "highest_id": 0} | columns
        session.add(Mailing(issue_id=issue_id, revision_id=revision_id, state=state, started_at=at, **given))
        return revision_id


def revision_row(db: Database, issue_id: int, **columns: object) -> int:
    """One more revision of an issue, with other words."""
    given: dict[str, object] = {"content_hash": "b" * 64, "subject": "Mended", "html": "<p>", "text": "", "number": 2}
    with db.write() as session:
        row = Revision(issue_id=issue_id, **(given | {"created_at": FIRST_AT} | columns))
        session.add(row)
        session.flush()
        return row.id


def sent_issue_row(
    db: Database, newsletter_id: int, number: int, *, at: datetime | None = None, document: Document | None = None
) -> int:
    """An issue that went out, a week after the one before it unless the test says when; returns its id."""
    subject = f"Number {number}" if document is None else document.subject
    kept = None if document is None else asdict(document)
    issue_id = approved_issue_row(
        db, newsletter_id, number=number, state=IssueState.SENT, subject=subject, document=kept
    )
    with db.write() as session:
        issue = session.get_one(Issue, issue_id)
        issue.subject, issue.preheader = subject, "" if document is None else document.preheader
    mailing_row(db, issue_id, at=at or FIRST_AT + timedelta(weeks=number))
    return issue_id
