"""Goes live: the one step that the whole checklist is for."""

from datetime import datetime

from curator.checklist import store
from curator.db import Database
from curator.errors import StateError
from curator.issues import publish
from curator.newsletters import edit


def go_live(db: Database, newsletter_id: int, *, now: datetime, by: int | None) -> int:
    """Ends a newsletter's test mode once every step holds; returns how many issues it took off a test's schedule.

    Raises StateError, which names the steps that are left, and changes nothing then. A second call changes nothing
    either, whatever became of the steps since.
    """
    with db.read() as session:
        found = store.checklist(session, newsletter_id)
    if found.live_at is None and found.left:
        steps = "1 step is" if len(found.left) == 1 else f"{len(found.left)} steps are"
        raise StateError(f"Nothing has changed: {steps} left ({', '.join(found.left)}).")
    edit.go_live(db, newsletter_id, now=now, by=by)
    return publish.unschedule_tests(db, newsletter_id, by=by, now=now)
