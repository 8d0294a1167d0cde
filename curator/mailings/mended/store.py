"""Which mailing finishes which, and the deliveries that go over from one to the other.

A mailing that was stopped to be mended bears `is_mended`. The issue's next mailing to readers finishes it: its audience
are those whom the first had still to reach, and nobody else, so every delivery bears its revision by its mailing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, insert, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from curator.db import changed
from curator.issues.tables import Revision
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import BatchState, DeliveryState, MailingState

# A wave of their own for who is handed over later: batches of one wave never overlap.
_HANDED_OVER = -1


@dataclass(frozen=True)
class Share:
    """How many readers got a revision of an issue, by its number; `mailing_id` is the newest that carried it."""

    revision: int
    sent: int
    mailing_id: int


def to_finish(session: Session, issue_id: int, *, before_id: int | None = None) -> int | None:
    """Returns the mailing that the issue's next one (or that of this id) finishes; None when it is one for all."""
    to_readers = Mailing.issue_id == issue_id, Mailing.is_test.is_(False), Mailing.candidates > 0
    query = select(Mailing.id, Mailing.state, Mailing.is_mended).where(*to_readers)
    if before_id is not None:
        query = query.where(Mailing.id < before_id)
    newest = session.execute(query.order_by(Mailing.id.desc()).limit(1)).one_or_none()
    is_waiting = newest is not None and newest.is_mended and newest.state == MailingState.CANCELLED
    return newest.id if newest is not None and is_waiting else None


def finished_by(session: Session, mailing_id: int) -> int | None:
    """Returns the newest mailing to readers that came after one and was not taken back; None when there is none."""
    issue_id = select(Mailing.issue_id).where(Mailing.id == mailing_id).scalar_subquery()
    is_one = (Mailing.candidates > 0) | (Mailing.state != MailingState.CANCELLED)
    query = select(func.max(Mailing.id)).where(Mailing.issue_id == issue_id, Mailing.id > mailing_id)
    return session.scalar(query.where(Mailing.is_test.is_(False), is_one))


def set_mended(session: Session, mailing_id: int) -> None:
    """Says that whoever this mailing did not reach gets another revision."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(is_mended=True))


def forget(session: Session, issue_id: int) -> None:
    """Lets the issue's next mailing be one for all again."""
    session.execute(update(Mailing).where(Mailing.issue_id == issue_id).values(is_mended=False))


def left(session: Session, mailing_id: int) -> int:
    """Returns how many a mailing that was stopped had still to reach; by its batches."""
    query = select(func.coalesce(func.sum(Batch.cancelled), 0)).where(Batch.mailing_id == mailing_id)
    return session.scalar(query) or 0


def shares(session: Session, issue_id: int) -> list[Share]:
    """Returns how many readers got which revision of an issue, the newest first; one query, of batches only."""
    rows = session.execute(
        select(Revision.number, func.coalesce(func.sum(Batch.sent), 0), func.max(Mailing.id))
        .join(Mailing, Mailing.revision_id == Revision.id)
        .join(Batch, Batch.mailing_id == Mailing.id)
        .where(Mailing.issue_id == issue_id, Mailing.is_test.is_(False))
        .group_by(Revision.number)
        .order_by(Revision.number.desc())
    )
    return [Share(*row) for row in rows]


# --- going over


def last_of_next(session: Session, mailing_id: int, *, after_id: int, limit: int) -> int | None:
    """Returns the last of the next `limit` subscribers whom a stopped mailing had still to reach; None at the end."""
    waits = select(Delivery.subscriber_id).where(*_left(mailing_id), Delivery.subscriber_id > after_id)
    next_ones = waits.order_by(Delivery.subscriber_id).limit(limit).subquery()
    last: int | None = session.scalar(select(func.max(next_ones.c.subscriber_id)))
    return last


def add_deliveries(
    session: Session, mailing_id: int, stopped_id: int, *, after_id: int, last_id: int, now: datetime
) -> int:
    """Writes whom a stopped mailing had still to reach into another's ledger, each in the wave they were in."""
    columns = (literal(mailing_id), Delivery.subscriber_id, literal(DeliveryState.PENDING), literal(0), literal(0))
    rows = (
        select(*columns, literal(now, Delivery.at.type), _wave(Delivery.wave))
        .where(*_left(stopped_id), Delivery.subscriber_id > after_id, Delivery.subscriber_id <= last_id)
        .order_by(Delivery.subscriber_id)
    )
    names = ["mailing_id", "subscriber_id", "state", "attempt", "fence", "at", "wave"]
    written = insert(Delivery).from_select(names, rows, include_defaults=False)
    count = changed(session, written.execution_options(preserve_rowcount=True))
    _add_candidates(session, mailing_id, count)
    return count


def waves(session: Session, mailing_id: int) -> list[int]:
    """Returns the waves in which whom a mailing had still to reach go over, the first first."""
    query = select(_wave(Batch.wave)).where(Batch.mailing_id == mailing_id).distinct()
    return sorted(session.scalars(query))


def _wave(of: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Who was handed over goes on in the first wave: a batch of many must not lie around one who comes later."""
    return case((of < 0, 0), else_=of)


def hand_over(session: Session, mailing_id: int, subscriber_id: int, *, is_ended: bool, now: datetime) -> None:
    """Adds one reader to a mailing, in a batch of their own; in one that `is_ended` they wait for the next.

    The caller holds the mailing alone.
    """
    state = DeliveryState.CANCELLED if is_ended else DeliveryState.PENDING
    row = {"mailing_id": mailing_id, "subscriber_id": subscriber_id, "wave": _HANDED_OVER, "at": now}
    session.execute(insert(Delivery), [row | {"state": state, "attempt": 0, "fence": 0}])
    number = session.scalar(select(func.max(Batch.batch_no)).where(Batch.mailing_id == mailing_id)) or 0
    batch = Batch(
        mailing_id=mailing_id,
        batch_no=number + 1,
        first_id=subscriber_id,
        last_id=subscriber_id,
        wave=_HANDED_OVER,
        size=1,
        cancelled=int(is_ended),
        state=BatchState.DONE if is_ended else BatchState.OPEN,
        due_at=now,
    )
    session.add(batch)
    _add_candidates(session, mailing_id, 1)


def _add_candidates(session: Session, mailing_id: int, count: int) -> None:
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(candidates=Mailing.candidates + count))


def _left(mailing_id: int) -> tuple[ColumnElement[bool], ...]:
    return Delivery.mailing_id == mailing_id, Delivery.state == DeliveryState.CANCELLED
