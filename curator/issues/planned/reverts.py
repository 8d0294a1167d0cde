"""The opposites of what is done to an issue's way: review, skipped slots, planned issues."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError
from curator.issues import review
from curator.issues.planned import plan


def _asked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    review.take_back(db, change.subject_id, by=by, now=now)
    return "It is a draft again; nobody is asked to review it."


def _no_longer_asked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    review.ask(db, change.subject_id, by=by, now=now)
    return "It is in review again."


def _skipped_issue(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    plan.unskip_issue(db, change.subject_id, by=by, now=now)
    return "The issue is open again, without an approval."


def _open_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    plan.skip_issue(db, change.subject_id, by=by, now=now)
    return "The issue's slot is let go again."


def _skipped(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    plan.unskip(db, change.subject_id, _fact(change, "slot"), by=by, now=now)
    return "The slot stands again."


def _no_longer_skipped(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    plan.skip(db, change.subject_id, _fact(change, "slot"), by=by, now=now)
    return "The slot is let go again."


def _planned(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        plan.unplan(db, int(_fact(change, "planned")), by=by, now=now)
    except NotFoundError:
        return "That issue is not planned any more."
    return "That issue is not planned any more."


def _no_longer_planned(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    at, draft_at = (datetime.fromisoformat(str((change.before or {})[name])) for name in ("at", "draft_at"))
    plan.plan(db, change.subject_id, at, is_drafted_now=draft_at <= now, by=by, now=now)
    return "That issue is planned again."


def _fact(change: ActivityRow, name: str) -> str:
    return str((change.after or {})[name])


REVERTS: dict[str, Revert] = {
    "issue.asked for review of": _asked,
    "issue.took back the review of": _no_longer_asked,
    "issue.handed back": _no_longer_asked,
    "issue.skipped": _skipped_issue,
    "issue.took back the skipping of": _open_again,
    "newsletter.skipped a slot of": _skipped,
    "newsletter.took back the skipping of a slot of": _no_longer_skipped,
    "newsletter.planned an issue of": _planned,
    "newsletter.took out a planned issue of": _no_longer_planned,
}
