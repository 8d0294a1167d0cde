"""The ledger's rows while a mailing runs: claim a batch, write a window, settle what was left open."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import BatchState, Claim, DeliveryState, MailingState, Result

_WAITING = (DeliveryState.PENDING, DeliveryState.DEFERRED)

# A window's statements are built once, with places for its values: building them anew for each window took four times
# as long as running them.
_IN_BATCH = and_(
    Delivery.mailing_id == bindparam("mailing"),
    Delivery.subscriber_id.between(bindparam("first"), bindparam("last")),
)
_IS_DUE = or_(
    Delivery.state == DeliveryState.PENDING,
    and_(Delivery.state == DeliveryState.DEFERRED, Delivery.due_at <= bindparam("now", type_=Delivery.at.type)),
)
_WAITING_IDS = (
    select(Delivery.subscriber_id)
    .where(_IN_BATCH, Delivery.subscriber_id > bindparam("after"), _IS_DUE)
    .order_by(Delivery.subscriber_id)
    .limit(bindparam("limit"))
)
_INTEND = (
    update(Delivery)
    .where(
        Delivery.mailing_id == bindparam("mailing"),
        Delivery.subscriber_id.in_(bindparam("ids", expanding=True)),
        or_(*(Delivery.state == state for state in _WAITING)),
    )
    .values(
        state=DeliveryState.INTENDED,
        fence=bindparam("held_fence"),
        attempt=Delivery.attempt + 1,
        at=bindparam("now"),
        due_at=None,
    )
    .returning(Delivery.subscriber_id, Delivery.attempt)
)
_RECORD = (
    update(Delivery)
    .where(Delivery.mailing_id == bindparam("mailing"), Delivery.subscriber_id == bindparam("who"))
    .values(
        state=bindparam("what"),
        code=bindparam("said"),
        reason=bindparam("why"),
        attempt=Delivery.attempt - bindparam("untried"),
        due_at=bindparam("when"),
        at=bindparam("now"),
    )
)
_RECORD_SENT = _RECORD.where(Delivery.state != DeliveryState.SENT)
_RECORD_OTHERS = _RECORD.where(
    # Not IN (...): SQLAlchemy cannot expand it in a statement that runs for many rows at once.
    or_(Delivery.state == DeliveryState.INTENDED, Delivery.state == DeliveryState.IN_DOUBT),
    Delivery.fence == bindparam("held_fence"),
)
_IS_HELD = (
    Batch.id == bindparam("batch"),
    Batch.state == BatchState.CLAIMED,
    Batch.owner == bindparam("held_by"),
    Batch.fence == bindparam("held_fence"),
)
_RENEW = update(Batch).where(*_IS_HELD).values(lease_until=bindparam("until", type_=Delivery.at.type))
_TAKE_OVER = update(Batch).where(*_IS_HELD).values(fence=Batch.fence + 1)


# --- claiming and recovering


def has_due_batch(session: Session, mailing_id: int, *, now: datetime) -> bool:
    """Tells whether `claim` would find something."""
    return session.scalar(_due_batches(mailing_id, now=now)) is not None


def claim(session: Session, mailing_id: int, *, owner: str, now: datetime, lease_until: datetime) -> Claim | None:
    """Takes the first open batch that is due, raising its fence; None when there is none (or the mailing rests)."""
    batch_id = session.scalar(_due_batches(mailing_id, now=now).with_for_update(skip_locked=True, of=Batch))
    if batch_id is None:
        return None
    taken = (
        update(Batch)
        .where(Batch.id == batch_id, Batch.state == BatchState.OPEN)
        .values(state=BatchState.CLAIMED, owner=owner, lease_until=lease_until, fence=Batch.fence + 1)
        .returning(Batch.first_id, Batch.last_id, Batch.fence)
    )
    row = session.execute(taken).first()
    return None if row is None else Claim(batch_id, mailing_id, row[0], row[1], owner, row[2], lease_until)


def claims(session: Session, mailing_id: int) -> list[Claim]:
    """Returns the batches of a mailing that are in somebody's hands."""
    rows = session.scalars(select(Batch).where(Batch.mailing_id == mailing_id, Batch.state == BatchState.CLAIMED))
    return [
        Claim(row.id, row.mailing_id, row.first_id, row.last_id, row.owner, row.fence, row.lease_until)
        for row in rows
        if row.owner is not None and row.lease_until is not None
    ]


def owners(session: Session) -> set[str]:
    """Returns everybody who holds a batch of any mailing: their journals are still needed."""
    return set(session.scalars(select(Batch.owner).where(Batch.state == BatchState.CLAIMED, Batch.owner.is_not(None))))


def take_over(session: Session, held: Claim) -> bool:
    """Raises the fence of a batch whose sender is gone; False when somebody else did so first."""
    return _changes(session, _TAKE_OVER, _holding(held))


def renew(session: Session, held: Claim, *, lease_until: datetime) -> bool:
    """Prolongs a lease; False when the fence moved on, so that nothing more may be sent."""
    return _changes(session, _RENEW, _holding(held) | {"until": lease_until})


def release(session: Session, held: Claim, *, now: datetime) -> None:
    """Gives a batch back: open as long as something in it waits (due when the first of it is), else done."""
    waits_until = case((Delivery.state == DeliveryState.DEFERRED, Delivery.due_at), else_=now)
    due_at = session.scalar(
        select(func.min(waits_until, type_=Delivery.at.type)).where(_in_range(held), Delivery.state.in_(_WAITING))
    )
    session.execute(
        update(Batch)
        .where(Batch.id == held.batch_id)
        .values(
            state=BatchState.DONE if due_at is None else BatchState.OPEN,
            due_at=due_at or now,
            owner=None,
            lease_until=None,
        )
    )


def intended_ids(session: Session, held: Claim) -> list[int]:
    """Returns the subscribers of a batch whose message was about to leave."""
    query = select(Delivery.subscriber_id).where(_in_range(held), Delivery.state == DeliveryState.INTENDED)
    return list(session.scalars(query.order_by(Delivery.subscriber_id)))


# --- windows


def waiting_ids(session: Session, held: Claim, *, after_id: int, limit: int, now: datetime) -> list[int]:
    """Returns the next subscribers of a batch who are due, by id."""
    place = {"mailing": held.mailing_id, "first": held.first_id, "last": held.last_id, "after": after_id}
    return list(session.connection().execute(_WAITING_IDS, place | {"limit": limit, "now": now}).scalars())


def intend(session: Session, held: Claim, subscriber_ids: Collection[int], *, now: datetime) -> dict[int, int]:
    """Writes down that these messages are about to leave; returns for which it is so, and their attempt."""
    if not subscriber_ids:
        return {}
    values = {"mailing": held.mailing_id, "ids": list(subscriber_ids), "held_fence": held.fence, "now": now}
    return {row.subscriber_id: row.attempt for row in session.connection().execute(_INTEND, values)}


def exclude(session: Session, mailing_id: int, reasons: dict[int, str], *, now: datetime) -> None:
    """Takes waiting deliveries out of the mailing, each with its reason."""
    if not reasons:
        return
    statement = (
        update(Delivery)
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.subscriber_id == bindparam("who"),
            _is_one_of(*_WAITING),
        )
        .values(state=DeliveryState.EXCLUDED, reason=bindparam("why"), at=now, due_at=None)
    )
    session.connection().execute(statement, [{"who": id_, "why": why[:200]} for id_, why in reasons.items()])


def record(session: Session, held: Claim, results: Sequence[Result], *, now: datetime) -> None:
    """Writes results, even when the fence moved on: they are facts.

    That a message was sent overrides whatever is written; anything else only what this claim left open.
    """
    scope = {"mailing": held.mailing_id, "held_fence": held.fence, "now": now}
    sent = [_parameters(each) | scope for each in results if each.state is DeliveryState.SENT]
    others = [_parameters(each) | scope for each in results if each.state is not DeliveryState.SENT]
    connection = session.connection()
    if sent:
        connection.execute(_RECORD_SENT, sent)
    if others:
        connection.execute(_RECORD_OTHERS, others)


def cancel_waiting(session: Session, mailing_id: int, held: Claim | None = None) -> None:
    """Takes everything that waits out of a mailing (or of one batch), so that it will never leave."""
    scope = Delivery.mailing_id == mailing_id if held is None else _in_range(held)
    session.execute(
        update(Delivery).where(scope, Delivery.state.in_(_WAITING)).values(state=DeliveryState.CANCELLED, due_at=None)
    )
    if held is None:
        session.execute(
            update(Batch)
            .where(Batch.mailing_id == mailing_id, Batch.state == BatchState.OPEN)
            .values(state=BatchState.DONE)
        )


# --- the end


def has_unfinished_batch(session: Session, mailing_id: int) -> bool:
    """Tells whether any batch is open or in somebody's hands."""
    query = select(Batch.id).where(Batch.mailing_id == mailing_id, Batch.state != BatchState.DONE).limit(1)
    return session.scalar(query) is not None


def settle(
    session: Session,
    mailing_id: int,
    subscriber_id: int,
    state: DeliveryState,
    *,
    now: datetime,
    reason: str = "settled by hand",
) -> bool:
    """Moves a delivery out of doubt; False when it is in none. Set to pending, its batch opens again."""
    statement = (
        update(Delivery)
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.subscriber_id == subscriber_id,
            Delivery.state == DeliveryState.IN_DOUBT,
        )
        .values(state=state, at=now, due_at=None, reason=reason)
    )
    is_settled = _changes(session, statement)
    if is_settled and state is DeliveryState.PENDING:
        session.execute(
            update(Batch)
            .where(
                Batch.mailing_id == mailing_id,
                Batch.first_id <= subscriber_id,
                Batch.last_id >= subscriber_id,
                Batch.state != BatchState.CLAIMED,
            )
            .values(state=BatchState.OPEN, due_at=now)
        )
    return is_settled


def _parameters(result: Result) -> dict[str, Any]:
    return {
        "who": result.subscriber_id,
        "what": result.state,
        "said": result.code,
        "why": result.reason[:200] or None,
        # What never left does not count as tried.
        "untried": int(result.state is DeliveryState.PENDING),
        "when": result.due_at,
    }


def _is_one_of(*states: DeliveryState) -> ColumnElement[bool]:
    # Not IN (...): SQLAlchemy cannot expand it in a statement that runs for many rows at once.
    return or_(*(Delivery.state == state for state in states))


def _in_range(held: Claim) -> ColumnElement[bool]:
    return and_(Delivery.mailing_id == held.mailing_id, Delivery.subscriber_id.between(held.first_id, held.last_id))


def _holding(held: Claim) -> dict[str, Any]:
    return {"batch": held.batch_id, "held_by": held.owner, "held_fence": held.fence}


def _due_batches(mailing_id: int, *, now: datetime) -> Any:
    return (
        select(Batch.id)
        .join(Mailing, Mailing.id == Batch.mailing_id)
        .where(
            Batch.mailing_id == mailing_id,
            Batch.state == BatchState.OPEN,
            Batch.due_at <= now,
            Mailing.state == MailingState.RUNNING,
            or_(Mailing.retry_at.is_(None), Mailing.retry_at <= now),
        )
        .order_by(Batch.due_at, Batch.batch_no)
        .limit(1)
    )


def _changes(session: Session, statement: Any, values: dict[str, Any] | None = None) -> bool:
    # On the connection: the rows are not in the session, and telling it of the change costs more than the change.
    return session.connection().execute(statement, values or {}).rowcount == 1
