"""The opposites of what people do with alerts."""

from collections.abc import Mapping
from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.watch import keep


def leave(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Lets people be told of an alert again."""
    keep.leave(db, change.subject_id, by=by, now=now)
    return "Nobody sees to it any more."


REVERTS: Mapping[str, Revert] = {"alert.sees to": leave}
"""By subject and verb."""

FINAL: Mapping[str, str] = {"alert.no longer sees to": "Press “I see to it” on the status page."}
"""Why these cannot be taken back."""
