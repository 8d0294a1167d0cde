"""The opposite of an import of back issues, for the log's Undo."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.issues.back import store, take_in


def _taken_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    made = [store.Made(row["issue"], tuple(row["picks"]), tuple(row["items"])) for row in change.was("made") or ()]
    gone = take_in.take_back(db, change.subject_id, made, by=by, now=now)
    what = "The back issue is" if len(gone) == 1 else f"{len(gone):,} back issues are"
    return f"{what} gone again. What is used elsewhere by now stays."


REVERTS: dict[str, Revert] = {f"newsletter.{take_in.IMPORTED}": _taken_back}

FINAL: dict[str, str] = {
    f"newsletter.{take_in.TAKEN_BACK}": "Import the files again: of what was taken back nothing is kept."
}
"""Why these cannot be taken back."""
