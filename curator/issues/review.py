"""Asks for an issue's review, takes that back, and hands the issue back with words."""

from datetime import datetime

from curator.accounts import store as accounts
from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.issues import store
from curator.issues.blocks import store as blocks
from curator.issues.escape import clean
from curator.issues.notices import store as notices
from curator.issues.values import IssueRow, IssueState
from curator.letters.values import LetterKind

_LONGEST_WORDS = 400


def ask(db: Database, issue_id: int, *, by: int | None, now: datetime) -> int:
    """Asks whoever may publish to approve an issue, by mail too, and returns to how many a notice goes.

    The issue stays open for edits. Asking again while it is in review changes nothing. Raises StateError for one that
    is approved already, or empty.
    """
    with db.write() as session:
        issue = _open(session, issue_id)
        if issue.state is IssueState.REVIEW:
            return 0
        if not blocks.pick_count(session, issue_id):
            raise StateError("The issue is empty; pick something for it in the inbox first.")
        store.set_review(session, issue_id, by=by, now=now)
        _record(session, issue, "asked for review of", by=by, now=now)
        return notices.tell(
            session,
            LetterKind.REVIEW_ASKED,
            newsletter_id=issue.newsletter_id,
            issue_id=issue_id,
            once=now.isoformat(),
            now=now,
            but=by,
            by_name=_name(session, by),
        )


def take_back(db: Database, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Makes an issue in review a draft again; any other stays as it is."""
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        if issue.state is IssueState.REVIEW:
            store.set_draft(session, issue_id, state=IssueState.DRAFT, note="")
            _record(session, issue, "took back the review of", by=by, now=now)


def hand_back(db: Database, issue_id: int, words: str, *, by: int | None, now: datetime) -> None:
    """Gives an issue in review back to its writers, who are told why; the words stand on the issue until an edit.

    Raises InvalidError("words") without any, and StateError for an issue that is not in review.
    """
    said = " ".join(clean(words).split())
    if not said:
        raise InvalidError("words", "Say what is to be done before it can be approved.")
    if len(said) > _LONGEST_WORDS:
        raise InvalidError("words", f"This is {len(said):,} characters long; at most {_LONGEST_WORDS} fit.")
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        if issue.state is not IssueState.REVIEW:
            raise StateError(f"Issue {issue.number} is not in review, so it cannot be handed back.")
        name = _name(session, by) or "Somebody"
        store.set_draft(session, issue_id, state=IssueState.DRAFT, note=f"{name} handed it back: {said}")
        _record(session, issue, "handed back", by=by, now=now, after={"words": said})
        if issue.review_by is not None and issue.review_by != by:
            notices.tell(
                session,
                LetterKind.GIVEN_BACK,
                newsletter_id=issue.newsletter_id,
                issue_id=issue_id,
                once=now.isoformat(),
                now=now,
                only=issue.review_by,
                words=said,
                by_name=name,
            )


def _open(session: Session, issue_id: int) -> IssueRow:
    issue = store.issue_row(session, issue_id, lock=True)
    if not issue.state.is_open:
        raise StateError(f"Issue {issue.number} is {issue.state}, so there is nothing to review.")
    return issue


def _name(session: Session, user_id: int | None) -> str:
    person = None if user_id is None else accounts.editor(session, user_id)
    return "" if person is None else person.name


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
        "note": issue.note,
        "review_by": issue.review_by,
        "review_at": None if issue.review_at is None else issue.review_at.isoformat(),
    }
    activity.record(
        session, at=now, actor=by, verb=verb, subject="issue", subject_id=issue.id, before=before, after=after
    )
