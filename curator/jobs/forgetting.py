"""The tick that has what is too old to name readers deleted, once a day."""

from datetime import timedelta

from curator.app import App
from curator.privacy import retention
from curator.queue import store as queue

FORGET = "forget_the_old"
# What broke is not tried again at once.
_REST = timedelta(hours=1)


def ask(app: App) -> None:
    """Queues a round, a day after the last one. A round that was killed is not written down, so it is queued again."""
    now = app.clock()
    if not retention.is_due(app.db, retention.keeping(app.settings), now=now):
        return
    with app.db.read() as session:
        if FORGET in queue.failed_keys(session, since=now - _REST):
            return
    with app.db.write() as session:
        queue.enqueue(session, FORGET, {}, now=now, key=FORGET)
