"""Queries on changes of address; they are kept only as long as one of their links may be pressed."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.audience.tables import AddressChange, Subscriber
from curator.audience.values import AddressChangeRow
from curator.db import changed


def add(
    session: Session, subscriber_id: int, *, old_address: str, new_address: str, new_key: str, now: datetime
) -> int:
    """Writes down that a reader wants another address, and returns the change's id."""
    row = AddressChange(
        subscriber_id=subscriber_id, old_address=old_address, new_address=new_address, new_key=new_key, asked_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def change(session: Session, change_id: int) -> AddressChangeRow | None:
    """Returns a change; None when there is none, or it is forgotten."""
    row = session.get(AddressChange, change_id)
    return None if row is None else _row(row)


def newest(session: Session, subscriber_id: int) -> AddressChangeRow | None:
    """Returns the change that a reader asked for last."""
    query = select(AddressChange).where(AddressChange.subscriber_id == subscriber_id)
    row = session.scalars(query.order_by(AddressChange.id.desc()).limit(1)).first()
    return None if row is None else _row(row)


def asked_since(session: Session, subscriber_id: int, since: datetime) -> int:
    """Returns how many changes a reader asked for since a moment."""
    query = select(func.count()).where(AddressChange.subscriber_id == subscriber_id, AddressChange.asked_at >= since)
    return session.scalar(query) or 0


def readdress(session: Session, subscriber_id: int, *, address: str, address_key: str) -> bool:
    """Gives a subscriber another address; False when somebody else has it."""
    moved = update(Subscriber).where(Subscriber.id == subscriber_id)
    try:
        with session.begin_nested():
            session.execute(moved.values(address=address, address_key=address_key))
    except IntegrityError:
        return False
    return True


def note_moved(session: Session, change_id: int, *, now: datetime) -> None:
    """Writes down that the new mailbox agreed."""
    session.execute(update(AddressChange).where(AddressChange.id == change_id).values(moved_at=now))


def note_taken_back(session: Session, taken: AddressChangeRow, *, now: datetime) -> None:
    """Writes down that the old mailbox took a change back, and with it whatever was asked or moved after it."""
    since = AddressChange.subscriber_id == taken.subscriber_id, AddressChange.id >= taken.id
    session.execute(
        update(AddressChange).where(*since, AddressChange.taken_back_at.is_(None)).values(taken_back_at=now)
    )


def forget(session: Session, *, asked_before: datetime, moved_before: datetime) -> int:
    """Deletes changes whose links are too old, and returns how many."""
    is_over: ColumnElement[bool] = or_(AddressChange.moved_at.is_(None), AddressChange.moved_at < moved_before)
    return changed(session, delete(AddressChange).where(AddressChange.asked_at < asked_before, is_over))


def _row(row: AddressChange) -> AddressChangeRow:
    return AddressChangeRow(
        row.id,
        row.subscriber_id,
        row.old_address,
        row.new_address,
        row.new_key,
        row.asked_at,
        row.moved_at,
        row.taken_back_at,
    )
