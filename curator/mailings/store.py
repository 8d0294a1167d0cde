"""The mailings' rows: their states and views, and the freezing of an audience (ledger/store.py has the sending).

Whoever writes to a running mailing locks its row first (senders share the lock, pause and cancel do not), then
deliveries, then batches: one order, so no two can wait for each other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    distinct,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from curator.audience import store as audience
from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SubscriptionState
from curator.db import changed
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
)

TEST_MODE = "test mode"
"""Why readers get nothing in a test: until their newsletter is live, mail goes to people at the desk only."""

GOT_IT = "got this issue already"
MAY_HAVE_GOT_IT = "may have got this issue already"

_LIVE = (MailingState.HOLDING, MailingState.BUILDING, MailingState.RUNNING, MailingState.PAUSED)
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


def add_facts(session: Session, mailing_id: int, *, hard_bounces: int = 0, complaints: int = 0) -> None:
    """Adds facts that came after the relay's answer: dead addresses and complaints."""
    counted = {"hard_bounces": Mailing.hard_bounces + hard_bounces, "complaints": Mailing.complaints + complaints}
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(**counted))


def mailing(session: Session, mailing_id: int) -> MailingView:
    """Returns one mailing with its balance; raises NotFoundError."""
    row = session.get(Mailing, mailing_id, populate_existing=True)
    if row is None:
        raise NotFoundError("mailing", mailing_id)
    return _views(session, [row])[0]


def state(session: Session, mailing_id: int) -> MailingState:
    """Returns where a mailing stands; raises NotFoundError."""
    found = session.scalar(select(Mailing.state).where(Mailing.id == mailing_id))
    if found is None:
        raise NotFoundError("mailing", mailing_id)
    return MailingState(found)


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


def live_ids(session: Session) -> list[int]:
    """Returns the mailings that have not ended, oldest first."""
    return list(session.scalars(select(Mailing.id).where(Mailing.state.in_(_LIVE)).order_by(Mailing.id)))


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


def add_deliveries(
    session: Session, mailing_id: int, build: Build, *, last_id: int, staff: Collection[str] | None, now: datetime
) -> int:
    """Writes the candidates after the build's cursor up to `last_id` into the ledger, pending or excluded; counts them.

    Whoever got the issue before, or may have got it, is excluded for that; with `staff` everybody else but them for
    being readers of a test. One statement: the database copies a million rows in seconds.
    """
    who = audience.audience(build.newsletter_id).where(
        Subscription.subscriber_id > build.cursor, Subscription.subscriber_id <= last_id
    )
    each, before = who.subquery(), _before(session, mailing_id, build, last_id=last_id)
    reason = _exclusion(each, before, staff)
    source = each if before is None else each.outerjoin(before, before.c.subscriber_id == each.c.subscriber_id)
    chosen = select(each.c.subscriber_id, reason.label("reason")).select_from(source).subquery()
    state = case((chosen.c.reason.is_(None), DeliveryState.PENDING), else_=DeliveryState.EXCLUDED)
    columns = (literal(mailing_id), chosen.c.subscriber_id, state, chosen.c.reason, literal(0), literal(0))
    rows = select(*columns, literal(now, Delivery.at.type)).order_by(chosen.c.subscriber_id)
    names = ["mailing_id", "subscriber_id", "state", "reason", "attempt", "fence", "at"]
    written = insert(Delivery).from_select(names, rows, include_defaults=False)
    count = changed(session, written.execution_options(preserve_rowcount=True))
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(candidates=Mailing.candidates + count))
    return count


def _exclusion(each: Subquery, before: Subquery | None, staff: Collection[str] | None) -> ColumnElement[str | None]:
    reasons: list[ColumnElement[Any]] = [] if before is None else [before.c.reason]
    reasons.append(each.c.exclusion)
    if staff is not None:
        reasons.append(case((each.c.address_key.not_in(staff), TEST_MODE)))
    return func.coalesce(*reasons) if len(reasons) > 1 else reasons[0]


def _before(session: Session, mailing_id: int, build: Build, *, last_id: int) -> Subquery | None:
    """Returns who is left out for what they got (or may have) in another mailing; None when there was no other."""
    had = _had(build.issue_id, build.revision_id, is_test=build.is_test)
    others = session.scalars(select(Mailing.id).where(had, Mailing.id != mailing_id)).all()
    if not others:
        return None
    # "got" comes before "may have got": the surer reason is the lesser word.
    reason = func.min(case((Delivery.state == DeliveryState.SENT, GOT_IT), else_=MAY_HAVE_GOT_IT))
    place = Delivery.subscriber_id > build.cursor, Delivery.subscriber_id <= last_id
    query = select(Delivery.subscriber_id, reason.label("reason"))
    return (
        query.where(Delivery.mailing_id.in_(others), *place, Delivery.state.in_(_GOT_IT))
        .group_by(Delivery.subscriber_id)
        .subquery()
    )


def add_batches(session: Session, mailing_id: int, *, after_id: int, last_id: int, size: int, now: datetime) -> None:
    """Cuts the pending deliveries after `after_id` up to `last_id` into open batches of `size`, numbered on."""
    waiting = Delivery.mailing_id == mailing_id, Delivery.state == DeliveryState.PENDING
    ids = select(
        Delivery.subscriber_id, (func.row_number().over(order_by=Delivery.subscriber_id) - 1).label("place")
    ).where(*waiting, Delivery.subscriber_id > after_id, Delivery.subscriber_id <= last_id)
    numbered = ids.subquery()
    group = numbered.c.place // size
    ranges = session.execute(
        select(func.min(numbered.c.subscriber_id), func.max(numbered.c.subscriber_id)).group_by(group).order_by(group)
    ).all()
    last = session.scalar(select(func.max(Batch.batch_no)).where(Batch.mailing_id == mailing_id)) or 0
    session.add_all(
        Batch(mailing_id=mailing_id, batch_no=number, first_id=first, last_id=last_one, due_at=now)
        for number, (first, last_one) in enumerate(ranges, start=last + 1)
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
