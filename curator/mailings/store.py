"""The mailings' rows: their states and views, and the freezing of an audience (ledger/store.py has the sending).

Whoever writes to a running mailing locks its row first (senders share the lock, pause and cancel do not), then
deliveries, then batches: one order, so no two can wait for each other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    distinct,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SubscriptionState
from curator.errors import NotFoundError
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import (
    Balance,
    BatchState,
    Build,
    DeliveryRow,
    DeliveryState,
    MailingState,
    MailingView,
    NewDelivery,
)

_LIVE = (MailingState.BUILDING, MailingState.RUNNING, MailingState.PAUSED)
_GOT_IT = (DeliveryState.SENT, DeliveryState.IN_DOUBT, DeliveryState.INTENDED)


# --- mailings


def live_mailing_id(session: Session, issue_id: int) -> int | None:
    """Returns the mailing of an issue that has not ended, None when there is none."""
    return session.scalar(select(Mailing.id).where(Mailing.issue_id == issue_id, Mailing.state.in_(_LIVE)))


def add_mailing(
    session: Session, *, issue_id: int, revision_id: int, newsletter_id: int, is_test: bool, now: datetime
) -> int:
    """Adds a mailing that is being built and returns its id."""
    row = Mailing(
        issue_id=issue_id,
        revision_id=revision_id,
        newsletter_id=newsletter_id,
        state=MailingState.BUILDING,
        is_test=is_test,
        highest_id=session.scalar(select(func.max(Subscriber.id))) or 0,
        started_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def lock(session: Session, mailing_id: int, *, is_shared: bool = False) -> Mailing:
    """Returns the mailing's row as it stands now, held until the transaction ends; raises NotFoundError.

    Senders share the lock with each other; whoever changes the mailing's state holds it alone.
    """
    query = select(Mailing).where(Mailing.id == mailing_id).with_for_update(read=is_shared, key_share=is_shared)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError("mailing", mailing_id)
    return row


def set_state(
    session: Session,
    mailing_id: int,
    state: MailingState,
    *,
    reason: str = "",
    finished_at: datetime | None = None,
) -> None:
    """Moves a mailing to a state, with the reason for it; troubles of the relay are forgotten."""
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(state=state, reason=reason[:500], finished_at=finished_at, retry_at=None, troubles=0)
    )


def note_trouble(session: Session, mailing_id: int, *, reason: str, retry_at: datetime) -> None:
    """Counts one more failure of the relay and says when it is tried again."""
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(troubles=Mailing.troubles + 1, reason=reason[:500], retry_at=retry_at)
    )


def forget_trouble(session: Session, mailing_id: int) -> None:
    """Notes that the relay works (again)."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(troubles=0, reason="", retry_at=None))


def mailing(session: Session, mailing_id: int) -> MailingView:
    """Returns one mailing with its balance; raises NotFoundError."""
    row = session.get(Mailing, mailing_id, populate_existing=True)
    if row is None:
        raise NotFoundError("mailing", mailing_id)
    return _views(session, [row])[0]


def is_there(session: Session, mailing_id: int) -> bool:
    """Tells whether there is such a mailing; a link in a mail may name one that a restored backup lacks."""
    return session.scalar(select(Mailing.id).where(Mailing.id == mailing_id)) is not None


def mailings(
    session: Session, *, issue_id: int | None = None, is_live: bool = False, limit: int = 50
) -> list[MailingView]:
    """Returns mailings with their balances, newest first; of one issue or of all, or only those that have not ended."""
    query = select(Mailing).order_by(Mailing.id.desc()).limit(limit)
    if issue_id is not None:
        query = query.where(Mailing.issue_id == issue_id)
    if is_live:
        query = query.where(Mailing.state.in_(_LIVE))
    return _views(session, session.scalars(query).all())


def issues_sent_since(session: Session, at: datetime, *, limit: int = 50) -> list[int]:
    """Returns the issues of at most `limit` mailings to readers (no tests) that were started from this moment on."""
    query = select(Mailing.issue_id).where(Mailing.started_at >= at, Mailing.is_test.is_(False))
    return list(session.scalars(query.order_by(Mailing.id.desc()).limit(limit)))


def ended_since(session: Session, at: datetime, *, limit: int = 200) -> list[int]:
    """Returns at most `limit` mailings that were finished or cancelled from this moment on, newest first."""
    query = select(Mailing.id).where(Mailing.state.not_in(_LIVE), Mailing.finished_at >= at)
    return list(session.scalars(query.order_by(Mailing.id.desc()).limit(limit)))


def pumpable_ids(session: Session, *, now: datetime) -> list[int]:
    """Returns the mailings that a pump can do something for, oldest first: build, recover, send, or finish."""
    due = _has_batch(Batch.state == BatchState.OPEN, Batch.due_at <= now)
    held = _has_batch(Batch.state == BatchState.CLAIMED)
    unfinished = _has_batch(Batch.state != BatchState.DONE)
    may_try = or_(Mailing.retry_at.is_(None), Mailing.retry_at <= now)
    is_running = and_(Mailing.state == MailingState.RUNNING, may_try, or_(due, held, not_(unfinished)))
    # Whatever a killed sender left open is settled even when nothing will be sent any more.
    is_stopped = and_(Mailing.state.in_((MailingState.CANCELLED, MailingState.PAUSED)), held)
    query = select(Mailing.id).where(or_(Mailing.state == MailingState.BUILDING, is_running, is_stopped))
    return list(session.scalars(query.order_by(Mailing.id)))


def balance(session: Session, mailing_id: int) -> Balance:
    """Returns the accounts of a mailing."""
    return mailing(session, mailing_id).balance


def deliveries(
    session: Session, mailing_id: int, *, states: Collection[DeliveryState], after_id: int = 0, limit: int = 100
) -> list[DeliveryRow]:
    """Returns deliveries in these states by subscriber id, at most `limit` after `after_id`."""
    rows = session.execute(
        select(Delivery, Subscriber.address)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.mailing_id == mailing_id, Delivery.state.in_(states), Delivery.subscriber_id > after_id)
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    return [
        DeliveryRow(
            row.subscriber_id, address or "erased", DeliveryState(row.state), row.code, row.reason or "", row.at
        )
        for row, address in rows
    ]


def got_it_already(
    session: Session, issue_id: int, revision_id: int, *, is_test: bool, among: Collection[str] | None = None
) -> int:
    """Returns how many of those who could get a revision now are left out because of what they got (or may have).

    `among` narrows to addresses. In a test, and for what was a test, only the same revision counts: see `_had`.
    Only who is subscribed and not suppressed counts, so that the number can be taken from that of all such.
    """
    query = (
        select(func.count(distinct(Delivery.subscriber_id)))
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            _had(issue_id, revision_id, is_test=is_test),
            Delivery.state.in_(_GOT_IT),
            Subscription.newsletter_id == Mailing.newsletter_id,
            Subscription.state == SubscriptionState.ACTIVE,
            Suppression.address_key.is_(None),
        )
    )
    if among is not None:
        query = query.where(Subscriber.address_key.in_(among))
    return session.scalar(query) or 0


# --- freezing the audience


def build(session: Session, mailing_id: int) -> Build | None:
    """Returns how far the building of a mailing is, locking it; None when it is built (or was cancelled)."""
    row = lock(session, mailing_id)
    if row.state != MailingState.BUILDING:
        return None
    cursor = session.scalar(select(func.max(Delivery.subscriber_id)).where(Delivery.mailing_id == mailing_id))
    return Build(row.issue_id, row.revision_id, row.newsletter_id, row.highest_id, cursor or 0, row.is_test)


def got_it_before(session: Session, build: Build, *, first_id: int, last_id: int) -> dict[int, DeliveryState]:
    """Returns who, from `first_id` to `last_id`, is left out for what they got (or may have) in another mailing."""
    rows = session.execute(
        select(Delivery.subscriber_id, Delivery.state)
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .where(
            _had(build.issue_id, build.revision_id, is_test=build.is_test),
            Delivery.subscriber_id.between(first_id, last_id),
            Delivery.state.in_(_GOT_IT),
        )
    )
    return {subscriber_id: DeliveryState(state) for subscriber_id, state in rows}


def add_deliveries(session: Session, mailing_id: int, rows: Sequence[NewDelivery], *, now: datetime) -> None:
    """Writes candidates into the ledger, pending or excluded, and counts them."""
    session.execute(
        insert(Delivery),
        [
            {
                "mailing_id": mailing_id,
                "subscriber_id": row.subscriber_id,
                "state": DeliveryState.EXCLUDED if row.exclusion else DeliveryState.PENDING,
                "reason": row.exclusion,
                "at": now,
            }
            for row in rows
        ],
    )
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(candidates=Mailing.candidates + len(rows)))


def add_batches(session: Session, mailing_id: int, ranges: Sequence[tuple[int, int]], *, now: datetime) -> None:
    """Adds open batches, one for each range of subscriber ids (both ends included), numbered on."""
    last = session.scalar(select(func.max(Batch.batch_no)).where(Batch.mailing_id == mailing_id)) or 0
    session.add_all(
        Batch(mailing_id=mailing_id, batch_no=number, first_id=first, last_id=last_id, due_at=now)
        for number, (first, last_id) in enumerate(ranges, start=last + 1)
    )
    session.flush()


def _had(issue_id: int, revision_id: int, *, is_test: bool) -> ColumnElement[bool]:
    """Selects the mailings whose receivers do not get a revision.

    Nobody gets the same content twice. An issue comes once, but a test of words that were mended since was none of it.
    """
    is_same = Mailing.revision_id == revision_id
    return and_(Mailing.issue_id == issue_id, is_same if is_test else or_(is_same, Mailing.is_test.is_(False)))


def _has_batch(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(Batch.id).where(Batch.mailing_id == Mailing.id, *conditions))


def _views(session: Session, rows: Sequence[Mailing]) -> list[MailingView]:
    """Returns the views of mailings with one query for all balances."""
    counted = session.execute(
        select(
            Delivery.mailing_id,
            Delivery.state,
            case((Delivery.state == DeliveryState.EXCLUDED, Delivery.reason)).label("why"),
            func.count(),
        )
        .where(Delivery.mailing_id.in_([row.id for row in rows]))
        .group_by(Delivery.mailing_id, Delivery.state, "why")
    ).all()
    return [_view(row, [tuple(each[1:]) for each in counted if each[0] == row.id]) for row in rows]


def _view(row: Mailing, counted: Sequence[tuple[Any, ...]]) -> MailingView:
    by_state: dict[DeliveryState, int] = {}
    excluded: dict[str, int] = {}
    for state, why, count in counted:
        by_state[DeliveryState(state)] = by_state.get(DeliveryState(state), 0) + count
        if state == DeliveryState.EXCLUDED:
            excluded[why or ""] = count
    return MailingView(
        id=row.id,
        issue_id=row.issue_id,
        revision_id=row.revision_id,
        newsletter_id=row.newsletter_id,
        state=MailingState(row.state),
        reason=row.reason,
        started_at=row.started_at,
        finished_at=row.finished_at,
        retry_at=row.retry_at,
        balance=Balance(row.candidates, by_state, excluded),
        is_test=row.is_test,
    )
