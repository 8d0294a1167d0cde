"""Begins a mailing: claims its issue, holds it for as long as it can be taken back, and lets it go."""

from __future__ import annotations

from datetime import datetime

from curator.accounts import store as accounts
from curator.activity import store as activity
from curator.audience import store as audience
from curator.audience.matching import store as matching
from curator.audience.segments.parse import parse
from curator.db import Database, Session
from curator.errors import StateError
from curator.issues import expiry, publish
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, IssueState, RenderedRevision
from curator.mailings import holding, store
from curator.mailings.letterhead import letterhead
from curator.mailings.mended import store as mended
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec


def begin(db: Database, issue_id: int, *, now: datetime) -> int:
    """Claims an issue that may be sent and returns its mailing, held or being built; a second call finds the first's.

    Raises StateError, before anything is written, when the issue may not be sent or nobody would get it.
    """
    with db.write() as session:
        # The lock makes two that start the same issue take turns; the second finds the first one's mailing.
        issue = issues.issue_row(session, issue_id, lock=True)
        live_id = store.live_mailing_id(session, issue_id)
        if live_id is not None:
            return live_id
        revision = _approved_revision(session, issue)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        words = _segment_of(session, revision)
        if issue.is_test_schedule and not newsletter.is_test_mode and issue.state is IssueState.SCHEDULED:
            raise StateError(publish.WAS_A_TEST)
        if newsletter.is_test_mode or mended.to_finish(session, issue_id) is None:
            _require_readers(session, newsletter, revision, words, now=now)
        hold_until = holding.ends_at(issue.send_at or now, holding.length(newsletter), now=now)
        stops_at = _stops_at(session, issue, revision.id, at=hold_until or now)
        if issue.state is IssueState.APPROVED:
            issues.set_send_at(session, issue_id, now)
        if not issues.mark_sending(session, issue_id):
            raise StateError(f"Issue {issue.number} cannot be sent: it is {issue.state}.")
        return store.add_mailing(
            session,
            issue_id=issue_id,
            revision_id=revision.id,
            newsletter_id=issue.newsletter_id,
            is_test=newsletter.is_test_mode,
            hold_until=hold_until,
            letterhead=letterhead(newsletter),
            stops_at=stops_at,
            now=now,
            segment_name=(issue.segment_name or "") if words else "",
            segment_words=words,
        )


def let_go(db: Database, mailing_id: int, *, now: datetime) -> None:
    """Ends the holding of a mailing whose time is over; any other stays as it is.

    What held when it began is looked at again. Where it does not any more, the mailing is cancelled and the issue held,
    both saying why: nothing has left.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        is_over = mailing.hold_until is not None and mailing.hold_until <= now
        if mailing.state != MailingState.HOLDING or not is_over:
            return
        newsletter = newsletters.newsletter(session, mailing.newsletter_id)
        try:
            stops_at = _require_still(session, mailing, newsletter, now=now)
        except StateError as error:
            give_up(session, mailing, str(error), now=now)
        else:
            store.let_go(session, mailing_id, letterhead=letterhead(newsletter), stops_at=stops_at, now=now)


def give_up_changed(db: Database, *, now: datetime) -> list[int]:
    """Cancels the mailings in their holding whose promotions are others by now; returns their issues' numbers.

    Whoever changes a promotion, a booking or a slot calls it next, so that the desk learns of it at once. When a crash
    keeps them from it, the end of the holding does the same.
    """
    with db.read() as session:
        ids = store.live_ids(session)
    return [number for mailing_id in ids if (number := _given_up(db, mailing_id, now=now)) is not None]


def _given_up(db: Database, mailing_id: int, *, now: datetime) -> int | None:
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        if mailing.state != MailingState.HOLDING:
            return None
        issue = issues.issue_row(session, mailing.issue_id)
        try:
            expiry.require_same(session, issue, revisions.document_of(session, mailing.revision_id))
        except StateError as error:
            give_up(session, mailing, str(error), now=now)
            return issue.number
        return None


def _require_still(session: Session, mailing: Mailing, newsletter: NewsletterSpec, *, now: datetime) -> datetime | None:
    """Returns when its promotions stop it; raises StateError where it must not leave at all."""
    issue = issues.issue_row(session, mailing.issue_id)
    revision = revisions.revision(session, mailing.revision_id)
    if issue.approved_hash != revision.content_hash:
        raise StateError(f"Issue {issue.number} was changed after its approval. Look at it and approve it again.")
    if newsletter.is_test_mode is not mailing.is_test:
        raise StateError(f"{newsletter.name} is in test mode by now. Go live, then send it to the readers.")
    if mailing.is_test or mended.to_finish(session, issue.id, before_id=mailing.id) is None:
        _require_readers(session, newsletter, revision, mailing.segment_words, now=now)
    return _stops_at(session, issue, revision.id, at=now)


def _stops_at(session: Session, issue: IssueRow, revision_id: int, *, at: datetime) -> datetime | None:
    """Returns when the first of a revision's promotions ends.

    Raises StateError when that is not after `at`, or when one of them is another one by now.
    """
    document = revisions.document_of(session, revision_id)
    expiry.require_in_time(session, issue, document, at=at)
    expiry.require_same(session, issue, document)
    first = expiry.first_of_revision(session, revision_id)
    return None if first is None else first.ends_at


def give_up(session: Session, mailing: Mailing, why: str, *, now: datetime) -> None:
    """Cancels a mailing of which nothing has left, and holds its issue; both say why. The caller holds the mailing."""
    note = f"It could not be sent: {why}"
    store.set_state(session, mailing.id, MailingState.CANCELLED, reason=note, finished_at=now)
    issues.set_draft(session, mailing.issue_id, state=IssueState.HELD, note=note[:500])
    activity.record(
        session,
        at=now,
        actor=None,
        verb="cancelled",
        subject="mailing",
        subject_id=mailing.id,
        before={"state": MailingState.HOLDING},
        after={"state": MailingState.CANCELLED, "why": note},
    )


def _segment_of(session: Session, revision: RenderedRevision) -> str:
    """Returns the filter that was approved with a revision, empty where it goes to all."""
    document = revisions.document_of(session, revision.id)
    return "" if document is None else document.segment


def _wanted(words: str) -> matching.Wanted:
    return matching.Wanted(parse(words))


def _scope(session: Session, newsletter: NewsletterSpec, words: str, *, now: datetime) -> matching.Scope:
    return matching.scope(session, newsletter.id, parse(words), zone=newsletter.cadence.zone, now=now)


def _require_readers(
    session: Session, newsletter: NewsletterSpec, revision: RenderedRevision, words: str, *, now: datetime
) -> None:
    if not audience.candidates(session, newsletter.id, now=now, limit=1):
        raise StateError("No confirmed subscribers: nobody would get this issue. Add or import some first.")
    if not newsletter.is_test_mode:
        if words and matching.is_empty(session, _wanted(words), _scope(session, newsletter, words, now=now)):
            raise StateError("Nobody who gets mail is in the segment that it goes to. Aim it at other readers.")
        return
    staff = accounts.staff_keys(session)
    at_desk = audience.mailable(session, newsletter.id, staff, now=now)
    if not at_desk:
        raise StateError(
            f"{newsletter.name} is in test mode, and nobody at the desk subscribes to it, so nobody would get this "
            "issue. Add your own address under Subscribers, or go live."
        )
    if store.got_it_already(session, revision.issue_id, revision.id, is_test=True, among=staff) >= at_desk:
        raise StateError(
            f"Everybody at the desk who subscribes had revision {revision.number} already, so nobody would get this "
            "test. Change the issue and approve it again, or go live."
        )


def _approved_revision(session: Session, issue: IssueRow) -> RenderedRevision:
    if issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
        raise StateError(f"Issue {issue.number} cannot be sent: it is {issue.state}. Approve it first.")
    revision = revisions.latest_revision(session, issue.id)
    if revision is None or revision.content_hash != issue.approved_hash:
        raise StateError(f"Issue {issue.number} was changed after its approval. Look at it and approve it again.")
    return revision
