"""The revisions' rows: what an issue was rendered to, and where its links lead."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.errors import NotFoundError
from curator.issues import compose
from curator.issues.tables import Issue, Revision
from curator.issues.tables import Link as LinkRow
from curator.issues.values import (
    Document,
    IssueState,
    Link,
    Placement,
    Rendered,
    RenderedRevision,
)


def latest_revision(session: Session, issue_id: int) -> RenderedRevision | None:
    """Returns the approved revision while an approval stands, else the newest; None before the first.

    They differ when an editor took words back: the content that is approved then bears an older number.
    """
    is_approved = Revision.content_hash == func.coalesce(Issue.approved_hash, "")
    query = select(Revision).join(Issue, Issue.id == Revision.issue_id).where(Issue.id == issue_id)
    found = session.scalars(query.order_by(is_approved.desc(), Revision.number.desc()).limit(1)).one_or_none()
    return None if found is None else _revision(found)


def approved_issue_ids(session: Session) -> list[int]:
    """Returns the issues whose approval stands and whose mailing has not begun, by id."""
    waiting = Issue.state.in_([IssueState.APPROVED, IssueState.SCHEDULED]), Issue.approved_hash.is_not(None)
    return list(session.scalars(select(Issue.id).where(*waiting).order_by(Issue.id)))


def last_rendered_at(session: Session) -> datetime | None:
    """Returns when any issue was rendered last, None before the first time."""
    return session.scalar(select(func.max(Revision.created_at)))


def revision(session: Session, revision_id: int) -> RenderedRevision:
    """Returns one revision. Raises NotFoundError."""
    found = session.get(Revision, revision_id)
    if found is None:
        raise NotFoundError("revision", revision_id)
    return _revision(found)


def revision_of(session: Session, issue_id: int, content_hash: str) -> RenderedRevision | None:
    """Returns the revision that shows this content, or None when it was not rendered."""
    query = select(Revision).where(Revision.issue_id == issue_id, Revision.content_hash == content_hash)
    found = session.scalars(query).one_or_none()
    return None if found is None else _revision(found)


def revision_numbered(session: Session, issue_id: int, number: int) -> RenderedRevision | None:
    """Returns an issue's revision of a number, or None when there is none."""
    found = session.scalars(
        select(Revision).where(Revision.issue_id == issue_id, Revision.number == number)
    ).one_or_none()
    return None if found is None else _revision(found)


def links(session: Session, revision_id: int) -> list[Link]:
    """Returns the links of a revision's HTML in the order of the page; none for revisions of the first release."""
    rows = session.scalars(select(LinkRow).where(LinkRow.revision_id == revision_id).order_by(LinkRow.number))
    return [Link(row.number, row.url, Placement(row.placement), row.block_id, row.section, row.label) for row in rows]


def document_of(session: Session, revision_id: int) -> Document | None:
    """Returns what a revision was made from; None for one of the first release, which did not keep it."""
    kept = session.scalar(select(Revision.document).where(Revision.id == revision_id))
    return None if kept is None else compose.document_from(kept)


def documents(session: Session, revision_ids: Sequence[int]) -> dict[int, tuple[Document, datetime]]:
    """Returns what revisions were made from and when, by revision; without those of the first release. One query."""
    columns = Revision.id, Revision.document, Revision.created_at
    rows = session.execute(select(*columns).where(Revision.id.in_(revision_ids)))
    return {id_: (compose.document_from(kept), made_at) for id_, kept, made_at in rows if kept is not None}


def add_revision(
    session: Session, issue_id: int, rendered: Rendered, document: Document, *, content_hash: str, now: datetime
) -> RenderedRevision:
    """Keeps a rendered content under the next number and returns it; the same content again gives the known one.

    The issue must be locked: the number is counted here.
    """
    number = session.scalar(select(func.max(Revision.number)).where(Revision.issue_id == issue_id)) or 0
    row = {
        "issue_id": issue_id,
        "number": number + 1,
        "content_hash": content_hash,
        "subject": document.subject,
        "html": rendered.html,
        "text": rendered.text,
        "document": asdict(document),
        "created_at": now,
    }
    is_new = upsert(session, Revision, [row], keys=["issue_id", "content_hash"]) == 1
    kept = revision_of(session, issue_id, content_hash)
    assert kept is not None
    if is_new:
        session.add_all(LinkRow(revision_id=kept.id, **asdict(link)) for link in rendered.links)
        session.flush()
    return kept


def _revision(found: Revision) -> RenderedRevision:
    return RenderedRevision(
        id=found.id,
        issue_id=found.issue_id,
        number=found.number,
        content_hash=found.content_hash,
        subject=found.subject,
        html=found.html,
        text=found.text,
        created_at=found.created_at,
    )
