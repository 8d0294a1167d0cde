"""EVENT -> ranking: hands what readers clicked back to the picks, position-corrected and without robots."""

from datetime import datetime

from curator.db import Database, Session
from curator.events import report, shares, store
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.newsletters import store as newsletters
from curator.picks.clicks import store as clicks

# A year of a weekly newsletter: what a place in the mail gets changes with the readers and the template.
_MOST_ISSUES = 52


def refresh(db: Database, *, now: datetime) -> int:  # noqa: ARG001 - every arrow of a round is called alike
    """Writes down what readers did with the items of each newsletter's last issues; returns how many rows changed.

    Only mailings to readers count. A second call changes nothing until somebody clicks again.
    """
    with db.read() as session:
        ids = [each.id for each in newsletters.newsletters(session)]
    changed = 0
    for newsletter_id in ids:
        with db.read() as session:
            found = shares.corrected(_issues(session, newsletter_id))
        if found:
            with db.write() as session:
                changed += clicks.put(session, newsletter_id, found)
    return changed


def _issues(session: Session, newsletter_id: int) -> list[tuple[datetime, list[shares.Placed]]]:
    rows = issues.issues_by_id(session, store.sent_before(session, newsletter_id, limit=_MOST_ISSUES))
    told = report.items_of(session, list(rows))
    placed = [(each.issue_id, item.links[0].link.block_id, item.clicks) for each in told for item in each.items]
    items = blocks.items_of_blocks(session, [block_id for _, block_id, _ in placed if block_id is not None])
    found: dict[int, list[shares.Placed]] = {}
    for issue_id, block_id, count in placed:
        if block_id is not None and block_id in items:
            found.setdefault(issue_id, []).append(shares.Placed(items[block_id], count))
    return [(row.sent_at, found[row.id]) for row in rows.values() if row.id in found and row.sent_at is not None]
