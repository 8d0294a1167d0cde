"""Withdraws a quote or a person from everything that is kept, in one act that cannot be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.issues import compose, illustrate, slots
from curator.issues import store as issues
from curator.issues.render import Renderer
from curator.issues.values import IssueState
from curator.mailings import begin, control
from curator.mailings import store as mailings
from curator.mailings.mended import mend
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState
from curator.mailings.withdrawn import store
from curator.mailings.withdrawn.values import Plan, What
from curator.pictures.values import PictureStore

WITHDREW = "withdrew"

_WHY = "Something in it was withdrawn. Look at it and approve it again."


def preview(db: Database, what: What) -> Plan:
    """Returns what a withdrawal would touch, and changes nothing."""
    with db.read() as session:
        return store.plan(session, what)


def withdraw(
    db: Database, renderer: Renderer, pictures: PictureStore, what: What, *, by: int | None, now: datetime
) -> Plan:
    """Takes a quote, or a person by name, out of everything that is kept, and returns what that touched.

    Out of transcripts and their search, of episodes, of issues that are to leave (approvals void; a mailing in its
    holding stops), and of what was kept of those that left: their pages and feeds. The log says who, when and what
    kind, and no word of it. Mail that has left cannot be called back.

    Running mailings of what is touched are paused first, in transactions of their own, and ended to be mended in that
    of the withdrawal: a crash in between leaves them paused and everything as it was, and a second call does the rest.
    Raises NotFoundError when nothing is found, and StateError while messages are on their way or when something
    changed meanwhile; then only mailings are paused.
    """
    made = preview(db, what)
    if made.is_empty:
        raise NotFoundError(str(what.kind), what.quote_id or what.name)
    _halt(db, made, by=by, now=now)
    rendered = _rendered(renderer, made)
    with db.write() as session:
        held = [mailings.lock(session, each) for each in made.mailings]
        again = store.plan(session, what)
        if set(again.documents) != set(made.documents) or again.mailings != made.mailings:
            raise StateError("Something was rendered or sent in this moment. Nothing was withdrawn yet; try again.")
        for mailing in held:
            _stop(session, mailing, by=by, now=now)
        # Held until the end, so that no worker reads the words of before into the archive's search after this.
        for touched in sorted(again.issues, key=lambda each: each.id):
            issues.issue_row(session, touched.id, lock=True)
        drawn = store.write(session, again, rendered, by=by, now=now)
        for issue_id in drawn:
            illustrate.queue_drawing(session, issue_id, now=now)
        _void(session, again, by=by, now=now)
        if what.quote_id is None:
            _write_down(session, again, "guest", 0, by=by, now=now)
        else:
            _write_down(session, again, "quote", what.quote_id, by=by, now=now)
    for name in drawn.values():
        pictures.forget(name)
    return again


def _halt(db: Database, made: Plan, *, by: int | None, now: datetime) -> None:
    """Pauses what is running, so that nothing of it leaves any more; tests are over."""
    with db.read() as session:
        views = [mailings.mailing(session, each) for each in made.mailings]
    for view in views:
        if view.state is MailingState.BUILDING:
            raise StateError(
                f"Mailing {view.id} is just being built. Nothing was withdrawn yet; try again in a moment."
            )
        if view.is_test and view.state is not MailingState.HOLDING:
            control.cancel(db, view.id, now=now, by=by, reason="Something in it was withdrawn.")
        elif view.state is MailingState.RUNNING:
            control.pause(db, view.id, now=now, by=by, reason="Something in it is being withdrawn.")


def _rendered(renderer: Renderer, made: Plan) -> Mapping[int, tuple[str, str]]:
    """Returns HTML and text of the new documents; links lead straight to their targets, for nobody is sent them."""
    found = {}
    for revision_id, kept in made.documents.items():
        fresh = renderer.render(compose.document_from(kept))
        found[revision_id] = slots.filled(fresh.html, fresh.links), fresh.text
    return found


def _stop(session: Session, mailing: Mailing, *, by: int | None, now: datetime) -> None:
    match MailingState(mailing.state):
        case MailingState.HOLDING:
            begin.give_up(session, mailing, _WHY, now=now)
        case MailingState.PAUSED if mend.is_left(session, mailing):
            mend.stop(session, mailing, now=now, by=by)
        case MailingState.PAUSED | MailingState.CANCELLED | MailingState.FINISHED:
            # Nobody is left to get it.
            pass
        case MailingState.RUNNING | MailingState.BUILDING:
            raise StateError("A mailing was resumed in this moment. Nothing was withdrawn yet; try again.")


def _void(session: Session, made: Plan, *, by: int | None, now: datetime) -> None:
    """Takes the approvals of issues back that are to leave; one that was stopped or cancelled may be to leave again."""
    for touched in made.issues:
        issue = issues.issue_row(session, touched.id, lock=True)
        if issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
            continue
        issues.set_draft(session, issue.id, state=IssueState.DRAFT, note=_WHY)
        before = {"state": issue.state, "approved_by": issue.approved_by}
        activity.record(
            session,
            at=now,
            actor=by,
            verb="voided the approval of",
            subject="issue",
            subject_id=issue.id,
            before=before,
        )


def _write_down(session: Session, made: Plan, subject: str, subject_id: int, *, by: int | None, now: datetime) -> None:
    activity.record(
        session, at=now, actor=by, verb=WITHDREW, subject=subject, subject_id=subject_id, after=store.facts(made)
    )
