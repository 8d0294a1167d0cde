"""The rows that say how much a transport may send, and the questions about mailings that share one.

Whoever asks for a transport's pace holds its bucket until the transaction ends (`hold`), so that senders take turns;
the rows of its domains and days are guarded by that one lock. Nothing locks a mailing behind it.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import insert_once, upsert
from curator.errors import NotFoundError
from curator.mailings.tables import Batch, DayCount, Delivery, LetterRoom, Mailing, Pace
from curator.mailings.values import BatchState, DeliveryState, MailingState
from curator.newsletters.tables import Newsletter

_ALL = ""


def hold(session: Session, transport: str, *, now: datetime) -> datetime:
    """Returns a transport's bucket and keeps it from every other sender until the transaction ends."""
    query = select(Pace.free_at).where(Pace.transport == transport, Pace.domain == _ALL).with_for_update()
    free_at = session.scalar(query)
    if free_at is None:
        insert_once(session, Pace, {"transport": transport, "domain": _ALL, "free_at": now})
        # Another sender may have been the first: then its row counts.
        free_at = session.scalar(query)
    return free_at or now


def fill(session: Session, transport: str, buckets: dict[str, datetime]) -> None:
    """Writes buckets of a transport: of all of it ("") or of domains."""
    rows = [{"transport": transport, "domain": domain, "free_at": at} for domain, at in buckets.items()]
    upsert(session, Pace, rows, keys=["transport", "domain"], update=["free_at"])


def of_domains(session: Session, transport: str, domains: Collection[str]) -> dict[str, datetime]:
    """Returns the buckets of domains; one that was never used is missing."""
    query = select(Pace.domain, Pace.free_at).where(Pace.transport == transport, Pace.domain.in_(domains))
    return {row.domain: row.free_at for row in session.execute(query)}


def count(session: Session, transport: str, on: date) -> int:
    """Returns how many messages a transport was handed on a day."""
    return session.scalar(select(DayCount.count).where(DayCount.transport == transport, DayCount.on == on)) or 0


def add(session: Session, transport: str, on: date, number: int) -> None:
    """Counts messages that are about to leave on a day; a negative number takes back those that never did.

    Never below none: what left before the day had a limit was not counted, and may be given back after.
    """
    insert_once(session, DayCount, {"transport": transport, "on": on, "count": 0})
    count = DayCount.count + number
    this_day = DayCount.transport == transport, DayCount.on == on
    session.execute(update(DayCount).where(*this_day).values(count=case((count < 0, 0), else_=count)))


def promised(session: Session, mailing_id: int, ids: Collection[int], *, reason_start: str) -> dict[int, datetime]:
    """Returns the moments of those deliveries that were put off for a reason that begins like this."""
    query = select(Delivery.subscriber_id, Delivery.due_at).where(
        Delivery.mailing_id == mailing_id,
        Delivery.subscriber_id.in_(ids),
        Delivery.state == DeliveryState.DEFERRED,
        Delivery.reason.startswith(reason_start, autoescape=True),
    )
    return {id_: due_at for id_, due_at in session.execute(query) if due_at is not None}


# --- letters


def ask_for_room(session: Session, transport: str, *, now: datetime) -> None:
    """Writes down that a relay had no connection left for letters, so that mailings leave one."""
    row = {"transport": transport, "asked_at": now}
    upsert(session, LetterRoom, [row], keys=["transport"], update=["asked_at"])


def room_asked_at(session: Session, transport: str) -> datetime | None:
    """Returns when letters last found no connection left, None for never."""
    return session.scalar(select(LetterRoom.asked_at).where(LetterRoom.transport == transport))


# --- mailings


def newsletter_id(session: Session, mailing_id: int) -> int:
    """Returns whose mailing it is; raises NotFoundError."""
    found = session.scalar(select(Mailing.newsletter_id).where(Mailing.id == mailing_id))
    if found is None:
        raise NotFoundError("mailing", mailing_id)
    return found


def waits(session: Session, *, reason_starts: Collection[str], now: datetime) -> dict[int, datetime]:
    """Returns the running mailings that wait for a reason that begins like one of these, and until when."""
    why = or_(*(Mailing.waits_for.startswith(start, autoescape=True) for start in reason_starts))
    query = select(Mailing.id, Mailing.waits_until).where(
        Mailing.state == MailingState.RUNNING, Mailing.waits_until > now, why
    )
    return {id_: until for id_, until in session.execute(query) if until is not None}


def end_wait(session: Session, mailing_id: int, *, until: datetime, now: datetime) -> None:
    """Ends the wait until that moment now; one that was set meanwhile goes on.

    The moment stays, for a mailing that waited is not one to which nothing happened.
    """
    is_it = Mailing.id == mailing_id, Mailing.waits_until == until
    session.execute(update(Mailing).where(*is_it).values(waits_until=now, waits_for=""))


def waiting(session: Session, mailing_id: int) -> int:
    """Returns how many messages of a mailing are still to leave."""
    waits = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.DEFERRED))
    return session.scalar(select(func.count()).where(Delivery.mailing_id == mailing_id, waits)) or 0


def is_behind(session: Session, mailing_id: int, transport: str, *, now: datetime, day_ends_at: datetime) -> bool:
    """Tells whether an older mailing of the same transport has mail that could leave, or waits for another day's limit.

    One that waits for something else (hours, a wave, a relay's 4xx) or is paused holds nobody up.
    """
    is_free = or_(Mailing.waits_until.is_(None), Mailing.waits_until <= now, Mailing.waits_until == day_ends_at)
    has_work = or_(and_(Batch.state == BatchState.OPEN, Batch.due_at <= now), Batch.state == BatchState.CLAIMED)
    query = (
        select(Mailing.id)
        .join(Newsletter, Newsletter.id == Mailing.newsletter_id)
        .join(Batch, Batch.mailing_id == Mailing.id)
        .where(
            Mailing.id < mailing_id,
            Mailing.state == MailingState.RUNNING,
            Newsletter.transport == transport,
            is_free,
            has_work,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def next_due_at(session: Session, mailing_id: int, *, after: datetime) -> datetime | None:
    """Returns when the next batch of a mailing that is not due yet will be."""
    query = select(func.min(Batch.due_at)).where(
        Batch.mailing_id == mailing_id, Batch.state == BatchState.OPEN, Batch.due_at > after
    )
    return session.scalar(query)
