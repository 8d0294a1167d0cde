"""Sees to deadlines: tells the desk that one is near, and does what the newsletter says when one is over."""

from datetime import datetime, timedelta
from typing import Protocol

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import RenderError, StateError
from curator.issues import deadlines, publish, store
from curator.issues.deadlines import Fate
from curator.issues.notices import store as notices
from curator.issues.render import Renderer
from curator.issues.values import IssueRow
from curator.letters.values import LetterKind
from curator.newsletters import slots
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec

HELD = "Nobody approved it by its deadline, so it is held. Look it over, approve it and say when it is sent."
"""What an issue says whose newsletter holds what nobody approved."""

BY_ITSELF = "Nobody approved it by its deadline, and all checks passed, so it was approved and scheduled by itself."
"""What an issue says that a machine has approved."""


class Report(Protocol):
    """What the checks found: `is_clear` where nothing stands in the way of sending."""

    @property
    def is_clear(self) -> bool:
        """Whether all that must pass has passed."""
        ...


class Checks(Protocol):
    """Runs every check over what stands in an issue."""

    def __call__(self, db: Database, renderer: Renderer, issue_id: int, /, *, now: datetime) -> Report:
        """Returns what the checks found."""
        ...


def near(session: Session, *, now: datetime) -> list[int]:
    """Returns the issues whose deadline the desk is to be told of."""
    return [issue.id for issue, newsletter in _waiting(session) if deadlines.is_near(issue, newsletter, now=now)]


def over(session: Session, *, now: datetime) -> list[int]:
    """Returns the issues whose deadline is over and was not seen to."""
    return [issue.id for issue, newsletter in _waiting(session) if deadlines.is_over(issue, newsletter, now=now)]


def forgotten(session: Session, *, now: datetime) -> list[int]:
    """Returns the approved issues that nobody has scheduled and that the desk is to be told of."""
    issues = _with_newsletters(session, store.not_scheduled(session))
    return [issue.id for issue, newsletter in issues if deadlines.is_forgotten(issue, newsletter, now=now)]


def tell_forgotten(db: Database, issue_id: int, *, now: datetime) -> None:
    """Tells the desk, once for each approval, that an issue is approved and not scheduled."""
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        if deadlines.is_forgotten(issue, newsletter, now=now) and issue.approved_at is not None:
            store.set_unscheduled_told(session, issue_id, now=now)
            notices.tell(
                session,
                LetterKind.NOT_SCHEDULED,
                newsletter_id=newsletter.id,
                issue_id=issue_id,
                once=issue.approved_at.isoformat(),
                now=now,
            )


def tell_near(db: Database, issue_id: int, *, now: datetime) -> None:
    """Tells the desk, once, that an issue's deadline is near."""
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        if deadlines.is_near(issue, newsletter, now=now):
            store.set_deadline_told(session, issue_id, now=now)
            _tell(session, issue, LetterKind.DEADLINE_NEAR, now=now)


def settle(
    db: Database, renderer: Renderer, checks: Checks, issue_id: int, *, now: datetime, missed_limit: timedelta
) -> None:
    """Does once what the newsletter says about an issue that nobody approved by its deadline.

    It is held, or else approved and scheduled when all checks pass; whatever is in the way of that holds it, and the
    issue says what. An issue whose content changes meanwhile is left for the next call.
    """
    with db.read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
    if not deadlines.is_over(issue, newsletter, now=now):
        return
    match deadlines.fate(issue, newsletter):
        case Fate.SEND:
            why = _sent_by_itself(db, renderer, checks, issue, now=now, missed_limit=missed_limit)
        case Fate.HOLD:
            why = HELD
        case Fate.LEAVE:
            why = issue.note or HELD
    if why is not None:
        _hold(db, issue_id, why, now=now)


def _sent_by_itself(
    db: Database, renderer: Renderer, checks: Checks, issue: IssueRow, *, now: datetime, missed_limit: timedelta
) -> str | None:
    """Tries to approve and schedule an issue; returns why it is to be held, None when it is not."""
    due_at = issue.due_at or now
    if slots.is_missed(due_at, now=now, limit=missed_limit):
        return f"Nobody approved it in time, and its moment is over by {slots.in_words(now - due_at)}, so it is held."
    try:
        revision = publish.render(db, renderer, issue.id, now=now)
        if not checks(db, renderer, issue.id, now=now).is_clear:
            return "Nobody approved it by its deadline, and not all checks pass, so it was not sent by itself."
        publish.approve_by_itself(
            db, renderer, issue.id, seen_hash=revision.content_hash, note=BY_ITSELF, at=due_at, now=now
        )
    except publish.ChangedError:
        return None
    except (StateError, RenderError) as error:
        return f"Nobody approved it by its deadline, and it cannot be sent by itself: {error}"
    return None


def _hold(db: Database, issue_id: int, why: str, *, now: datetime) -> None:
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        # Somebody may have approved it, or asked for something else, while the checks ran.
        if not deadlines.is_over(issue, newsletter, now=now):
            return
        store.mark_held(session, issue_id, why)
        store.set_deadline_settled(session, issue_id, now=now)
        before, after = {"state": issue.state.value, "note": issue.note}, {"why": why}
        activity.record(
            session, at=now, actor=None, verb="held", subject="issue", subject_id=issue_id, before=before, after=after
        )
        _tell(session, issue, LetterKind.DEADLINE_OVER, now=now, words=why)


def _tell(session: Session, issue: IssueRow, kind: LetterKind, *, now: datetime, words: str = "") -> None:
    once = "" if issue.due_at is None else issue.due_at.isoformat()
    notices.tell(session, kind, newsletter_id=issue.newsletter_id, issue_id=issue.id, once=once, now=now, words=words)


def _waiting(session: Session) -> list[tuple[IssueRow, NewsletterSpec]]:
    return _with_newsletters(session, store.with_deadline(session))


def _with_newsletters(session: Session, issues: list[IssueRow]) -> list[tuple[IssueRow, NewsletterSpec]]:
    if not issues:
        return []
    known = {newsletter.id: newsletter for newsletter in newsletters.newsletters(session)}
    return [(issue, known[issue.newsletter_id]) for issue in issues]
