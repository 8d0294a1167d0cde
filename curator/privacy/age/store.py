"""Queries on what is too old to name readers: which mailings and readers, and their rows chunk by chunk."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from curator.activity.tables import Activity
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.db import changed
from curator.events import store as events
from curator.events.tables import Event, MailingCount
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings.tables import Delivery, Mailing
from curator.mailings.values import MailingState
from curator.privacy.tables import RetentionRun
from curator.privacy.values import Run

_OVER = tuple(state for state in MailingState if state.is_final)
# Each is a line of the doctor's for a quarter of a year; nobody asks for more.
_KEPT_RUNS = 100

# --- raw events


def mailings_with_events(session: Session, *, before: datetime) -> list[int]:
    """Returns the mailings that were over before a moment and of which events are kept, oldest first."""
    kept = exists().where(Event.mailing_id == Mailing.id)
    return list(session.scalars(select(Mailing.id).where(_was_over(before), kept).order_by(Mailing.id)))


def make_nameless(session: Session, mailing_id: int, *, now: datetime) -> None:
    """Lets nothing be noted by reader any more of a mailing: what comes late is counted as sums only."""
    events.hold(session, [mailing_id])
    nameless = update(MailingCount).where(MailingCount.mailing_id == mailing_id, MailingCount.nameless_at.is_(None))
    session.execute(nameless.values(nameless_at=now))


def delete_events(session: Session, mailing_id: int, *, limit: int) -> int:
    """Deletes at most `limit` events of a mailing and returns how many; its counters stay."""
    some = select(Event.id).where(Event.mailing_id == mailing_id).limit(limit)
    gone = delete(Event).where(Event.id.in_(some)).execution_options(synchronize_session=False)
    return changed(session, gone)


def count_events(session: Session, *, before: datetime) -> int:
    """Returns how many events of such mailings there are."""
    old = select(Mailing.id).where(_was_over(before))
    return session.scalar(select(func.count()).select_from(Event).where(Event.mailing_id.in_(old))) or 0


# --- who got what


def mailings_with_deliveries(session: Session, *, before: datetime) -> list[int]:
    """Returns the mailings that were over before a moment and whose ledger still has rows, oldest first.

    Only of issues that were sent: as long as one may still go out, its ledger says who got it.
    """
    kept = exists().where(Delivery.mailing_id == Mailing.id)
    query = select(Mailing.id).join(Issue, Issue.id == Mailing.issue_id).where(_was_sent(before), kept)
    return list(session.scalars(query.order_by(Mailing.id)))


def delete_deliveries(session: Session, mailing_id: int, *, limit: int) -> int:
    """Deletes at most `limit` rows of a mailing's ledger and returns how many; its batches have the sums."""
    some = select(Delivery.subscriber_id).where(Delivery.mailing_id == mailing_id)
    some = some.order_by(Delivery.subscriber_id).limit(limit)
    gone = delete(Delivery).where(Delivery.mailing_id == mailing_id, Delivery.subscriber_id.in_(some))
    return changed(session, gone.execution_options(synchronize_session=False))


def count_deliveries(session: Session, *, before: datetime) -> int:
    """Returns how many rows such ledgers have."""
    old = select(Mailing.id).join(Issue, Issue.id == Mailing.issue_id).where(_was_sent(before))
    return session.scalar(select(func.count()).select_from(Delivery).where(Delivery.mailing_id.in_(old))) or 0


def _was_over(before: datetime) -> ColumnElement[bool]:
    return and_(Mailing.state.in_(_OVER), func.coalesce(Mailing.finished_at, Mailing.started_at) < before)


def _was_sent(before: datetime) -> ColumnElement[bool]:
    return and_(_was_over(before), Issue.state == IssueState.SENT)


# --- readers who get nothing any more


def ended_ids(session: Session, *, before: datetime, after_id: int = 0, limit: int = 200) -> list[int]:
    """Returns readers all of whose subscriptions ended before a moment, by number.

    Whoever never had any did not leave either; sign-ups that wait are forgotten after 7 days anyway.
    """
    query = select(Subscriber.id).where(*_has_ended(before), Subscriber.id > after_id)
    return list(session.scalars(query.order_by(Subscriber.id).limit(limit)))


def count_ended(session: Session, *, before: datetime) -> int:
    """Returns how many there are."""
    return session.scalar(select(func.count()).select_from(Subscriber).where(*_has_ended(before))) or 0


def _has_ended(before: datetime) -> tuple[ColumnElement[bool], ...]:
    theirs = Subscription.subscriber_id == Subscriber.id
    goes_on = exists().where(
        theirs, (Subscription.state != SubscriptionState.ENDED) | (Subscription.changed_at >= before)
    )
    return exists().where(theirs), ~goes_on


# --- the log


def delete_lines(session: Session, *, before: datetime, limit: int) -> int:
    """Deletes at most `limit` lines of the log that name a reader, from before a moment; returns how many."""
    some = _lines(before).order_by(Activity.id).limit(limit)
    gone = delete(Activity).where(Activity.id.in_(some)).execution_options(synchronize_session=False)
    return changed(session, gone)


def count_lines(session: Session, *, before: datetime) -> int:
    """Returns how many there are."""
    return session.scalar(select(func.count()).select_from(_lines(before).subquery())) or 0


def _lines(before: datetime) -> Select[int]:
    return select(Activity.id).where(Activity.subject == "subscriber", Activity.at < before)


# --- what there is


def oldest(session: Session) -> dict[str, datetime | None]:
    """Returns since when there is anything of each kind, None where there is nothing; four look-ups."""
    mailing = session.scalar(select(func.min(Mailing.started_at)).where(Mailing.state.in_(_OVER)))
    reader = session.scalar(select(Subscriber.created_at).order_by(Subscriber.id).limit(1))
    line = session.scalar(select(Activity.at).where(Activity.subject == "subscriber").order_by(Activity.id).limit(1))
    return {"events": mailing, "deliveries": mailing, "ended readers": reader, "lines of the log": line}


# --- rounds


def add_run(session: Session, *, at: datetime, removed: Mapping[str, int] | None) -> None:
    """Writes a round down; the oldest beyond a hundred go."""
    session.add(RetentionRun(at=at, removed=None if removed is None else dict(removed)))
    session.flush()
    newest = select(RetentionRun.id).order_by(RetentionRun.id.desc()).limit(_KEPT_RUNS)
    # The first one says since when this is done, so it stays.
    first = select(func.min(RetentionRun.id))
    session.execute(delete(RetentionRun).where(RetentionRun.id.not_in(newest), RetentionRun.id.not_in(first)))


def first_run(session: Session) -> Run | None:
    """Returns the first round, which announced the others; None before it."""
    return _run(session, RetentionRun.id.asc())


def last_run(session: Session) -> Run | None:
    """Returns the last round."""
    return _run(session, RetentionRun.id.desc())


def _run(session: Session, order: ColumnElement[int]) -> Run | None:
    row = session.scalars(select(RetentionRun).order_by(order).limit(1)).one_or_none()
    return None if row is None else Run(row.at, row.removed)
