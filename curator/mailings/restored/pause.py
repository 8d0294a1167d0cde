"""Pauses mailings of which mail may have left that the database does not know of, and says why."""

from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.db import Database
from curator.issues import store as issues
from curator.mailings import control, freeze, store
from curator.mailings.restored import store as restored
from curator.mailings.values import MailingState

TODO = "Mail may have left that it does not know of. Compare with the relay's log, then resume or cancel."


def pause_all(db: Database, *, why: str, now: datetime) -> list[int]:
    """Pauses every mailing that has not ended, and returns them; a second call changes nothing.

    One that is being built is built first, so that it knows its readers when it goes on. One that is held back and can
    be taken back is taken back: its issue is held and says why.
    """
    with db.read() as session:
        ids = store.live_ids(session)
    for mailing_id in ids:
        _pause(db, mailing_id, why=why, now=now)
    return ids


def pause_forgotten(db: Database, mailing_id: int, *, now: datetime, limit: timedelta) -> bool:
    """Pauses a mailing to which nothing happened for longer than `limit`, instead of going on; tells whether.

    A machine that was off for days, or a backup that was restored: from here they look the same.
    """
    with db.read() as session:
        if not restored.is_forgotten(session, mailing_id, now=now, limit=limit):
            return False
    hours = limit // timedelta(hours=1)
    why = f"Nothing happened to this mailing for more than {hours} hours, so the database may be an older copy. {TODO}"
    _pause(db, mailing_id, why=why, now=now)
    return True


def _pause(db: Database, mailing_id: int, *, why: str, now: datetime) -> None:
    freeze.freeze(db, mailing_id, now=now)
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state, issue_id, before = MailingState(mailing.state), mailing.issue_id, mailing.reason
        if state in (MailingState.RUNNING, MailingState.PAUSED) and why not in before:
            was_paused = state is MailingState.PAUSED and before
            reason = f"{why} It was paused before: {before}" if was_paused else why
            store.set_state(session, mailing_id, MailingState.PAUSED, reason=reason)
            activity.record(
                session,
                at=now,
                actor=None,
                verb="paused",
                subject="mailing",
                subject_id=mailing_id,
                before={"state": state},
                after={"state": MailingState.PAUSED},
            )
    if state is MailingState.HOLDING:
        control.cancel(db, mailing_id, now=now, reason=why)
        with db.write() as session:
            issues.mark_held(session, issue_id, why)
