"""PICK -> ISSUE: renders an issue's revisions, approves what was seen, and schedules it."""

from collections.abc import Sequence
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import StateError
from curator.issues import compose, expiry, four_eyes, illustrate, store
from curator.issues.checks import run as checks
from curator.issues.checks.values import Finding
from curator.issues.draft import draft
from curator.issues.notices import store as notices
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.issues.values import Document, IssueRow, IssueState, RenderedRevision
from curator.letters.values import LetterKind
from curator.newsletters import store as newsletters
from curator.webhooks.store import announce
from curator.webhooks.values import Kind

__all__ = [
    "ChangedError",
    "UnfinishedError",
    "approve",
    "approve_by_itself",
    "draft",
    "render",
    "schedule",
    "take_back_changed",
    "unapprove",
    "unschedule",
    "unschedule_tests",
]

WAS_A_TEST = "It was scheduled as a test. Schedule it again for the readers."
"""What an issue says whose newsletter went live before its moment came."""

CHANGED_ELSEWHERE = (
    "One of its episodes or promotions, or the newsletter's look, was changed after its approval. "
    "Look at it and approve it again."
)
"""What an issue says whose content was changed on another page."""


class ChangedError(StateError):
    """The content is another one than the one that was looked at."""

    def __init__(self) -> None:
        super().__init__("The issue was changed since you looked at it; look at the new preview, then approve that.")


class UnfinishedError(StateError):
    """Something must be mended, or checked by hand, before it is approved; `places` says what and where."""

    def __init__(self, places: Sequence[Finding]) -> None:
        super().__init__(" ".join(place.words for place in places))
        self.places = tuple(places)


def render(db: Database, renderer: Renderer, issue_id: int, *, now: datetime) -> RenderedRevision:
    """Renders what stands in an issue and returns its revision; the same content gives the revision it had before.

    Three acts: read, render without a transaction, keep. A crash between them leaves the revisions as they were, and
    so does RenderError: the last good one stays. Two calls at once keep one row.
    """
    with db.read() as session:
        document = _document(session, issue_id)
        content_hash = compose.content_hash(document, renderer.version)
        known = revisions.revision_of(session, issue_id, content_hash)
    if known is not None:
        return known
    rendered = renderer.render(document)
    with db.write() as session:
        store.issue_row(session, issue_id, lock=True)
        return revisions.add_revision(session, issue_id, rendered, document, content_hash=content_hash, now=now)


def approve(
    db: Database, renderer: Renderer, issue_id: int, *, by: int | None, now: datetime, seen_hash: str | None = None
) -> RenderedRevision:
    """Approves an issue's content as it stands and returns the revision that will be sent; twice is once.

    `seen_hash` is the content hash of the preview that the editor looked at. Raises StateError when the content is
    another one by now or has a promotion that ended, and UnfinishedError when a check blocks that nobody has ticked off
    by hand. Where a newsletter wants a second person, whoever edited last is refused.
    """
    revision = render(db, renderer, issue_id, now=now)
    with db.write() as session:
        issue = _editable(session, issue_id)
        _require_fit(session, renderer, issue, revision, seen_hash, at=now)
        if issue.approved_hash == revision.content_hash and issue.state is not IssueState.HELD:
            return revision
        _require_second_person(session, issue, by=by, now=now)
        store.set_approved(session, issue_id, content_hash=revision.content_hash, by=by, now=now)
        _record(session, issue, "approved", by=by, now=now, after={"revision": revision.number})
        illustrate.queue_drawing(session, issue_id, now=now)
    return revision


def approve_by_itself(
    db: Database, renderer: Renderer, issue_id: int, *, seen_hash: str, note: str, at: datetime, now: datetime
) -> None:
    """Approves and schedules, in one transaction, what nobody approved in time: the machine's own approval.

    `seen_hash` is the content that passed the checks, `note` is what the issue says about it. In test mode it is
    scheduled as a test. Raises StateError as `approve` does, and when an editor was quicker.
    """
    revision = render(db, renderer, issue_id, now=now)
    with db.write() as session:
        issue = _editable(session, issue_id)
        if issue.state not in (IssueState.DRAFT, IssueState.REVIEW):
            raise StateError(f"Issue {issue.number} is {issue.state} by now.")
        _require_fit(session, renderer, issue, revision, seen_hash, at=max(at, now))
        is_test = newsletters.newsletter(session, issue.newsletter_id).is_test_mode
        store.set_approved(session, issue_id, content_hash=revision.content_hash, by=None, now=now)
        by_itself: dict[str, object] = {"revision": revision.number, "by itself": True}
        _record(session, issue, "approved", by=None, now=now, after=by_itself)
        illustrate.queue_drawing(session, issue_id, now=now)
        store.set_send_at(session, issue_id, max(at, now), is_test=is_test, note=note)
        store.set_deadline_settled(session, issue_id, now=now)
        _record(session, issue, "scheduled", by=None, now=now, after={"send_at": max(at, now).isoformat()})
        notices.tell(
            session,
            LetterKind.DEADLINE_OVER,
            newsletter_id=issue.newsletter_id,
            issue_id=issue_id,
            once=at.isoformat(),
            now=now,
            words=note,
        )


def unapprove(db: Database, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Takes an approval back, and the schedule with it; without one nothing changes."""
    with db.write() as session:
        issue = _editable(session, issue_id)
        if issue.state in (IssueState.APPROVED, IssueState.SCHEDULED):
            store.set_draft(session, issue_id, state=IssueState.DRAFT, note="")
            _record(session, issue, "took back the approval of", by=by, now=now)


def take_back_changed(db: Database, renderer: Renderer, *, by: int | None, now: datetime) -> list[int]:
    """Takes back the approvals of issues whose content is another one by now, and returns their numbers.

    Whoever changes what issues take over from elsewhere (an episode's guests, a platform that is no more) calls it
    next. When a crash keeps them from it, what was approved is what is sent.
    """
    with db.read() as session:
        ids = revisions.approved_issue_ids(session)
    return [number for issue_id in ids if (number := _taken_back(db, renderer, issue_id, by=by, now=now)) is not None]


def _taken_back(db: Database, renderer: Renderer, issue_id: int, *, by: int | None, now: datetime) -> int | None:
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        is_approved = issue.state in (IssueState.APPROVED, IssueState.SCHEDULED)
        content_hash = compose.content_hash(_document(session, issue_id), renderer.version)
        if not is_approved or issue.approved_hash == content_hash:
            return None
        store.set_draft(session, issue_id, state=IssueState.DRAFT, note=CHANGED_ELSEWHERE)
        _record(session, issue, "voided the approval of", by=by, now=now)
        return issue.number


def schedule(
    db: Database,
    issue_id: int,
    *,
    at: datetime,
    by: int | None,
    now: datetime,
    seen_hash: str | None = None,
    seen_test: bool | None = None,
) -> None:
    """Says when an approved issue is sent, or moves that moment; one in the past means now.

    `seen_hash` and `seen_test` are what the editor was told: which content leaves, and whether only the desk gets it.
    Raises StateError when either is no longer so, without a valid approval, and for a moment at which one of its
    promotions has ended. Who gets it is kept with the moment:
    what was scheduled as a test never goes to the readers.
    """
    with db.write() as session:
        issue = _editable(session, issue_id)
        if issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED) or issue.approved_hash is None:
            raise StateError(f"Issue {issue.number} is not approved; approve what you see in the preview first.")
        revision = revisions.revision_of(session, issue_id, issue.approved_hash)
        if revision is None:
            raise StateError(f"The approved revision of issue {issue.number} is gone; approve it again.")
        expiry.require_in_time(session, issue, revisions.document_of(session, revision.id), at=max(at, now))
        is_test = newsletters.newsletter(session, issue.newsletter_id).is_test_mode
        _require_promised(issue, seen_hash, is_test=is_test, seen_test=seen_test)
        send_at = max(at, now)
        if (issue.send_at, issue.is_test_schedule) != (send_at, is_test):
            store.set_send_at(session, issue_id, send_at, is_test=is_test)
            _record(session, issue, "scheduled", by=by, now=now, after={"send_at": send_at.isoformat()})


def unschedule(db: Database, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Takes the moment of sending back; the approval stays. An issue that is not scheduled stays as it is."""
    with db.write() as session:
        issue = _editable(session, issue_id)
        if issue.state is IssueState.SCHEDULED:
            store.set_send_at(session, issue_id, None)
            _record(session, issue, "unscheduled", by=by, now=now)


def unschedule_tests(db: Database, newsletter_id: int, *, by: int | None, now: datetime) -> int:
    """Takes a live newsletter's issues off their schedule that were scheduled as tests; returns how many.

    The approval stays. In test mode nothing changes. Whoever goes live calls it next; when a crash keeps them from it,
    the issue's own moment does it (`release_test`).
    """
    with db.read() as session:
        ids = store.scheduled_tests(session, newsletter_id)
    return sum(release_test(db, issue_id, by=by, now=now) for issue_id in ids)


def release_test(db: Database, issue_id: int, *, by: int | None, now: datetime) -> bool:
    """Takes one issue off its schedule if that was for a test and the newsletter is live; tells whether it did."""
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        is_stale = issue.state is IssueState.SCHEDULED and issue.is_test_schedule
        if not is_stale or newsletters.newsletter(session, issue.newsletter_id).is_test_mode:
            return False
        store.set_send_at(session, issue_id, None, note=WAS_A_TEST)
        _record(session, issue, "unscheduled", by=by, now=now)
        return True


def _document(session: Session, issue_id: int) -> Document:
    board = store.board(session, issue_id)
    return compose.document(board, newsletters.newsletter(session, board.issue.newsletter_id))


def _editable(session: Session, issue_id: int) -> IssueRow:
    issue = store.issue_row(session, issue_id, lock=True)
    if not issue.state.is_editable:
        raise StateError(f"Issue {issue.number} is {issue.state}, so nothing about it can change any more.")
    return issue


def _require_fit(
    session: Session, renderer: Renderer, issue: IssueRow, revision: RenderedRevision, seen: str | None, *, at: datetime
) -> None:
    document = _document(session, issue.id)
    current = compose.content_hash(document, renderer.version)
    if current != revision.content_hash or (seen is not None and seen != revision.content_hash):
        raise ChangedError
    if blocking := checks.report_in(session, renderer, issue.id, now=at).blocking:
        raise UnfinishedError(blocking)
    expiry.require_in_time(session, issue, document, at=at)


def _require_second_person(session: Session, issue: IssueRow, *, by: int | None, now: datetime) -> None:
    newsletter = newsletters.newsletter(session, issue.newsletter_id)
    if by is not None and (why := four_eyes.why_not(session, issue, newsletter, by=by, now=now)):
        raise StateError(why)


def _require_promised(issue: IssueRow, seen_hash: str | None, *, is_test: bool, seen_test: bool | None) -> None:
    if seen_hash is not None and seen_hash != issue.approved_hash:
        raise StateError("Another content was approved since you looked at this page. Look at it, then say when again.")
    if seen_test is not None and seen_test is not is_test:
        went = "in test mode: it goes to people at the desk only" if is_test else "live: it goes to all its readers"
        raise StateError(f"Nothing was scheduled. Since you looked at this page the newsletter is {went}.")


_TOLD = ("revision", "send_at")
_NEWS = {"approved": Kind.ISSUE_APPROVED, "scheduled": Kind.ISSUE_SCHEDULED}


def _record(
    session: Session,
    issue: IssueRow,
    verb: str,
    *,
    by: int | None,
    now: datetime,
    after: dict[str, object] | None = None,
) -> None:
    before = {
        "state": issue.state.value,
        "approved_hash": issue.approved_hash,
        "approved_by": issue.approved_by,
        "approved_at": None if issue.approved_at is None else issue.approved_at.isoformat(),
        "send_at": None if issue.send_at is None else issue.send_at.isoformat(),
    }
    activity.record(
        session, at=now, actor=by, verb=verb, subject="issue", subject_id=issue.id, before=before, after=after
    )
    if (kind := _NEWS.get(verb)) is not None:
        told = {name: value for name, value in (after or {}).items() if name in _TOLD}
        facts = {"issue_id": issue.id, "number": issue.number, **told}
        announce(session, kind, facts, now=now, newsletter_id=issue.newsletter_id)
