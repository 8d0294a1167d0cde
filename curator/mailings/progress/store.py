"""How far a mailing is, read from its batches: what the brakes weigh, its course so far, its last movement."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from curator.mailings.brakes import Tally
from curator.mailings.eta import Course, recent_since
from curator.mailings.pacing import TODAYS
from curator.mailings.tables import Batch, Mailing
from curator.mailings.values import LEASE, BatchState, DeliveryState, MailingView, Movement, Standing


def tally(session: Session, row: Mailing | Standing) -> Tally:
    """Returns what the brakes look at: refusals by the relay are hard bounces, and so are those that came back."""
    query = select(func.sum(Batch.sent + Batch.refused + Batch.in_doubt), func.sum(Batch.refused))
    tried, refused = (number or 0 for number in session.execute(query.where(Batch.mailing_id == row.id)).one())
    return Tally(tried, refused + row.hard_bounces, row.complaints)


def course(session: Session, view: MailingView, *, pause: timedelta, now: datetime) -> Course:
    """Returns how a mailing has gone so far; `pause` is how long each wave is watched. Two queries, of batches only.

    A batch bears when a sender let go of it, also when somebody in it waits on, so that the last minutes are read from
    a few rows.
    """
    since = recent_since(view.started_at, view.waits_until, now=now)
    settled = Batch.sent + Batch.refused + Batch.in_doubt - Batch.settled_before
    is_in_hand = and_(Batch.state == BatchState.CLAIMED, Batch.released_at.is_(None))
    mine = Batch.mailing_id == view.id
    is_recent = or_(is_in_hand, Batch.released_at >= since)
    recent = session.scalar(select(func.coalesce(func.sum(settled), 0)).where(mine, is_recent)) or 0
    last_at, waves = session.execute(select(func.max(Batch.released_at), func.max(Batch.wave)).where(mine)).one()
    by = view.balance.by_state
    watched = max(view.wave - 1, 0)
    return Course(
        started_at=view.started_at,
        settled=sum(by.get(state, 0) for state in (DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.IN_DOUBT)),
        left=by.get(DeliveryState.PENDING, 0),
        recent=max(recent, 0),
        recent_since=since,
        last_at=last_at,
        waits_until=view.waits_until,
        rested=watched * pause,
        pauses=max((waves or 0) - view.wave, 0) * pause if view.wave else timedelta(),
        has_days=view.waits_for.startswith(TODAYS),
    )


def movement(session: Session, mailing_id: int, *, now: datetime) -> Movement:
    """Returns when a sender was last at a mailing and when something is due next; one query, of batches only.

    A batch that is held bears a lease that every window renews; one that is done, the moment when it was.
    """
    is_open, is_done, is_held = (Batch.state == each for each in (BatchState.OPEN, BatchState.DONE, BatchState.CLAIMED))
    is_put_off = and_(is_open, Batch.deferred > 0, Batch.due_at > now)
    done_at, lease_until, due_at, tried_at = session.execute(
        select(
            func.max(Batch.due_at).filter(is_done),
            func.max(Batch.lease_until).filter(is_held),
            func.min(Batch.due_at).filter(is_open),
            func.min(Batch.due_at).filter(is_put_off),
        ).where(Batch.mailing_id == mailing_id)
    ).one()
    seen = [at for at in (done_at, None if lease_until is None else lease_until - LEASE) if at is not None]
    return Movement(max(seen, default=None), due_at, tried_at, is_held=lease_until is not None)
