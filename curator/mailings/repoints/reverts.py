"""The opposite of pointing a link elsewhere, for the log's Undo."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.mailings.repoints import repoint


def _pointed_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    # It led there before, so it is no new address: what is private in a demo must not keep anybody from Undo.
    where, expected = change.was("url"), change.became("url")
    repoint.repoint(
        db, change.subject_id, change.was("was"), where, expected=expected, by=by, now=now, allow_private=True
    )
    return f"It leads to {where} again."


REVERTS: dict[str, Revert] = {f"issue.{repoint.REPOINTED}": _pointed_back}
