"""Lets a slot of the cadence go and takes that back, and plans issues outside of it."""

from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.issues import store
from curator.issues.planned import store as planned
from curator.issues.values import IssueState
from curator.newsletters import slots
from curator.newsletters import store as newsletters
from curator.newsletters.cadence import Slot
from curator.newsletters.values import NewsletterSpec

SHOWN = 10
"""How many slots to come the calendar shows."""

LET_GO = "This slot was let go by hand."
"""What an issue says whose slot was skipped after it was drafted."""


def skip(db: Database, newsletter_id: int, key: str, *, by: int | None, now: datetime) -> None:
    """Lets one of the next slots go; twice is once. The clock drafts nothing for its date.

    An issue that is drafted for it already becomes a skipped one. Raises NotFoundError for what is no slot to come and
    StateError for an issue that is leaving.
    """
    with db.write() as session:
        store.lock_newsletter(session, newsletter_id)
        newsletter = newsletters.newsletter(session, newsletter_id)
        issue_id = store.issue_of_slot(session, newsletter_id, key)
        if issue_id is not None:
            _skip_issue(session, issue_id, by=by, now=now)
            return
        slot = _slot(newsletter, key, now=now)
        if newsletters.skip(session, newsletter_id, slot):
            _record(session, newsletter_id, "skipped a slot of", by=by, now=now, after={"slot": key})


def unskip(db: Database, newsletter_id: int, key: str, *, by: int | None, now: datetime) -> None:
    """Takes the skipping of a slot back; twice is once. A drafted issue is open again, without its approval."""
    with db.write() as session:
        store.lock_newsletter(session, newsletter_id)
        issue_id = store.issue_of_slot(session, newsletter_id, key)
        if issue_id is not None:
            _unskip_issue(session, issue_id, by=by, now=now)
            return
        slot = _slot(newsletters.newsletter(session, newsletter_id), key, now=now)
        if newsletters.unskip(session, newsletter_id, slot, now=now):
            _record(session, newsletter_id, "took back the skipping of a slot of", by=by, now=now, after={"slot": key})


def plan(
    db: Database, newsletter_id: int, at: datetime, *, is_drafted_now: bool, by: int | None, now: datetime
) -> int | None:
    """Plans an issue outside of the cadence and returns its id; None when one is planned for that moment already.

    It is drafted at the newsletter's lead before its moment, or at once (by the next tick of the clock).
    """
    with db.write() as session:
        newsletter = newsletters.newsletter(session, newsletter_id)
        lead = timedelta(hours=newsletter.draft_lead_hours)
        draft_at = now if is_drafted_now else max(at - lead, now)
        planned_id = planned.add(session, newsletter_id, at=at, draft_at=draft_at, by=by, now=now)
        if planned_id is not None:
            after = {"planned": planned_id, "at": at.isoformat()}
            _record(session, newsletter_id, "planned an issue of", by=by, now=now, after=after)
        return planned_id


def unplan(db: Database, planned_id: int, *, by: int | None, now: datetime) -> None:
    """Takes a planned issue out again. Raises NotFoundError, and StateError once it is drafted."""
    with db.write() as session:
        was = planned.planned(session, planned_id)
        if not planned.remove(session, planned_id):
            raise StateError("This issue is drafted already; work on it, or let it lie.")
        before = {"planned": planned_id, "at": was.at.isoformat(), "draft_at": was.draft_at.isoformat()}
        _record(session, was.newsletter_id, "took out a planned issue of", by=by, now=now, before=before)


def skip_issue(db: Database, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Lets an issue go, whatever its slot; twice is once. Raises StateError for one that is leaving."""
    with db.write() as session:
        _skip_issue(session, issue_id, by=by, now=now)


def unskip_issue(db: Database, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Opens an issue again that was let go; it has to be approved anew."""
    with db.write() as session:
        _unskip_issue(session, issue_id, by=by, now=now)


def _slot(newsletter: NewsletterSpec, key: str, *, now: datetime) -> Slot:
    for slot in slots.coming(newsletter.cadence, after=now, number=2 * SHOWN):
        if slot.key == key:
            return slot
    raise NotFoundError("slot", key[:40])


def _skip_issue(session: Session, issue_id: int, *, by: int | None, now: datetime) -> None:
    issue = store.issue_row(session, issue_id, lock=True)
    if issue.state is IssueState.SKIPPED:
        return
    if not issue.state.is_editable:
        raise StateError(f"Issue {issue.number} is {issue.state}, so its slot cannot be let go any more.")
    store.set_draft(session, issue_id, state=IssueState.SKIPPED, note=LET_GO)
    _record_issue(session, issue_id, "skipped", by=by, now=now, before={"state": issue.state.value, "note": issue.note})


def _unskip_issue(session: Session, issue_id: int, *, by: int | None, now: datetime) -> None:
    issue = store.issue_row(session, issue_id, lock=True)
    if issue.state is IssueState.SKIPPED:
        store.set_draft(session, issue_id, state=IssueState.DRAFT, note="")
        _record_issue(session, issue_id, "took back the skipping of", by=by, now=now, before={"note": issue.note})


def _record_issue(
    session: Session, issue_id: int, verb: str, *, by: int | None, now: datetime, before: dict[str, object]
) -> None:
    activity.record(session, at=now, actor=by, verb=verb, subject="issue", subject_id=issue_id, before=before)


def _record(
    session: Session,
    newsletter_id: int,
    verb: str,
    *,
    by: int | None,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    activity.record(
        session,
        at=now,
        actor=by,
        verb=verb,
        subject="newsletter",
        subject_id=newsletter_id,
        before=before,
        after=after,
    )
