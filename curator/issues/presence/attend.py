"""Somebody comes to a board, stays there, and leaves."""

from datetime import datetime

from curator.db import Database
from curator.issues import store as issues
from curator.issues.presence import store
from curator.issues.presence.values import FRESH_FOR


def stay(db: Database, issue_id: int, user_id: int, *, block_id: int | None, now: datetime) -> None:
    """Says that somebody is at a board, on this block or on none; who has long not been heard of is forgotten.

    Raises NotFoundError for an issue that is not there.
    """
    with db.write() as session:
        issues.issue_row(session, issue_id)
        store.forget_before(session, issue_id, now - FRESH_FOR)
        store.note(session, issue_id, user_id, block_id=block_id, at=now)


def leave(db: Database, issue_id: int, user_id: int) -> None:
    """Takes somebody off a board; whoever is not there stays away."""
    with db.write() as session:
        store.forget(session, issue_id, user_id)
