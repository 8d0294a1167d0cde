"""Writes the audience of a mailing into its ledger and cuts it into batches: statements over many rows at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, case, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from curator.audience import store as audience
from curator.audience.tables import Subscription
from curator.db import changed
from curator.mailings.counts import store as counts
from curator.mailings.store import GOT_IT, MAY_HAVE_GOT_IT, NOT_IN_SEGMENT, TEST_MODE, got_it, had, lock
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import BatchState, Build, DeliveryState, MailingState
from curator.mailings.waves import SCATTER, SCATTERED_IN, Mark, WavePlan

_OUTSIDE = "outside"

_WAITS = (
    Delivery.mailing_id == bindparam("mailing"),
    Delivery.wave == bindparam("of_wave"),
    Delivery.state == DeliveryState.PENDING,
    Delivery.subscriber_id > bindparam("after"),
    Delivery.subscriber_id <= bindparam("last"),
)
# Walking from one batch's end to the next takes a quarter of the time of a window function that numbers everybody.
_LAST_OF_BATCH = (
    select(Delivery.subscriber_id).where(*_WAITS).order_by(Delivery.subscriber_id).limit(1).offset(bindparam("skip"))
)
_REST = select(func.count(), func.max(Delivery.subscriber_id)).where(*_WAITS)


def build(session: Session, mailing_id: int) -> Build | None:
    """Returns how far the building of a mailing is, locking it; None when it is built (or was cancelled)."""
    row = lock(session, mailing_id)
    if row.state != MailingState.BUILDING:
        return None
    cursor = session.scalar(select(func.max(Delivery.subscriber_id)).where(Delivery.mailing_id == mailing_id))
    return Build(row.issue_id, row.revision_id, row.newsletter_id, row.highest_id, cursor or 0, row.is_test)


def add_deliveries(
    session: Session,
    mailing_id: int,
    build: Build,
    *,
    last_id: int,
    staff: Collection[str] | None,
    plan: WavePlan | None,
    now: datetime,
    segment: ColumnElement[bool] | None = None,
) -> int:
    """Writes the candidates after the build's cursor up to `last_id` into the ledger, pending or excluded; counts them.

    Whoever got the issue before, or may have got it, is excluded for that; with `staff` everybody else but them for
    being readers of a test, and whoever does not fit the `segment` for that. One statement: the database copies a
    million rows in seconds.
    """
    who = audience.audience(build.newsletter_id, now=now).where(
        Subscription.subscriber_id > build.cursor, Subscription.subscriber_id <= last_id
    )
    if segment is not None:
        who = who.add_columns(case((segment, None), else_=NOT_IN_SEGMENT).label(_OUTSIDE))
    each, before = who.subquery(), _before(session, mailing_id, build, last_id=last_id)
    source = each if before is None else each.outerjoin(before, before.c.subscriber_id == each.c.subscriber_id)
    reason = _exclusion(each, before, staff).label("reason")
    chosen = select(each.c.subscriber_id, reason, _wave(each, plan).label("wave")).select_from(source).subquery()
    state = case((chosen.c.reason.is_(None), DeliveryState.PENDING), else_=DeliveryState.EXCLUDED)
    columns = (literal(mailing_id), chosen.c.subscriber_id, state, chosen.c.reason, literal(0), literal(0))
    rows = select(*columns, literal(now, Delivery.at.type), chosen.c.wave).order_by(chosen.c.subscriber_id)
    names = ["mailing_id", "subscriber_id", "state", "reason", "attempt", "fence", "at", "wave"]
    written = insert(Delivery).from_select(names, rows, include_defaults=False)
    count = changed(session, written.execution_options(preserve_rowcount=True))
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(candidates=Mailing.candidates + count))
    return count


def add_batches(
    session: Session, mailing_id: int, *, after_id: int, last_id: int, size: int, wave: int, now: datetime
) -> int:
    """Cuts a wave's pending deliveries after `after_id` up to `last_id` into open batches; returns how many."""
    connection = session.connection()
    place = {"mailing": mailing_id, "of_wave": wave, "last": last_id}
    number = session.scalar(select(func.max(Batch.batch_no)).where(Batch.mailing_id == mailing_id)) or 0
    rows: list[tuple[int, int, int]] = []
    while (end := connection.scalar(_LAST_OF_BATCH, place | {"after": after_id, "skip": size - 1})) is not None:
        rows.append((after_id + 1, end, size))
        after_id = end
    rest, end = connection.execute(_REST, place | {"after": after_id}).one()
    if rest:
        rows.append((after_id + 1, end, rest))
    if rows:
        same = {"mailing_id": mailing_id, "wave": wave, "state": BatchState.OPEN, "due_at": now}
        batches = [
            same | {"batch_no": place_no, "first_id": first, "last_id": last, "size": many}
            for place_no, (first, last, many) in enumerate(rows, start=number + 1)
        ]
        session.execute(insert(Batch), batches)
    return sum(many for _, _, many in rows)


def count_exclusions(session: Session, mailing_id: int, *, after_id: int, last_id: int) -> None:
    """Counts those left out after `after_id` up to `last_id`, by reason."""
    place = Delivery.subscriber_id > after_id, Delivery.subscriber_id <= last_id
    rows = session.execute(
        select(Delivery.reason, func.count())
        .where(Delivery.mailing_id == mailing_id, *place, Delivery.state == DeliveryState.EXCLUDED)
        .group_by(Delivery.reason)
    )
    counts.add_exclusions(session, mailing_id, {reason or "": number for reason, number in rows})


def let_run(session: Session, mailing_id: int, newsletter_id: int) -> None:
    """Lets a mailing that is built run, from its first wave on; how many want the text alone is counted with it."""
    text_only = (
        select(func.count())
        .select_from(Subscription)
        .join(Delivery, and_(Delivery.mailing_id == mailing_id, Delivery.subscriber_id == Subscription.subscriber_id))
        .where(
            Subscription.newsletter_id == newsletter_id,
            Subscription.is_text_only.is_(True),
            Delivery.state == DeliveryState.PENDING,
        )
    )
    first = select(func.coalesce(func.min(Batch.wave), 0)).where(Batch.mailing_id == mailing_id).scalar_subquery()
    row = update(Mailing).where(Mailing.id == mailing_id)
    session.execute(
        row.values(
            state=MailingState.RUNNING,
            reason="",
            retry_at=None,
            troubles=0,
            wave=first,
            text_only=text_only.scalar_subquery(),
        )
    )


def mark(session: Session, newsletter_id: int, place: int, *, only: ColumnElement[bool] | None = None) -> Mark | None:
    """Returns where the `place` most recently engaged readers (of a segment) end; None when there are fewer."""
    row = session.execute(
        audience.engaged(newsletter_id, only=only).order_by(*audience.LATELY_ENGAGED_FIRST).limit(1).offset(place - 1)
    ).first()
    return None if row is None else Mark(row.engaged_at, row.id)


def _wave(each: Subquery, plan: WavePlan | None) -> ColumnElement[int]:
    if plan is None:
        return literal(0)
    at, id_ = each.c.engaged_at, each.c.subscriber_id
    scattered = id_ * SCATTER % SCATTERED_IN
    cases = []
    for number, (mark_, share) in enumerate(zip(plan.marks, plan.shares, strict=True), start=1):
        # A few thousand readers may have clicked in the same second: their ids say who comes first.
        engaged = at.is_not(None) if mark_ is None else or_(at > mark_.at, and_(at == mark_.at, id_ >= mark_.id))
        cases.append((or_(engaged, and_(at.is_(None), scattered < share)) if share else engaged, number))
    return case(*cases, else_=len(cases) + 1)


def _exclusion(each: Subquery, before: Subquery | None, staff: Collection[str] | None) -> ColumnElement[str | None]:
    reasons: list[ColumnElement[Any]] = [] if before is None else [before.c.reason]
    reasons.append(each.c.exclusion)
    if staff is not None:
        reasons.append(case((each.c.address_key.not_in(staff), TEST_MODE)))
    if _OUTSIDE in each.c:
        reasons.append(each.c[_OUTSIDE])
    return func.coalesce(*reasons) if len(reasons) > 1 else reasons[0]


def _before(session: Session, mailing_id: int, build: Build, *, last_id: int) -> Subquery | None:
    """Returns who is left out for what they got (or may have) in another mailing; None when there was no other."""
    same = had(build.issue_id, build.revision_id, is_test=build.is_test)
    others = session.scalars(select(Mailing.id).where(same, Mailing.id != mailing_id)).all()
    if not others:
        return None
    # "got" comes before "may have got": the surer reason is the lesser word.
    reason = func.min(case((Delivery.state == DeliveryState.SENT, GOT_IT), else_=MAY_HAVE_GOT_IT))
    place = Delivery.subscriber_id > build.cursor, Delivery.subscriber_id <= last_id
    query = select(Delivery.subscriber_id, reason.label("reason"))
    return query.where(Delivery.mailing_id.in_(others), *place, got_it()).group_by(Delivery.subscriber_id).subquery()
