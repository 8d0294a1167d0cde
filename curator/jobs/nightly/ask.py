"""The tick that has a backup made once a night."""

from curator.app import App
from curator.backup.nightly import due, store
from curator.jobs.nightly.values import TASK
from curator.queue import store as queue


def ask(app: App) -> None:
    """Asks for a night's backup where none is that young, and for one that failed again after a pause.

    The night is a row by its moment and the job has a key, so that two clocks ask once. A job that was lost with its
    worker, or by a restore, is queued again as long as the row is open.
    """
    if app.settings.backup_dir is None:
        return
    now = app.clock()
    slot = due.slot_at(now, hour=app.settings.backup_hour)
    with app.db.read() as session:
        if not due.is_due(store.nights(session), slot, now=now) or queue.is_unfinished(session, TASK):
            return
    with app.db.write() as session:
        nights = store.nights(session)
        if due.is_due(nights, slot, now=now):
            if nights.newest is None or nights.newest.slot_at < slot:
                store.ask(session, slot, now=now)
            queue.enqueue(session, TASK, {}, now=now, key=TASK)
