"""An editor's choice of an issue's layout: in full, or compact (no pictures, no line of its own for a link)."""

from datetime import datetime

from curator.db import Database
from curator.issues import store
from curator.issues.edit import editing

COMPACT = "laid out compactly"
FULL = "laid out in full"


def lay_out(db: Database, issue_id: int, *, is_compact: bool, by: int | None, now: datetime) -> None:
    """Lays an issue out in that way from now on; what it is already changes nothing. It voids an approval."""
    with editing(db, issue_id, by=by, now=now) as edit:
        if edit.issue.is_compact is is_compact:
            return
        store.set_compact(edit.session, issue_id, is_compact=is_compact)
        edit.done(COMPACT if is_compact else FULL)
