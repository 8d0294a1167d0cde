"""Queries on what ran: the items that stood in issues that readers got, or that were read in from before Curator."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.issues.tables import Block, Issue
from curator.issues.values import IssueState
from curator.picks.labels.values import Run
from curator.picks.tables import Pick

# Twenty years of a weekly issue with ten picks are half of it.
_MOST = 20_000


def runs(session: Session, newsletter_id: int) -> list[Run]:
    """Returns what ran in a newsletter, the newest first; one query, at most `_MOST`."""
    at = func.coalesce(Issue.sent_at, Issue.send_at, Issue.due_at, Issue.created_at).label("at")
    query = (
        select(Pick.item_id, Issue.number, at, Issue.imported_at)
        .join(Block, Block.pick_id == Pick.id)
        .join(Issue, Issue.id == Block.issue_id)
        .where(Issue.newsletter_id == newsletter_id, Issue.state.in_((IssueState.SENT, IssueState.SENDING)))
        .order_by(at.desc(), Block.id)
        .limit(_MOST)
    )
    return [
        Run(item_id, f"issue {number}", ran_at, is_back=imported_at is not None)
        for item_id, number, ran_at, imported_at in session.execute(query)
    ]
