"""Starts the process that makes a backup, and waits for it for as long as its worker holds the job."""

import sys
from collections.abc import Callable
from datetime import timedelta

import structlog

from curator.app import App
from curator.backup.nightly import store
from curator.jobs.children import heard
from curator.jobs.nightly.values import GOOD, Asked

_log = structlog.get_logger()

COMMAND = (sys.executable, "-m", "curator.jobs.nightly.child")

# A million readers take a minute. Whoever has a hundred times as many has another way to make backups.
LONGEST = timedelta(hours=6)
_DIED = "The process that made it was killed, or took too much time or memory: see the system's log."


def run(
    app: App, *, is_stopping: Callable[[], bool], keeps_hold: Callable[[], bool], longest: timedelta = LONGEST
) -> bool:
    """Has the night's backup made by a process of its own; True when its worker ends first, so that another goes on.

    It may take far longer than a job's lease, so the lease is renewed while it lives (`keeps_hold`, which tells whether
    the job is still ours): nobody makes the same backup beside it. A process that died without a word is noted.
    """
    if app.settings.backup_dir is None:
        return False
    is_lost = False

    def is_over() -> bool:
        nonlocal is_lost
        is_lost = is_lost or not keeps_hold()
        return is_lost or is_stopping()

    asked = Asked(app.clock(), app.settings)
    told, is_well = heard(COMMAND, asked.to_json(), is_stopping=is_over, longest_s=longest.total_seconds())
    if is_lost or is_stopping():
        return not is_lost
    if is_well:
        _log.info("night's backup ended", is_good=GOOD in told)
        return False
    with app.db.write() as session:
        store.note_death(session, why=_DIED, now=app.clock())
    _log.error("night's backup died")
    return False
