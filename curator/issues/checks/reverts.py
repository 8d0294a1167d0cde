"""The opposites of what is done to checks: a tick is taken back, or put back by whom and when it was made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.issues.checks import run
from curator.issues.checks.values import Tick


def _untick(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Takes the tick back."""
    before = change.before or {}
    run.untick(db, change.subject_id, code=before["code"], about=before["about"], by=by, now=now)
    return "It is not checked by hand any more."


def _tick_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Puts the tick back as it was."""
    run.tick_again(db, change.subject_id, _tick_of(change.before or {}), by=by, now=now)
    return "It counts as checked by hand again."


def _tick_of(kept: Mapping[str, Any]) -> Tick:
    return Tick(kept["code"], kept["about"], kept["content"], kept["by"], "", datetime.fromisoformat(kept["at"]))


REVERTS: dict[str, Revert] = {
    f"{run.SUBJECT}.{run.TICKED}": _untick,
    f"{run.SUBJECT}.{run.TAKEN_BACK}": _tick_again,
}
"""By subject and verb."""
