"""Queries for programs that read issues page by page, and in which of them picks stand."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.issues.store import issues_by_id
from curator.issues.tables import Block, Issue
from curator.issues.values import IssueRow


def issues(session: Session, newsletter_id: int, *, before_id: int | None, limit: int) -> list[IssueRow]:
    """Returns at most `limit` issues of a newsletter before an id, newest first."""
    query = select(Issue.id).where(Issue.newsletter_id == newsletter_id).order_by(Issue.id.desc()).limit(limit)
    ids = list(session.scalars(query if before_id is None else query.where(Issue.id < before_id)))
    found = issues_by_id(session, ids)
    return [found[each] for each in ids]


def blocks_of_picks(session: Session, pick_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Returns by pick the newest issue in which it stands, and its block there; one query."""
    query = select(Block.pick_id, Block.issue_id, Block.id).where(Block.pick_id.in_(list(pick_ids)))
    rows = session.execute(query.order_by(Block.issue_id))
    return {pick_id: (issue_id, block_id) for pick_id, issue_id, block_id in rows if pick_id is not None}
