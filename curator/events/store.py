"""Queries on events and on the counters that pages read instead of them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.events.tables import Event, MailingCount
from curator.events.values import EventKind


def add_once(
    session: Session, kind: EventKind, *, mailing_id: int, subscriber_id: int, at: datetime, detail: str = ""
) -> bool:
    """Writes down a fact that a delivery has once; False when it is there already."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "kind": kind,
        "mailing_id": mailing_id,
        "subscriber_id": subscriber_id,
        "at": at,
        "is_head": False,
        "is_robot": False,
        "detail": detail[:200],
    }
    # No conflict target: the unique index is a partial one, which `db.upsert` cannot name.
    statement = make(Event).values(row).on_conflict_do_nothing().returning(Event.id)
    return session.execute(statement).scalar_one_or_none() is not None


def remove(session: Session, kind: EventKind, *, mailing_id: int, subscriber_id: int) -> bool:
    """Takes back a fact that a delivery has once; False when it was not there."""
    gone = delete(Event).where(Event.kind == kind, Event.mailing_id == mailing_id, Event.subscriber_id == subscriber_id)
    return session.execute(gone.returning(Event.id)).first() is not None


def count(session: Session, mailing_id: int, **by: int) -> None:
    """Adds to a mailing's counters, such as `unsubscribed=1`; a negative number takes back."""
    empty = {"clicks": 0, "clickers": 0, "robot_hits": 0, "dropped": 0, "bounced": 0, "unsubscribed": 0}
    upsert(session, MailingCount, [{"mailing_id": mailing_id, **empty}], keys=["mailing_id"])
    added = {name: getattr(MailingCount, name) + number for name, number in by.items()}
    session.execute(update(MailingCount).where(MailingCount.mailing_id == mailing_id).values(**added))


def has_clicks(session: Session, mailing_ids: Collection[int]) -> bool:
    """Tells whether any reader clicked anything in one of these mailings."""
    clicked = MailingCount.mailing_id.in_(mailing_ids), MailingCount.clicks > 0
    return session.execute(select(MailingCount.mailing_id).where(*clicked).limit(1)).first() is not None
