"""Has programs look at the mail of an issue, one after the other, and keeps what each said with the revision.

A crash between two programs leaves what the first said; the next call goes on with the others.
"""

from collections.abc import Callable
from datetime import datetime

from curator.clock import Clock
from curator.db import Database, Session
from curator.errors import RenderError
from curator.issues import publish, slots
from curator.issues import store as issues
from curator.issues.preflight import store
from curator.issues.preflight.values import Looker, MailLook, NoLookError, Said, Shown
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueState, RenderedRevision
from curator.newsletters import store as newsletters
from curator.queue import store as queue

TASK = "look_at_mail"


def key_of(issue_id: int) -> str:
    """Returns the key under which a look at an issue's mail is queued."""
    return f"mail:{issue_id}"


def ask(db: Database, renderer: Renderer, issue_id: int, *, now: datetime) -> bool:
    """Queues a look at an issue's mail; False while one is on its way, or where there is no program to look."""
    if not renderer.preflight.lookers:
        return False
    with db.write() as session:
        issues.issue_row(session, issue_id)
        return bool(queue.enqueue(session, TASK, {"issue_id": issue_id}, now=now, key=key_of(issue_id)))


def look(db: Database, renderer: Renderer, issue_id: int, *, clock: Clock, is_over: Callable[[], bool]) -> bool:
    """Has each program look that has not looked at this content; True when time was over before all had.

    One that failed before is asked again. An issue that does not render has no mail to look at.
    """
    try:
        revision = _revision(db, renderer, issue_id, now=clock())
    except RenderError:
        return False
    with db.read() as session:
        known = {each.machine for each in store.looks(session, revision.id) if not each.error}
        shown = _shown(session, renderer, revision, now=clock())
    left = [each for each in renderer.preflight.lookers if each.machine not in known]
    while left and not is_over():
        found = _looked(left.pop(0), shown, revision.id, at=clock())
        with db.write() as session:
            store.put_look(session, found)
    return bool(left)


def _looked(looker: Looker, shown: Shown, revision_id: int, *, at: datetime) -> MailLook:
    said, error = Said(), ""
    try:
        said = looker.look(shown)
    except NoLookError as failed:
        error = str(failed)
    return MailLook(revision_id, looker.machine, at, said.notes, said.passed, said.score, said.version, error)


def _revision(db: Database, renderer: Renderer, issue_id: int, *, now: datetime) -> RenderedRevision:
    """Returns what was approved, which is what goes out; else what stands in the issue."""
    with db.read() as session:
        issue = issues.issue_row(session, issue_id)
        is_frozen = issue.approved_hash is not None and issue.state is not IssueState.HELD
        approved = revisions.revision_of(session, issue_id, issue.approved_hash or "") if is_frozen else None
    return approved or publish.render(db, renderer, issue_id, now=now)


def _shown(session: Session, renderer: Renderer, revision: RenderedRevision, *, now: datetime) -> Shown:
    links = revisions.links(session, revision.id)
    issue = issues.issue_row(session, revision.issue_id)
    html, prover = slots.example(revision.html, links), renderer.preflight.prover
    if prover is None:
        return Shown(html)
    proof = prover(
        newsletters.newsletter(session, issue.newsletter_id),
        number=issue.number,
        subject=revision.subject,
        html=revision.html,
        text=revision.text,
        links=links,
        at=now,
    )
    return Shown(html, proof.message)
