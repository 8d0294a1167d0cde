"""The counts of batches and exclusions, moved with every change of a delivery in its transaction; an honest count too.

Whoever changes deliveries of a batch holds the batch's row first (renewing the lease does so), so that what is added
here is what was changed. Exclusions are rows that all senders share: they are counted last, and in order.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from curator.db import insertion
from curator.mailings.tables import Batch, Delivery, Exclusion, Mailing
from curator.mailings.values import Balance, DeliveryState

_COUNTED = (
    DeliveryState.SENT,
    DeliveryState.REFUSED,
    DeliveryState.DEFERRED,
    DeliveryState.IN_DOUBT,
    DeliveryState.EXCLUDED,
    DeliveryState.CANCELLED,
)
"""The states that a batch counts. Whatever is none of them is pending (or, while a window is on its way, intended)."""

MORE = {str(state): getattr(Batch, state) + bindparam(f"more_{state}") for state in _COUNTED}
"""Values of an UPDATE of a batch that add what `more` gives."""

_ADD = update(Batch).where(Batch.id == bindparam("batch")).values(MORE)


def more(changes: Mapping[DeliveryState, int]) -> dict[str, int]:
    """Returns the parameters that `MORE` needs."""
    return {f"more_{state}": changes.get(state, 0) for state in _COUNTED}


def add(session: Session, batch_id: int, changes: Mapping[DeliveryState, int]) -> None:
    """Adds to a batch's counts what changed; a negative number takes back."""
    if any(changes.get(state) for state in _COUNTED):
        session.connection().execute(_ADD, {"batch": batch_id} | more(changes))


def add_exclusions(session: Session, mailing_id: int, reasons: Mapping[str, int]) -> None:
    """Adds to the numbers of those left out, by reason; last in a transaction, since all senders meet here."""
    rows = [
        {"mailing_id": mailing_id, "reason": reason, "count": number}
        for reason, number in sorted(reasons.items())
        if number
    ]
    if not rows:
        return
    insert = insertion(session, Exclusion)
    added = {"count": Exclusion.count + insert.excluded.count}
    keys = ["mailing_id", "reason"]
    session.connection().execute(insert.on_conflict_do_update(index_elements=keys, set_=added), rows)


def settle_cancelled(session: Session, mailing_id: int) -> None:
    """Counts anew after everything that waited in a mailing was cancelled; the caller holds the mailing alone."""
    rest = Batch.size - Batch.sent - Batch.refused - Batch.in_doubt - Batch.excluded
    flying = (
        select(func.count())
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.wave == Batch.wave,
            Delivery.subscriber_id.between(Batch.first_id, Batch.last_id),
            Delivery.state == DeliveryState.INTENDED,
        )
        .correlate(Batch)
        .scalar_subquery()
    )
    # Only a batch in somebody's hands has messages on their way; looking into the others would read them all.
    on_their_way = case((Batch.owner.is_not(None), flying), else_=0)
    session.execute(
        update(Batch)
        .where(Batch.mailing_id == mailing_id)
        .values(cancelled=rest - on_their_way, deferred=0)
        .execution_options(synchronize_session=False)
    )


def balances(session: Session, mailing_ids: Collection[int]) -> dict[int, Balance]:
    """Returns the accounts of mailings by their counts; three queries, none of which looks at a delivery."""
    columns = [func.coalesce(func.sum(getattr(Batch, name)), 0) for name in ("size", *_COUNTED)]
    sums = session.execute(
        select(Mailing.id, Mailing.candidates, *columns)
        .outerjoin(Batch, Batch.mailing_id == Mailing.id)
        .where(Mailing.id.in_(mailing_ids))
        .group_by(Mailing.id, Mailing.candidates)
    )
    left_out = exclusions(session, mailing_ids)
    return {
        id_: _balance(candidates, size, dict(zip(_COUNTED, numbers, strict=True)), left_out.get(id_, {}))
        for id_, candidates, size, *numbers in sums
    }


def exclusions(session: Session, mailing_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Returns how many were left out of each mailing, by reason in alphabetical order."""
    rows = session.execute(
        select(Exclusion.mailing_id, Exclusion.reason, Exclusion.count)
        .where(Exclusion.mailing_id.in_(mailing_ids), Exclusion.count != 0)
        .order_by(Exclusion.mailing_id, Exclusion.reason)
    )
    found: dict[int, dict[str, int]] = {}
    for mailing_id, reason, number in rows:
        found.setdefault(mailing_id, {})[reason] = number
    return found


def honest(session: Session, mailing_id: int) -> Balance:
    """Returns the accounts of a mailing counted delivery by delivery; what is intended counts as pending."""
    why = case((Delivery.state == DeliveryState.EXCLUDED, func.coalesce(Delivery.reason, ""))).label("why")
    rows = session.execute(
        select(Delivery.state, why, func.count()).where(Delivery.mailing_id == mailing_id).group_by(Delivery.state, why)
    )
    by_state: Counter[DeliveryState] = Counter()
    left_out: dict[str, int] = {}
    for state, reason, number in rows:
        is_rest = state in (DeliveryState.PENDING, DeliveryState.INTENDED)
        by_state[DeliveryState.PENDING if is_rest else DeliveryState(state)] += number
        if reason is not None:
            left_out[reason] = number
    candidates = session.scalar(select(Mailing.candidates).where(Mailing.id == mailing_id)) or 0
    return Balance(candidates, dict(by_state), dict(sorted(left_out.items())))


def written(session: Session, mailing_id: int) -> int:
    """Returns how many deliveries a mailing has in the ledger."""
    return session.scalar(select(func.count()).where(Delivery.mailing_id == mailing_id)) or 0


def _balance(candidates: int, size: int, counted: dict[Any, int], left_out: dict[str, int]) -> Balance:
    pending = size - sum(counted.values())
    numbers = {DeliveryState.PENDING: pending, **counted, DeliveryState.EXCLUDED: sum(left_out.values())}
    return Balance(candidates, {state: number for state, number in numbers.items() if number}, left_out)
