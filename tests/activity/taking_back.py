"""Small ways to take back what was just done."""

from datetime import UTC, datetime, timedelta

from curator.activity import store
from curator.activity.undo import undo
from curator.activity.values import ActivityRow
from curator.db import Database
from curator.web.desk.reverts import REVERTS

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def newest(db: Database) -> ActivityRow:
    with db.read() as session:
        return store.recent(session, limit=1)[0]


def taken_back(db: Database, change: ActivityRow | None = None, *, now: datetime = LATER) -> str:
    """Takes a change back, the newest one without one, and returns what was said."""
    return undo(db, (change or newest(db)).id, REVERTS, by=1, now=now).words
