"""The mailings' rows: their states, waits and views (frozen/store.py writes the audience, ledger/store.py sends).

Whoever writes to a running mailing locks its row first (senders share the lock, pause and cancel do not), then a batch,
then its deliveries, and exclusions last: one order, so no two can wait for each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, distinct, exists, func, not_, or_, select, update
from sqlalchemy.orm import Session

from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SubscriptionState
from curator.db import in_parts
from curator.errors import NotFoundError
from curator.mailings.brakes import Tally
from curator.mailings.counts import store as counts
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import (
    Balance,
    BatchState,
    DeliveryRow,
    DeliveryState,
    MailingState,
    MailingView,
    Standing,
)

TEST_MODE = "test mode"
"""Why readers get nothing in a test: until their newsletter is live, mail goes to people at the desk only."""

GOT_IT = "got this issue already"
MAY_HAVE_GOT_IT = "may have got this issue already"

NOT_IN_SEGMENT = "not in the segment"
"""Why readers get nothing of an issue that goes to a segment of its newsletter."""

CAME_LATER = "came after its mailing had begun"
"""Why new readers get nothing of a mailing that finishes one that was mended; no delivery bears it."""

_LIVE = (MailingState.HOLDING, MailingState.BUILDING, MailingState.RUNNING, MailingState.PAUSED)

# Built once, like the ledger's statements of a window.
_STANDS = {
    is_shared: select(*(getattr(Mailing, each.name) for each in fields(Standing)))
    .where(Mailing.id == bindparam("mailing"))
    .with_for_update(read=is_shared, key_share=is_shared)
    for is_shared in (False, True)
}


# --- mailings


def live_mailing_id(session: Session, issue_id: int) -> int | None:
    """Returns the mailing of an issue that has not ended, None when there is none."""
    return session.scalar(select(Mailing.id).where(Mailing.issue_id == issue_id, Mailing.state.in_(_LIVE)))


def add_mailing(
    session: Session,
    *,
    issue_id: int,
    revision_id: int,
    newsletter_id: int,
    is_test: bool,
    hold_until: datetime | None,
    letterhead: dict[str, Any],
    stops_at: datetime | None,
    now: datetime,
    segment_name: str = "",
    segment_words: str = "",
) -> int:
    """Adds a mailing that is held, or being built where nothing is to be waited for, and returns its id."""
    row = Mailing(
        issue_id=issue_id,
        revision_id=revision_id,
        newsletter_id=newsletter_id,
        state=MailingState.BUILDING if hold_until is None else MailingState.HOLDING,
        is_test=is_test,
        highest_id=_highest_id(session),
        hold_until=hold_until,
        letterhead=letterhead,
        stops_at=stops_at,
        started_at=now,
        segment_name=segment_name,
        segment_words=segment_words,
    )
    session.add(row)
    session.flush()
    return row.id


def let_go(
    session: Session, mailing_id: int, *, letterhead: dict[str, Any], stops_at: datetime | None, now: datetime
) -> None:
    """Ends the holding of a mailing: it is built from whoever is there now."""
    row = update(Mailing).where(Mailing.id == mailing_id)
    begun = {"started_at": now, "highest_id": _highest_id(session), "letterhead": letterhead, "stops_at": stops_at}
    session.execute(row.values(state=MailingState.BUILDING, **begun))


def set_stop(session: Session, mailing_id: int, at: datetime | None) -> None:
    """Says from when on nothing of a mailing may leave, because a promotion ends."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(stops_at=at))


def set_hold(session: Session, mailing_id: int, until: datetime) -> None:
    """Says until when a mailing is held."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(hold_until=until))


def holding_issue_ids(session: Session) -> set[int]:
    """Returns the issues whose mailing is held: of them nothing has left."""
    return set(session.scalars(select(Mailing.issue_id).where(Mailing.state == MailingState.HOLDING)))


def mailings_of(session: Session, issue_ids: Sequence[int]) -> list[int]:
    """Returns the mailings of some issues, oldest first: a few for each."""
    return list(session.scalars(select(Mailing.id).where(Mailing.issue_id.in_(issue_ids)).order_by(Mailing.id)))


def _highest_id(session: Session) -> int:
    return session.scalar(select(func.max(Subscriber.id))) or 0


def lock(session: Session, mailing_id: int, *, is_shared: bool = False) -> Mailing:
    """Returns the mailing's row as it stands now, held until the transaction ends; raises NotFoundError.

    Senders share the lock with each other; whoever changes the mailing's state holds it alone.
    """
    query = select(Mailing).where(Mailing.id == mailing_id).with_for_update(read=is_shared, key_share=is_shared)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError("mailing", mailing_id)
    return row


def stands(session: Session, mailing_id: int, *, is_shared: bool) -> Standing:
    """Locks a mailing as `lock` does, and returns of it what a sender asks before each window."""
    row = session.connection().execute(_STANDS[is_shared], {"mailing": mailing_id}).one_or_none()
    if row is None:
        raise NotFoundError("mailing", mailing_id)
    return Standing(*row)


def set_state(
    session: Session,
    mailing_id: int,
    state: MailingState,
    *,
    reason: str = "",
    finished_at: datetime | None = None,
) -> None:
    """Moves a mailing to a state, with the reason for it; troubles of the relay are forgotten.

    A wait is a rule: it outlasts a pause, and ends with the mailing.
    """
    values: dict[str, Any] = {"state": state, "reason": reason[:500], "finished_at": finished_at}
    if state.is_final:
        values |= {"waits_until": None, "waits_for": ""}
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(values | {"retry_at": None, "troubles": 0}))


def wait(session: Session, mailing_id: int, *, until: datetime, why: str) -> None:
    """Lets a running mailing wait for something that is no trouble; a later moment replaces an earlier one."""
    is_later = or_(Mailing.waits_until.is_(None), Mailing.waits_until < until)
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == MailingState.RUNNING, is_later)
        .values(waits_until=until, waits_for=why[:300])
    )


def note_trouble(session: Session, mailing_id: int, *, reason: str, retry_at: datetime) -> None:
    """Counts one more failure of the relay and says when it is tried again."""
    session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(troubles=Mailing.troubles + 1, reason=reason[:500], retry_at=retry_at)
    )


def forget_trouble(session: Session, mailing_id: int) -> None:
    """Notes that the relay works (again)."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(troubles=0, reason="", retry_at=None))


def add_facts(session: Session, mailing_id: int, *, hard_bounces: int = 0, complaints: int = 0) -> None:
    """Counts what came to be known after the relay's answer; a sender looks at it before its next window."""
    added = {"hard_bounces": Mailing.hard_bounces + hard_bounces, "complaints": Mailing.complaints + complaints}
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(added))


def forgive(session: Session, mailing_id: int, tally: Tally) -> None:
    """Remembers what stood when a person let a mailing go on: it does not stop for that again."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(forgiven=asdict(tally)))


def next_wave(session: Session, mailing_id: int, *, now: datetime) -> int | None:
    """Returns the wave that is to open: None when none is left, or something of those before is due or on its way.

    What the relay deferred does not keep the next wave waiting: a greylist may last for hours. Who waits for the turn
    of a slow domain does: most of a wave may.
    """
    waves_so_far = Batch.mailing_id == mailing_id, Batch.wave <= Mailing.wave
    is_to_leave = and_(Batch.state == BatchState.OPEN, or_(Batch.due_at <= now, Batch.turns_until >= now))
    on_its_way = or_(Batch.state == BatchState.CLAIMED, is_to_leave)
    is_busy = exists(select(Batch.id).where(*waves_so_far, on_its_way).correlate(Mailing))
    return session.scalar(
        select(func.min(Batch.wave))
        .join(Mailing, Mailing.id == Batch.mailing_id)
        .where(Mailing.id == mailing_id, Batch.wave > Mailing.wave, not_(is_busy))
    )


def open_wave(session: Session, mailing_id: int, wave: int) -> None:
    """Lets a wave and those before it leave."""
    session.execute(update(Mailing).where(Mailing.id == mailing_id).values(wave=wave))


def wave_size(session: Session, mailing_id: int, wave: int) -> int:
    """Returns how many readers are in a wave."""
    query = select(func.coalesce(func.sum(Batch.size), 0)).where(Batch.mailing_id == mailing_id, Batch.wave == wave)
    return session.scalar(query) or 0


def row(session: Session, mailing_id: int) -> Mailing:
    """Returns a mailing's row as it stands now; raises NotFoundError."""
    found = session.get(Mailing, mailing_id, populate_existing=True)
    if found is None:
        raise NotFoundError("mailing", mailing_id)
    return found


def mailing(session: Session, mailing_id: int) -> MailingView:
    """Returns one mailing with its balance; raises NotFoundError."""
    return _views(session, [row(session, mailing_id)])[0]


def mailing_ids(session: Session, newsletter_id: int, *, limit: int = 1000) -> list[int]:
    """Returns the ids of at most `limit` mailings of a newsletter, newest first."""
    query = select(Mailing.id).where(Mailing.newsletter_id == newsletter_id).order_by(Mailing.id.desc())
    return list(session.scalars(query.limit(limit)))


def newsletter_of(session: Session, mailing_id: int) -> int | None:
    """Returns the newsletter of a mailing, None for a mailing that is not there."""
    return session.scalar(select(Mailing.newsletter_id).where(Mailing.id == mailing_id))


def state(session: Session, mailing_id: int) -> MailingState:
    """Returns where a mailing stands; raises NotFoundError."""
    found = session.scalar(select(Mailing.state).where(Mailing.id == mailing_id))
    if found is None:
        raise NotFoundError("mailing", mailing_id)
    return MailingState(found)


def is_there(session: Session, mailing_id: int) -> bool:
    """Tells whether there is such a mailing; a link in a mail may name one that a restored backup lacks."""
    return session.scalar(select(Mailing.id).where(Mailing.id == mailing_id)) is not None


def mailings(
    session: Session, *, issue_id: int | None = None, is_live: bool = False, limit: int = 50
) -> list[MailingView]:
    """Returns mailings with their balances, newest first; of one issue or of all, or only those that have not ended."""
    query = select(Mailing).order_by(Mailing.id.desc()).limit(limit)
    if issue_id is not None:
        query = query.where(Mailing.issue_id == issue_id)
    if is_live:
        query = query.where(Mailing.state.in_(_LIVE))
    return _views(session, session.scalars(query).all())


def mailings_among(session: Session, mailing_ids: Sequence[int]) -> list[MailingView]:
    """Returns these mailings with their balances, newest first."""
    rows: list[Mailing] = []
    for part in in_parts(mailing_ids):
        rows += session.scalars(select(Mailing).where(Mailing.id.in_(part)))
    return _views(session, sorted(rows, key=lambda row: row.id, reverse=True))


def live_ids(session: Session) -> list[int]:
    """Returns the mailings that have not ended, oldest first."""
    return list(session.scalars(select(Mailing.id).where(Mailing.state.in_(_LIVE)).order_by(Mailing.id)))


def issues_sent_since(session: Session, at: datetime, *, limit: int = 50) -> list[int]:
    """Returns the issues of at most `limit` mailings to readers (no tests) that were started from this moment on.

    One that is held has not begun to be sent; one that was taken back never had anybody.
    """
    is_begun = or_(Mailing.state.not_in((MailingState.HOLDING, MailingState.CANCELLED)), Mailing.candidates > 0)
    query = select(Mailing.issue_id).where(Mailing.started_at >= at, Mailing.is_test.is_(False), is_begun)
    return list(session.scalars(query.order_by(Mailing.id.desc()).limit(limit)))


def ended_since(session: Session, at: datetime, *, limit: int = 200) -> list[int]:
    """Returns at most `limit` mailings that were finished or cancelled from this moment on, newest first."""
    query = select(Mailing.id).where(Mailing.state.not_in(_LIVE), Mailing.finished_at >= at)
    return list(session.scalars(query.order_by(Mailing.id.desc()).limit(limit)))


def pumpable_ids(session: Session, *, now: datetime) -> list[int]:
    """Returns the mailings that a pump can do something for, oldest first: build, recover, send, or finish."""
    due = _has_batch(Batch.state == BatchState.OPEN, Batch.due_at <= now)
    held = _has_batch(Batch.state == BatchState.CLAIMED)
    unfinished = _has_batch(Batch.state != BatchState.DONE)
    may_try = or_(Mailing.retry_at.is_(None), Mailing.retry_at <= now)
    may_leave = or_(Mailing.waits_until.is_(None), Mailing.waits_until <= now)
    has_work = or_(held, not_(unfinished), and_(due, may_leave))
    is_running = and_(Mailing.state == MailingState.RUNNING, may_try, has_work)
    # Whatever a killed sender left open is settled even when nothing will be sent any more.
    is_stopped = and_(Mailing.state.in_((MailingState.CANCELLED, MailingState.PAUSED)), held)
    is_over = and_(Mailing.state == MailingState.HOLDING, Mailing.hold_until <= now)
    query = select(Mailing.id).where(or_(is_over, Mailing.state == MailingState.BUILDING, is_running, is_stopped))
    return list(session.scalars(query.order_by(Mailing.id)))


def balance(session: Session, mailing_id: int) -> Balance:
    """Returns the accounts of a mailing."""
    return mailing(session, mailing_id).balance


def deliveries(
    session: Session, mailing_id: int, *, states: Collection[DeliveryState], after_id: int = 0, limit: int = 100
) -> list[DeliveryRow]:
    """Returns deliveries in these states by subscriber id, at most `limit` after `after_id`."""
    rows = session.execute(
        select(Delivery, Subscriber.address)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.mailing_id == mailing_id, Delivery.state.in_(states), Delivery.subscriber_id > after_id)
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    return [
        DeliveryRow(
            row.subscriber_id, address or "erased", DeliveryState(row.state), row.code, row.reason or "", row.at
        )
        for row, address in rows
    ]


def got_it_already(
    session: Session,
    issue_id: int,
    revision_id: int,
    *,
    is_test: bool,
    among: Collection[str] | None = None,
    only: ColumnElement[bool] | None = None,
) -> int:
    """Returns how many of those who could get a revision now are left out because of what they got (or may have).

    `among` narrows to addresses, `only` to a segment. In a test, and for what was a test, only the same revision
    counts: see `had`.
    Only who is subscribed and not suppressed counts, so that the number can be taken from that of all such.
    """
    query = (
        select(func.count(distinct(Delivery.subscriber_id)))
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            had(issue_id, revision_id, is_test=is_test),
            got_it(),
            Subscription.newsletter_id == Mailing.newsletter_id,
            Subscription.state == SubscriptionState.ACTIVE,
            Suppression.address_key.is_(None),
        )
    )
    if among is not None:
        query = query.where(Subscriber.address_key.in_(among))
    if only is not None:
        query = query.where(only)
    return session.scalar(query) or 0


# --- which mailings and deliveries count as "got it"


def had(issue_id: int, revision_id: int, *, is_test: bool) -> ColumnElement[bool]:
    """Selects the mailings whose receivers do not get a revision.

    Nobody gets the same content twice. An issue comes once, but a test of words that were mended since was none of it.
    """
    is_same = Mailing.revision_id == revision_id
    return and_(Mailing.issue_id == issue_id, is_same if is_test else or_(is_same, Mailing.is_test.is_(False)))


def got_it() -> ColumnElement[bool]:
    """Selects the deliveries whose reader got the message, or may have got it."""
    return Delivery.state.in_((DeliveryState.SENT, DeliveryState.IN_DOUBT, DeliveryState.INTENDED))


def _has_batch(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(Batch.id).where(Batch.mailing_id == Mailing.id, *conditions))


def _views(session: Session, rows: Sequence[Mailing]) -> list[MailingView]:
    """Returns the views of mailings; a fixed number of queries, and none of a delivery."""
    balances = counts.balances(session, [row.id for row in rows])
    return [_view(row, balances[row.id]) for row in rows]


def _view(row: Mailing, balance: Balance) -> MailingView:
    return MailingView(
        id=row.id,
        issue_id=row.issue_id,
        revision_id=row.revision_id,
        newsletter_id=row.newsletter_id,
        state=MailingState(row.state),
        reason=row.reason,
        started_at=row.started_at,
        finished_at=row.finished_at,
        retry_at=row.retry_at,
        balance=balance,
        is_test=row.is_test,
        hold_until=row.hold_until,
        waits_until=row.waits_until,
        waits_for=row.waits_for,
        wave=row.wave,
        hard_bounces=row.hard_bounces,
        complaints=row.complaints,
        is_mended=row.is_mended,
        segment_name=row.segment_name,
        segment_words=row.segment_words,
        text_only=row.text_only,
        troubles=row.troubles,
    )
