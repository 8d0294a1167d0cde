"""The ledger's rows while a mailing runs: claim a batch, write a window, settle what was left open.

Whoever changes deliveries holds their batch first, and counts there what was changed (counts/store.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    SmallInteger,
    String,
    and_,
    bindparam,
    case,
    column,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from curator.db import among, changed, each_dialect, run
from curator.mailings.counts import store as counts
from curator.mailings.eta import RECENT
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import BatchState, Claim, DeliveryState, MailingState, Result

_WAITING = (DeliveryState.PENDING, DeliveryState.DEFERRED)

# A window's statements are built once, with places for its values: building them anew for each window took four times
# as long as running them.
_IN_BATCH = and_(
    Delivery.mailing_id == bindparam("mailing"),
    Delivery.subscriber_id.between(bindparam("first"), bindparam("last")),
    Delivery.wave == bindparam("of_wave"),
)
_IS_DUE = or_(
    Delivery.state == DeliveryState.PENDING,
    and_(Delivery.state == DeliveryState.DEFERRED, Delivery.due_at <= bindparam("now", type_=Delivery.at.type)),
)
_WAITING_ONES = (
    select(Delivery.subscriber_id, Delivery.state)
    .where(_IN_BATCH, Delivery.subscriber_id > bindparam("after"), _IS_DUE)
    .order_by(Delivery.subscriber_id)
    .limit(bindparam("limit"))
)
_INTEND = each_dialect(
    lambda dialect: (
        update(Delivery)
        .where(
            Delivery.mailing_id == bindparam("mailing"),
            among(Delivery.subscriber_id, "ids", dialect=dialect),
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
_IS_INTENDED = Delivery.state == DeliveryState.INTENDED, Delivery.fence == bindparam("held_fence")
_RECORD_INTENDED = _RECORD.where(*_IS_INTENDED)


def _record_at_once() -> Any:
    """Returns the same for all rows of a window in one statement of PostgreSQL, which takes a third of the time.

    SQLite is asked row by row, without a way to a server and back.
    """
    types = {
        "who": BigInteger(),
        "what": String(),
        "said": SmallInteger(),
        "why": String(),
        "untried": SmallInteger(),
        "when": Delivery.due_at.type,
    }
    places = [bindparam(f"all_{name}", type_=ARRAY(type_)) for name, type_ in types.items()]
    rows = func.unnest(*places).table_valued(*(column(*each) for each in types.items())).render_derived("result").c
    return (
        update(Delivery)
        .where(
            Delivery.mailing_id == bindparam("mailing"),
            Delivery.subscriber_id == rows.who,
            Delivery.subscriber_id.between(bindparam("first"), bindparam("last")),
            *_IS_INTENDED,
        )
        .values(
            state=rows.what,
            code=rows.said,
            reason=rows.why,
            attempt=Delivery.attempt - rows.untried,
            due_at=rows.when,
            at=bindparam("now"),
        )
    )


_RECORD_AT_ONCE = _record_at_once()
_IS_HELD = (
    Batch.id == bindparam("batch"),
    Batch.state == BatchState.CLAIMED,
    Batch.owner == bindparam("held_by"),
    Batch.fence == bindparam("held_fence"),
)
_RENEW = (
    update(Batch).where(*_IS_HELD).values(counts.MORE | {"lease_until": bindparam("until", type_=Delivery.at.type)})
)
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
        .values(_begin_round(now))
        .returning(Batch.first_id, Batch.last_id, Batch.fence, Batch.wave)
    )
    row = session.execute(taken).first()
    return None if row is None else Claim(batch_id, mailing_id, row[0], row[1], owner, row[2], lease_until, row[3])


def _begin_round(now: datetime) -> dict[str, Any]:
    """Returns what begins a new round of a batch that somebody let go of long ago.

    What a rate is read from would else count all of a batch again whenever one message in it is tried again.
    """
    is_over = Batch.released_at < now - RECENT
    settled = Batch.sent + Batch.refused + Batch.in_doubt
    return {
        "settled_before": case((is_over, settled), else_=Batch.settled_before),
        "released_at": case((is_over, None), else_=Batch.released_at),
    }


def claims(session: Session, mailing_id: int) -> list[Claim]:
    """Returns the batches of a mailing that are in somebody's hands."""
    rows = session.scalars(select(Batch).where(Batch.mailing_id == mailing_id, Batch.state == BatchState.CLAIMED))
    return [
        Claim(row.id, row.mailing_id, row.first_id, row.last_id, row.owner, row.fence, row.lease_until, row.wave)
        for row in rows
        if row.owner is not None and row.lease_until is not None
    ]


def owners(session: Session) -> set[str]:
    """Returns everybody who holds a batch of any mailing: their journals are still needed."""
    return set(session.scalars(select(Batch.owner).where(Batch.state == BatchState.CLAIMED, Batch.owner.is_not(None))))


def take_over(session: Session, held: Claim) -> bool:
    """Raises the fence of a batch whose sender is gone; False when somebody else did so first."""
    return _changes(session, _TAKE_OVER, _holding(held))


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
            released_at=func.coalesce(Batch.released_at, now),
        )
    )


def intended_ids(session: Session, held: Claim) -> list[int]:
    """Returns the subscribers of a batch whose message was about to leave."""
    query = select(Delivery.subscriber_id).where(_in_range(held), Delivery.state == DeliveryState.INTENDED)
    return list(session.scalars(query.order_by(Delivery.subscriber_id)))


# --- windows


def waiting(session: Session, held: Claim, *, after_id: int, limit: int, now: datetime) -> dict[int, DeliveryState]:
    """Returns the next subscribers of a batch who are due, by id, each with whether they are pending or deferred."""
    place = {"mailing": held.mailing_id, "first": held.first_id, "last": held.last_id, "of_wave": held.wave}
    bounds = {"after": after_id, "limit": limit, "now": now}
    rows = session.connection().execute(_WAITING_ONES, place | bounds)
    return {id_: DeliveryState(state) for id_, state in rows}


def intend(session: Session, held: Claim, chosen: Mapping[int, DeliveryState], *, now: datetime) -> dict[int, int]:
    """Writes down that these messages are about to leave; returns for which it is so, and their attempt.

    `chosen` is of what `waiting` gave.
    """
    if not chosen:
        return {}
    values = {"mailing": held.mailing_id, "ids": list(chosen), "held_fence": held.fence, "now": now}
    attempts = {row.subscriber_id: row.attempt for row in run(session, _INTEND, values)}
    tried_again = sum(chosen[id_] is DeliveryState.DEFERRED for id_ in attempts)
    counts.add(session, held.batch_id, {DeliveryState.DEFERRED: -tried_again})
    return attempts


def exclude(
    session: Session, held: Claim, reasons: Mapping[int, str], waits: Mapping[int, DeliveryState], *, now: datetime
) -> Counter[str]:
    """Takes waiting deliveries out of the mailing, each with its reason; returns how many, by reason.

    `waits` is what `waiting` gave. The caller hands the numbers on to `counts.add_exclusions` at the end.
    """
    if not reasons:
        return Counter()
    statement = (
        update(Delivery)
        .where(
            Delivery.mailing_id == held.mailing_id,
            Delivery.subscriber_id == bindparam("who"),
            _is_one_of(*_WAITING),
        )
        .values(state=DeliveryState.EXCLUDED, reason=bindparam("why"), at=now, due_at=None)
    )
    words = {id_: why[:200] for id_, why in reasons.items()}
    session.connection().execute(statement, [{"who": id_, "why": why} for id_, why in words.items()])
    deferred = sum(waits[id_] is DeliveryState.DEFERRED for id_ in words)
    changes = {DeliveryState.EXCLUDED: len(words), DeliveryState.DEFERRED: -deferred}
    counts.add(session, held.batch_id, changes)
    return Counter(words.values())


def put_off(
    session: Session,
    held: Claim,
    turns: Mapping[int, datetime],
    waits: Mapping[int, DeliveryState],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Lets waiting deliveries wait on, each for a moment of its own; that is no try. `waits` is what `waiting` gave.

    The last moment stands in their batch too, because a wave has not left before it.
    """
    if not turns:
        return
    statement = (
        update(Delivery)
        .where(
            Delivery.mailing_id == held.mailing_id, Delivery.subscriber_id == bindparam("who"), _is_one_of(*_WAITING)
        )
        .values(state=DeliveryState.DEFERRED, reason=reason[:200], due_at=bindparam("when"), at=now)
    )
    session.connection().execute(statement, [{"who": id_, "when": at} for id_, at in turns.items()])
    fresh = sum(waits[id_] is DeliveryState.PENDING for id_ in turns)
    counts.add(session, held.batch_id, {DeliveryState.DEFERRED: fresh})
    last = max(turns.values())
    is_later = or_(Batch.turns_until.is_(None), Batch.turns_until < last)
    session.execute(update(Batch).where(Batch.id == held.batch_id, is_later).values(turns_until=last))


def record(
    session: Session, held: Claim, results: Sequence[Result], *, now: datetime, lease_until: datetime | None = None
) -> bool:
    """Writes a window's results, counts them, and prolongs the lease; False when the fence moved on.

    Then nothing more may be sent, but the results are written all the same: they are facts. That a message was sent
    overrides whatever is written; anything else only what this claim left open.
    """
    by_state = Counter(each.state for each in results)
    until = lease_until or held.lease_until
    if not _changes(session, _RENEW, _holding(held) | counts.more(by_state) | {"until": until}):
        _record_late(session, held, results, now=now)
        return False
    for state in by_state:
        group = [each for each in results if each.state is state]
        missed = len(group) - _record_intended(session, held, group, now=now)
        if missed:
            # Somebody's late word was here first.
            counts.add(session, held.batch_id, {state: -missed})
            _record_late(session, held, group, now=now)
    return True


def _record_intended(session: Session, held: Claim, results: Sequence[Result], *, now: datetime) -> int:
    scope = {"mailing": held.mailing_id, "held_fence": held.fence, "now": now}
    rows = [_parameters(each) for each in results]
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        arrays = {f"all_{name}": [row[name] for row in rows] for name in rows[0]}
        bounds = {"first": min(arrays["all_who"]), "last": max(arrays["all_who"])}
        return connection.execute(_RECORD_AT_ONCE, scope | bounds | arrays).rowcount
    return connection.execute(_RECORD_INTENDED, [row | scope for row in rows]).rowcount


def _record_late(session: Session, held: Claim, results: Sequence[Result], *, now: datetime) -> None:
    """Writes facts one by one: what each changes depends on what stands there.

    What is to leave after all opens its batch again; in a mailing that has ended it stays in doubt, for a person.
    """
    session.execute(select(Batch.id).where(Batch.id == held.batch_id).with_for_update())
    ended = MailingState(session.scalars(select(Mailing.state).where(Mailing.id == held.mailing_id)).one()).is_final
    ids = [each.subscriber_id for each in results]
    found = session.execute(
        select(Delivery.subscriber_id, Delivery.state, Delivery.fence, Delivery.reason)
        .where(Delivery.mailing_id == held.mailing_id, Delivery.subscriber_id.in_(ids))
        .order_by(Delivery.subscriber_id)
        .with_for_update()
    )
    stands = {row.subscriber_id: row for row in found}
    changes: Counter[DeliveryState] = Counter()
    left_in: Counter[str] = Counter()
    for each in results:
        row = stands.get(each.subscriber_id)
        if row is None or not _is_news(each, DeliveryState(row.state), is_own=row.fence == held.fence):
            continue
        if ended and each.state in _WAITING and row.state == DeliveryState.IN_DOUBT:
            continue
        session.connection().execute(_RECORD, _parameters(each) | {"mailing": held.mailing_id, "now": now})
        changes[DeliveryState(row.state)] -= 1
        changes[each.state] += 1
        if row.state == DeliveryState.EXCLUDED:
            left_in[row.reason or ""] -= 1
    counts.add(session, held.batch_id, changes)
    if any(changes[state] > 0 for state in _WAITING):
        is_done = Batch.id == held.batch_id, Batch.state == BatchState.DONE
        session.execute(update(Batch).where(*is_done).values(state=BatchState.OPEN, due_at=now))
    counts.add_exclusions(session, held.mailing_id, left_in)


def _is_news(result: Result, stands: DeliveryState, *, is_own: bool) -> bool:
    if result.state is DeliveryState.SENT:
        return stands is not DeliveryState.SENT
    return is_own and stands in (DeliveryState.INTENDED, DeliveryState.IN_DOUBT)


def cancel_waiting(session: Session, mailing_id: int) -> None:
    """Takes everything that waits out of a mailing, so that it will never leave; the caller holds the mailing alone."""
    gone = {"state": DeliveryState.CANCELLED, "due_at": None}
    scope = Delivery.mailing_id == mailing_id, Delivery.state.in_(_WAITING)
    session.execute(update(Delivery).where(*scope).values(gone).execution_options(synchronize_session=False))
    counts.settle_cancelled(session, mailing_id)
    session.execute(
        update(Batch)
        .where(Batch.mailing_id == mailing_id, Batch.state == BatchState.OPEN)
        .values(state=BatchState.DONE)
    )


def cancel_rest(session: Session, held: Claim) -> None:
    """Takes what waits in a batch out of its mailing, which was cancelled while the batch was in somebody's hands."""
    deferred = _in_range(held), Delivery.state == DeliveryState.DEFERRED
    put_off = session.scalar(select(func.count()).where(*deferred)) or 0
    waits = update(Delivery).where(_in_range(held), Delivery.state.in_(_WAITING))
    cancelled = changed(session, waits.values(state=DeliveryState.CANCELLED, due_at=None))
    changes = {DeliveryState.CANCELLED: cancelled, DeliveryState.DEFERRED: -put_off}
    counts.add(session, held.batch_id, changes)


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
    reason: str = "Settled by hand.",
) -> bool:
    """Moves a delivery out of doubt; False when it is in none. Set to pending, its batch opens again."""
    batch_id = _batch_of(session, mailing_id, subscriber_id)
    statement = (
        update(Delivery)
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.subscriber_id == subscriber_id,
            Delivery.state == DeliveryState.IN_DOUBT,
        )
        .values(state=state, at=now, due_at=None, reason=reason)
    )
    if not _changes(session, statement):
        return False
    if batch_id is not None:
        counts.add(session, batch_id, {DeliveryState.IN_DOUBT: -1, state: 1})
    if state is DeliveryState.PENDING:
        rests = Batch.id == batch_id, Batch.state != BatchState.CLAIMED
        session.execute(update(Batch).where(*rests).values(state=BatchState.OPEN, due_at=now))
    return True


def _batch_of(session: Session, mailing_id: int, subscriber_id: int) -> int | None:
    """Returns the batch in which a delivery is, held until the transaction ends."""
    query = (
        select(Batch.id)
        .join(Delivery, and_(Delivery.mailing_id == Batch.mailing_id, Delivery.wave == Batch.wave))
        .where(
            Batch.mailing_id == mailing_id,
            Delivery.subscriber_id == subscriber_id,
            Batch.first_id <= subscriber_id,
            Batch.last_id >= subscriber_id,
        )
    )
    return session.scalar(query.with_for_update(of=Batch))


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
    place = Delivery.subscriber_id.between(held.first_id, held.last_id)
    return and_(Delivery.mailing_id == held.mailing_id, place, Delivery.wave == held.wave)


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
            Batch.wave <= Mailing.wave,
            Mailing.state == MailingState.RUNNING,
            or_(Mailing.retry_at.is_(None), Mailing.retry_at <= now),
            or_(Mailing.waits_until.is_(None), Mailing.waits_until <= now),
        )
        .order_by(Batch.due_at, Batch.batch_no)
        .limit(1)
    )


def _changes(session: Session, statement: Any, values: dict[str, Any] | None = None) -> bool:
    # On the connection: the rows are not in the session, and telling it of the change costs more than the change.
    return session.connection().execute(statement, values or {}).rowcount == 1
