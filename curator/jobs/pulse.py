"""The clock's pulse: a beat's moment and number in the database and on this machine, to tell an older copy."""

from datetime import datetime

import structlog

from curator.app import App
from curator.issues import store as issues
from curator.mailings.restored import pause
from curator.queue import pulse
from curator.queue import store as queue

_log = structlog.get_logger()


def beat(app: App) -> None:
    """Looks back, then notes this moment in the database and, once it stands there, on this machine."""
    look_back(app)
    name = f"{app.random.getrandbits(128):032x}"
    # Durable: a power cut must not take back what the file remembers.
    known = pulse.remembered(app.settings.data_dir)
    with app.db.write(is_durable=True) as session:
        noted = queue.beat(session, name=name, at=app.clock(), known=known)
    pulse.remember(app.settings.data_dir, noted)


def look_back(app: App) -> bool:
    """Tells whether the database is older than this machine remembers, and then lets nothing leave by itself.

    Every unfinished mailing is paused, every issue whose moment has come is held. A crash on the way does it again;
    the next beat ends it.
    """
    known = pulse.remembered(app.settings.data_dir)
    with app.db.read() as session:
        found = queue.last_beat(session)
    if found is None or known is None or not pulse.is_older(found, known):
        return False
    gap = f"it ends on {_said(found.at)}, and this machine knew it until {_said(known.at)}"
    paused = pause.pause_all(app.db, why=f"The database is an older copy: {gap}. {pause.TODO}", now=app.clock())
    held = _hold_due(app, gap)
    _log.error(
        "the database is an older copy",
        copied_at=found.at.isoformat(),
        known_until=known.at.isoformat(),
        mailings_paused=len(paused),
        issues_held=held,
    )
    return True


def _hold_due(app: App, gap: str) -> int:
    count, now = 0, app.clock()
    with app.db.write() as session:
        while ids := issues.due_issue_ids(session, now=now):
            for issue_id in ids:
                send_at = issues.issue_row(session, issue_id).send_at
                issues.mark_held(session, issue_id, _may_be_sent(send_at, gap))
            count += len(ids)
    return count


def _may_be_sent(send_at: datetime | None, gap: str) -> str:
    moment = "" if send_at is None else f" on {_said(send_at)}"
    return (
        f"It was to be sent{moment}, and may have been: the database is an older copy ({gap}). "
        "Look into the relay's log or a reader's inbox before you approve and schedule it again."
    )


def _said(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b %H:%M} UTC"
