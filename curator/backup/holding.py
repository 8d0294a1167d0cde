"""Holds everything that would leave a database made from a backup, and lets it go when a person says so."""

from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.backup import store
from curator.backup.values import Restored
from curator.db import Database, Session
from curator.issues import store as issues
from curator.mailings.restored import pause
from curator.newsletters import store as newsletters


def why(backup_at: datetime) -> str:
    """Returns the reason that stands on everything that is held."""
    return f"Restored from a backup of {said(backup_at)}."


def hold(db: Database, *, backup_at: datetime, now: datetime) -> dict[str, int]:
    """Puts aside whatever would leave by itself and returns how much of each; a second call finds nothing."""
    reason = why(backup_at)
    mailings = pause.pause_all(db, why=f"{reason} {pause.TODO}", now=now)
    with db.write() as session:
        return {
            "mailings": len(mailings),
            "issues": _hold_due_issues(session, reason, now=now),
            "slots": _pass_over_slots(session, now=now),
            "letters": store.drop_letters(session, reason=f"{reason} It may have left before.", now=now),
            "calls": store.give_up_calls(session, now=now),
            "jobs": store.end_jobs(session, reason=reason, now=now),
            "sign_ins": store.end_sign_ins(session),
        }


def held(db: Database) -> Restored | None:
    """Returns what keeps all mail back, None when nothing does."""
    with db.read() as session:
        return store.held(session)


def let_go(db: Database, *, by: int | None, now: datetime) -> bool:
    """Lets mail leave again; False when nothing was held.

    Mailings stay paused until somebody resumes each, and what came due while everything was held is held by itself.
    """
    with db.write() as session:
        standing = store.held(session)
        if standing is None:
            return False
        _hold_due_issues(session, why(standing.backup_at), now=now)
        _pass_over_slots(session, now=now)
        store.let_go(session, now=now)
        activity.record(session, at=now, actor=by, verb="let go", subject="restoration", subject_id=standing.id)
        return True


def said(at: datetime) -> str:
    """Returns a moment as people read it."""
    return f"{at:%a} {at.day} {at:%b %Y %H:%M} UTC"


def _hold_due_issues(session: Session, reason: str, *, now: datetime) -> int:
    count = 0
    while ids := issues.due_issue_ids(session, now=now):
        for issue_id in ids:
            send_at = issues.issue_row(session, issue_id).send_at
            moment = "" if send_at is None else f" It was to be sent on {said(send_at)}, and may have been."
            issues.mark_held(session, issue_id, f"{reason}{moment} Approve and schedule it again if it was not.")
        count += len(ids)
    return count


def _pass_over_slots(session: Session, *, now: datetime) -> int:
    past = [slot for slot in newsletters.due(session, now=now) if slot.issue_at <= now]
    for slot in past:
        newsletters.advance(session, slot.newsletter_id, now=now, missed_limit=timedelta())
    return len(past)
