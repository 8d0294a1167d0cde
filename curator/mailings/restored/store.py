"""Queries for mailings that may know less than the relay does."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.activity import store as activity
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import MailingState


def is_forgotten(session: Session, mailing_id: int, *, now: datetime, limit: timedelta) -> bool:
    """Tells whether nothing happened to a mailing that works for longer than `limit`, and nothing was waited for.

    One that is held works too: its holding ends by itself, and that was to be long ago.
    """
    row = session.get(Mailing, mailing_id)
    if row is None or row.state == MailingState.PAUSED or MailingState(row.state).is_final:
        return False
    batches = select(func.max(Batch.due_at), func.max(Batch.lease_until)).where(Batch.mailing_id == mailing_id)
    touched = [row.started_at, row.retry_at, row.waits_until, row.hold_until, *session.execute(batches).one()]
    touched.append(activity.newest_at(session, "mailing", mailing_id))
    if any(at is not None and now - at <= limit for at in touched):
        return False
    # The last question, because it reads every delivery.
    last = session.scalar(select(func.max(Delivery.at)).where(Delivery.mailing_id == mailing_id))
    return last is None or now - last > limit
