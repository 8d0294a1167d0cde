"""Holds everything that would leave a database made from a backup, and lets it go when a person says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.audience.moving import bring
from curator.audience.moving import store as imports
from curator.backup import store
from curator.backup.values import Restored
from curator.db import Database, Session
from curator.issues import store as issues
from curator.mailings.restored import pause
from curator.newsletters import store as newsletters

# Whoever came by its later lines and left again is in the log of leavings by a number that this database never gave.
_IMPORT = "The rest of the file may have come in since, and people of it have left. Compare before you go on."


def why(backup_at: datetime) -> str:
    """Returns the reason that stands on everything that is held."""
    return f"Restored from a backup of {said(backup_at)}."


def hold(db: Database, *, backup_at: datetime, now: datetime) -> dict[str, int]:
    """Puts aside whatever would leave by itself and returns how much of each; a second call finds nothing."""
    reason = why(backup_at)
    mailings = pause.pause_all(db, why=f"{reason} {pause.TODO}", now=now)
    with db.read() as session:
        scheduled, moving = issues.scheduled_ids(session), imports.moving_ids(session)
    for import_id in moving:
        bring.fail(db, import_id, note=f"{reason} {_IMPORT}", now=now)
    with db.write() as session:
        return {
            "mailings": len(mailings),
            # Those to come too: an editor may have sent one of them early.
            "issues": _hold_issues(session, scheduled, reason),
            "imports": len(moving),
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
        while due := issues.due_issue_ids(session, now=now):
            _hold_issues(session, due, why(standing.backup_at))
        _pass_over_slots(session, now=now)
        store.let_go(session, now=now)
        activity.record(session, at=now, actor=by, verb="let go", subject="restoration", subject_id=standing.id)
        return True


def said(at: datetime) -> str:
    """Returns a moment as people read it."""
    return f"{at:%a} {at.day} {at:%b %Y %H:%M} UTC"


def _hold_issues(session: Session, ids: Sequence[int], reason: str) -> int:
    for issue_id in ids:
        send_at = issues.issue_row(session, issue_id).send_at
        moment = "" if send_at is None else f" It was to be sent on {said(send_at)}, and may have been."
        issues.mark_held(session, issue_id, f"{reason}{moment} Approve and schedule it again if it was not.")
    return len(ids)


def _pass_over_slots(session: Session, *, now: datetime) -> int:
    past = [slot for slot in newsletters.due(session, now=now) if slot.issue_at <= now]
    for slot in past:
        newsletters.advance(session, slot.newsletter_id, now=now, missed_limit=timedelta())
    return len(past)
