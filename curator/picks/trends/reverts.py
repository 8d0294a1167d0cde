"""The opposites of blocking a term and of lifting it, by subject and verb of the activity log."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError
from curator.picks.trends import block


def _blocked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        block.lift(db, change.subject_id, by=by, now=now)
    except NotFoundError:
        return "It is blocked no longer."
    return "It is blocked no longer."


def _lifted(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    block.block(db, change.was("newsletter"), change.was("words"), by=by, now=now)
    return "It is blocked again."


REVERTS: dict[str, Revert] = {"blocked term.blocked": _blocked, "blocked term.lifted": _lifted}
