"""Stops a mailing so that whoever has not got it gets a newly approved revision."""

from __future__ import annotations

from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import StateError
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueState
from curator.mailings import store
from curator.mailings.ledger import store as ledger
from curator.mailings.mended import store as mended
from curator.mailings.tables import Mailing
from curator.mailings.values import DeliveryState, MailingState

STOPPED = "stopped to mend"


def mend(db: Database, mailing_id: int, *, now: datetime, by: int | None = None) -> None:
    """Ends a paused mailing and holds its issue, to be edited and approved again; a second call changes nothing.

    The next mailing of the issue goes to those alone whom this one had still to reach, whatever revision is approved
    then. Who got it, or may have, is not among them. Raises StateError for a mailing that is not paused, for a test,
    while a window is on its way (its readers are neither reached nor left), and when nobody is left.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        if not mailing.is_mended:
            stop(session, mailing, now=now, by=by)


def stop(session: Session, mailing: Mailing, *, now: datetime, by: int | None) -> None:
    """Does what `mend` does within the caller's transaction, which holds the mailing."""
    left = _require_stopped(session, mailing)
    number = revisions.revision(session, mailing.revision_id).number
    balance = store.balance(session, mailing.id)
    ledger.cancel_waiting(session, mailing.id)
    mended.set_mended(session, mailing.id)
    sent = balance.by_state.get(DeliveryState.SENT, 0)
    said = f"{sent:,} of {balance.candidates:,} got revision {number}; {left:,} get what is approved next"
    store.set_state(
        session, mailing.id, MailingState.CANCELLED, reason=f"Stopped to be mended: {said}.", finished_at=now
    )
    issues.set_draft(session, mailing.issue_id, state=IssueState.HELD, note=f"It is being mended: {said}.")
    activity.record(
        session,
        at=now,
        actor=by,
        verb=STOPPED,
        subject="mailing",
        subject_id=mailing.id,
        before={"state": MailingState.PAUSED, "revision": number},
        after={"state": MailingState.CANCELLED, "left": left},
    )


def is_left(session: Session, mailing: Mailing) -> bool:
    """Tells whether a paused mailing has anybody still to reach, or may have: some messages are on their way."""
    return bool(ledger.claims(session, mailing.id)) or _waiting(session, mailing) > 0


def _require_stopped(session: Session, mailing: Mailing) -> int:
    """Returns how many are still to be reached."""
    if mailing.state != MailingState.PAUSED:
        raise StateError(f"Mailing {mailing.id} is {mailing.state}. Pause it first, then mend it.")
    if mailing.is_test:
        raise StateError("This is a test. Cancel it, change the issue, and send another test.")
    if ledger.claims(session, mailing.id):
        raise StateError("Some messages are still on their way. Wait a moment until they are settled, then mend it.")
    left = _waiting(session, mailing)
    if not left:
        raise StateError("Nobody is left to get other words: everybody has got it, or was left out.")
    return left


def _waiting(session: Session, mailing: Mailing) -> int:
    by_state = store.balance(session, mailing.id).by_state
    return sum(by_state.get(state, 0) for state in (DeliveryState.PENDING, DeliveryState.DEFERRED))
