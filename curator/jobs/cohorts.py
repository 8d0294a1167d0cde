"""The tick that has it counted who stayed, once a month is over."""

from datetime import timedelta

from curator.app import App
from curator.audience.cohorts import count
from curator.queue import store as queue

# What broke is not tried again at once.
_REST = timedelta(hours=1)


def ask(app: App) -> None:
    """Queues counting for each newsletter that has a whole month which nobody counted."""
    now = app.clock()
    with app.db.read() as session:
        due = count.due(session, now=now)
        resting = queue.failed_keys(session, since=now - _REST) if due else set()
    for newsletter_id in due:
        if (key := f"cohorts:{newsletter_id}") not in resting:
            with app.db.write() as session:
                queue.enqueue(session, count.COUNT, {"newsletter_id": newsletter_id}, now=now, key=key)
