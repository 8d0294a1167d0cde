"""What a person may do to a mailing: pause, resume, cancel, and settle what is in doubt."""

from __future__ import annotations

from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.issues import store as issues
from curator.issues.values import IssueState
from curator.mailings import news, over, store
from curator.mailings.brakes import Tally, why_stop
from curator.mailings.ledger import store as ledger
from curator.mailings.mended import store as mended
from curator.mailings.progress import store as progress
from curator.mailings.tables import Mailing
from curator.mailings.values import BY_HAND, DeliveryState, MailingState


def pause(db: Database, mailing_id: int, *, now: datetime, by: int | None = None, reason: str = "") -> None:
    """Stops a mailing after the windows in flight; pausing a paused one changes nothing. Raises StateError."""
    with db.write() as session:
        state = MailingState(store.lock(session, mailing_id).state)
        if state is MailingState.PAUSED:
            return
        if state is not MailingState.RUNNING:
            raise StateError(f"Mailing {mailing_id} is {state}; only a running one can be paused.")
        news.stopped(session, mailing_id, f"{BY_HAND}: {reason}" if reason else f"{BY_HAND}.", now=now)
        _write_down(session, mailing_id, "paused", now=now, by=by, was=state, is_now=MailingState.PAUSED)


def resume(db: Database, mailing_id: int, *, now: datetime, by: int | None = None) -> None:
    """Lets a paused mailing go on; resuming a running one only stops it waiting for the relay.

    Waits that are no trouble (hours, pace, a wave's pause) stay: they are rules. For the bounces and complaints that it
    has by now it does not stop again; only what comes later counts.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state = MailingState(mailing.state)
        if state not in (MailingState.PAUSED, MailingState.RUNNING):
            raise StateError(f"Mailing {mailing_id} is {state}; only a paused one can go on.")
        over.require_open(session, mailing_id, now=now)
        tally = progress.tally(session, mailing)
        if why_stop(tally, forgiven=Tally(**(mailing.forgiven or {}))):
            store.forgive(session, mailing_id, tally)
        store.set_state(session, mailing_id, MailingState.RUNNING)
        _write_down(session, mailing_id, "resumed", now=now, by=by, was=state, is_now=MailingState.RUNNING)


def cancel(db: Database, mailing_id: int, *, now: datetime, by: int | None = None, reason: str = "") -> None:
    """Ends a mailing for good after the windows in flight; what waits never leaves. A second call changes nothing.

    The issue is held: approved and sent again, it reaches those who did not get it. A mailing that is held itself is
    taken back: nothing has left, and the issue is approved as before. Raises StateError when the mailing is finished.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state, issue_id = MailingState(mailing.state), mailing.issue_id
        if state is MailingState.CANCELLED:
            return
        if state is MailingState.FINISHED:
            raise StateError(f"Mailing {mailing_id} is finished; there is nothing left to cancel.")
        if state is MailingState.HOLDING:
            _take_back(session, mailing, now=now, by=by)
            return
        ledger.cancel_waiting(session, mailing_id)
        if not mailing.is_test:
            # The next one goes to all who have not got it, and not only to whom this one was to finish for.
            mended.forget(session, issue_id)
        why = reason or "Cancelled by hand."
        store.set_state(session, mailing_id, MailingState.CANCELLED, reason=why, finished_at=now)
        issues.set_draft(session, issue_id, state=IssueState.HELD, note=_left_over(session, mailing_id))
        _write_down(session, mailing_id, "cancelled", now=now, by=by, was=state, is_now=MailingState.CANCELLED)


def take_back(db: Database, mailing_id: int, *, now: datetime, by: int | None = None) -> None:
    """Undoes the sending of an issue as long as nothing has left: it is approved as before. A second call does nothing.

    Raises StateError when it is not held any more, and changes nothing then.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state = MailingState(mailing.state)
        if state is MailingState.HOLDING:
            _take_back(session, mailing, now=now, by=by)
        elif state is not MailingState.CANCELLED:
            raise StateError("It is too late to take it back: it is not held any more. Pause it to look.")


def send_at_once(db: Database, mailing_id: int, *, now: datetime, by: int | None = None) -> None:
    """Ends the holding of a mailing before its time; raises StateError when it is not held (any more)."""
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state, until = MailingState(mailing.state), mailing.hold_until
        if state is not MailingState.HOLDING:
            raise StateError(f"Mailing {mailing_id} is {state}; it is not held any more.")
        if until is not None and until > now:
            store.set_hold(session, mailing_id, now)
            _write_down(session, mailing_id, "did not wait for", now=now, by=by, was=state, is_now=state)


def settle(
    db: Database, mailing_id: int, subscriber_id: int, *, as_sent: bool, now: datetime, by: int | None = None
) -> None:
    """Settles a delivery in doubt: it arrived, or it is to be sent again (which opens a finished mailing again).

    In a cancelled mailing, or a test that is over, "again" only notes that it did not arrive: the issue's next mailing
    reaches them. Where that has begun, to finish a mailing that was mended, they are added to it. Raises NotFoundError
    when it is not in doubt, and StateError in the moment in which the next one is being built.
    """
    with db.write() as session:
        mailing = store.lock(session, mailing_id)
        state = MailingState(mailing.state)
        is_over = state is MailingState.CANCELLED or (mailing.is_test and state.is_final)
        again = DeliveryState.CANCELLED if is_over else DeliveryState.PENDING
        settled = DeliveryState.SENT if as_sent else again
        next_id = _held_next(session, mailing) if mailing.is_mended and not as_sent else None
        if not ledger.settle(session, mailing_id, subscriber_id, settled, now=now):
            raise NotFoundError("delivery in doubt to subscriber", subscriber_id)
        if settled is DeliveryState.PENDING and state is MailingState.FINISHED:
            store.set_state(session, mailing_id, MailingState.RUNNING)
        if next_id is not None:
            _hand_over(session, next_id, subscriber_id, now=now)
        activity.record(
            session,
            at=now,
            actor=by,
            verb="settled",
            subject="mailing",
            subject_id=mailing_id,
            before={"subscriber_id": subscriber_id, "state": DeliveryState.IN_DOUBT},
            after={"subscriber_id": subscriber_id, "state": settled},
        )


def _held_next(session: Session, mailing: Mailing) -> int | None:
    """Returns the mailing that finishes one, locked, and the issue too: none can begin in between."""
    next_id = mended.finished_by(session, mailing.id)
    if next_id is not None and store.lock(session, next_id).state == MailingState.BUILDING:
        raise StateError("The mailing that finishes this one is just being built. Try again in a moment.")
    issues.issue_row(session, mailing.issue_id, lock=True)
    if mended.finished_by(session, mailing.id) != next_id:
        raise StateError("A mailing of this issue has just begun. Try again in a moment.")
    return next_id


def _hand_over(session: Session, next_id: int, subscriber_id: int, *, now: datetime) -> None:
    """Adds a reader to the mailing that finishes theirs; one that is held is built from all whom theirs left anyway."""
    following = store.row(session, next_id)
    state, is_mended = MailingState(following.state), following.is_mended
    if state is MailingState.HOLDING or (state is MailingState.CANCELLED and not is_mended):
        return
    mended.hand_over(session, next_id, subscriber_id, is_ended=state is MailingState.CANCELLED, now=now)
    if state is MailingState.FINISHED:
        store.set_state(session, next_id, MailingState.RUNNING)


def _take_back(session: Session, mailing: Mailing, *, now: datetime, by: int | None) -> None:
    mailing_id, is_now = mailing.id, MailingState.CANCELLED
    # What the mailing says of itself is enough: a note on the issue would say it twice.
    issues.give_back(session, mailing.issue_id, "")
    store.set_state(session, mailing_id, is_now, reason="Taken back before anything left.", finished_at=now)
    _write_down(session, mailing_id, "took back", now=now, by=by, was=MailingState.HOLDING, is_now=is_now)


def _left_over(session: Session, mailing_id: int) -> str:
    balance = store.balance(session, mailing_id)
    sent = balance.by_state.get(DeliveryState.SENT, 0)
    reached = f"Its mailing was cancelled when {sent} of {balance.candidates} had got it"
    return f"{reached}; whoever got it is left out next time."


def _write_down(
    session: Session,
    mailing_id: int,
    verb: str,
    *,
    now: datetime,
    by: int | None,
    was: MailingState,
    is_now: MailingState,
) -> None:
    before, after = {"state": was}, {"state": is_now}
    activity.record(
        session, at=now, actor=by, verb=verb, subject="mailing", subject_id=mailing_id, before=before, after=after
    )
