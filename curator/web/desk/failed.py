"""Work that failed for good: told to whoever may look where it belongs, tried again by whoever may do such work."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.queue import store as queue
from curator.queue.values import FailedJob
from curator.web import here
from curator.web.desk import whose
from curator.web.desk.door import blueprint

# What a task does, for people.
TASKS = {
    "poll_feed": "Asking a feed for news",
    "poll_feeds": "Asking feeds for news",
    "find_feed": "Looking for a site's feed",
    "read_article": "Reading an article",
    "fetch_transcript": "Fetching a transcript",
    "check_links": "Looking at an issue's links",
    "draft_issue": "Drafting an issue",
    "draft_planned": "Drafting an issue outside of the cadence",
    "settle_deadline": "Seeing to an issue that nobody approved in time",
    "start_mailing": "Starting a mailing",
    "pump_mailing": "Sending a mailing",
    "send_letters": "Sending letters",
}
# What it takes to have a task done; the others concern the whole installation, and are the managers'.
_TAKES = {
    "poll_feed": Right.WRITE,
    "poll_feeds": Right.WRITE,
    "find_feed": Right.WRITE,
    "read_article": Right.WRITE,
    "fetch_transcript": Right.WRITE,
    "check_links": Right.WRITE,
    "draft_issue": Right.WRITE,
    "draft_planned": Right.WRITE,
    "settle_deadline": Right.PUBLISH,
    "start_mailing": Right.PUBLISH,
    "pump_mailing": Right.PUBLISH,
}
# Of these the payload names what tells the newsletter; where that is gone, nobody but a manager may.
_NAMES = {*whose.FINDERS, "newsletter_id"}
_MOST = 10


def shown(session: Session) -> list[tuple[str, FailedJob, bool]]:
    """Returns what failed last, newest first: in words, the job, and whether who asks may have it tried again.

    What belongs to a newsletter is told to those who have a place there; at most one query a job.
    """
    told = []
    for job in queue.failed_jobs(session, _MOST):
        of = _newsletter(session, job.payload)
        if of is None or here.may(Right.LOOK, of):
            told.append((TASKS.get(job.task, job.task), job, _may_retry(job, of)))
    return told


@blueprint.post("/jobs/<key:job_id>/retry")
def retry_job(job_id: int) -> Response:
    """Queues work anew that failed."""
    with here.db().read() as session:
        job = queue.failed_job(session, job_id)
        if job is not None and not _may_retry(job, _newsletter(session, job.payload)):
            abort(403)
    with here.db().write() as session:
        is_queued = queue.retry(session, job_id, now=here.now())
    if is_queued:
        flash("It is tried again, within seconds.", "done")
    else:
        flash("It waits to be tried again already, or was forgotten meanwhile.", "error")
    return here.go(url_for("desk.home"))


def _may_retry(job: FailedJob, newsletter_id: int | None) -> bool:
    is_lost = newsletter_id is None and bool(_NAMES & job.payload.keys())
    return here.may(Right.MANAGE if is_lost else _TAKES.get(job.task, Right.MANAGE), newsletter_id)


def _newsletter(session: Session, payload: Mapping[str, Any]) -> int | None:
    """Returns the newsletter that a job works for; None for none, and for one whose thing is gone."""
    named = payload.get("newsletter_id")
    if isinstance(named, int):
        return named
    name = next((name for name in whose.FINDERS if isinstance(payload.get(name), int)), None)
    return None if name is None else whose.FINDERS[name](session, payload[name])
