"""Queries on one reader's subscriptions and on the record of their consent."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from curator.audience.consent import SIGN_UP_AFTER_LEAVING
from curator.audience.tables import Consent, Subscriber, Subscription
from curator.audience.values import ConsentRow, ConsentStep, Manner, Reader, SubscriptionRow, SubscriptionState
from curator.db import upsert
from curator.names import one_line

MAX_PLACE, MAX_WORDS = 200, 1000
_AGREEMENT = [step for step in ConsentStep if step.is_agreement]

# --- one reader


def hold(session: Session, subscriber_id: int) -> Reader | None:
    """Returns a reader and makes whoever else takes a step of theirs wait until the commit; None when they are gone."""
    query = (
        select(Subscriber.id, Subscriber.address, Subscriber.address_key, Subscriber.name)
        .where(Subscriber.id == subscriber_id)
        # Not FOR UPDATE: that would also wait for everybody who inserts a row with a foreign key to this one.
        .with_for_update(key_share=True)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Reader(*row)


def rename(session: Session, subscriber_id: int, name: str) -> bool:
    """Gives a reader another name; False when it was theirs already."""
    named = update(Subscriber).where(Subscriber.id == subscriber_id, Subscriber.name != name).values(name=name)
    return session.execute(named.returning(Subscriber.id)).first() is not None


def has_active(session: Session, address_key: str) -> bool:
    """Tells whether anything at all is sent to this address."""
    query = (
        select(Subscription.subscriber_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.address_key == address_key, Subscription.state == SubscriptionState.ACTIVE)
        .limit(1)
    )
    return session.scalar(query) is not None


def was_denied_since(session: Session, subscriber_id: int, since: datetime) -> bool:
    """Tells whether a reader said since then that they never signed up, for whichever newsletter, and still says so.

    Whoever denied one is not asked about it again unless they take it back, so a later sign-up to it says that.
    """
    later = aliased(Consent)
    taken_back = exists().where(
        later.subscriber_id == Consent.subscriber_id,
        later.newsletter_id == Consent.newsletter_id,
        later.step == ConsentStep.ASKED,
        later.id > Consent.id,
    )
    said = Consent.subscriber_id == subscriber_id, Consent.step == ConsentStep.DENIED, Consent.at >= since
    return session.scalar(select(Consent.id).where(*said, ~taken_back).limit(1)) is not None


# --- their subscriptions


def subscription(session: Session, newsletter_id: int, subscriber_id: int) -> SubscriptionRow | None:
    """Returns how a subscription stands, None when there is none."""
    found = [row for row in subscriptions(session, subscriber_id) if row.newsletter_id == newsletter_id]
    return found[0] if found else None


def subscriptions(session: Session, subscriber_id: int) -> list[SubscriptionRow]:
    """Returns every subscription of a reader, by newsletter."""
    rows = session.execute(
        select(Subscription.newsletter_id, Subscription.state, Subscription.changed_at, Subscription.how)
        .where(Subscription.subscriber_id == subscriber_id)
        .order_by(Subscription.newsletter_id)
    )
    return [SubscriptionRow(id_, SubscriptionState(state), at, how) for id_, state, at, how in rows]


def move(session: Session, subscriber_id: int, to: SubscriptionRow, *, seen: SubscriptionRow | None) -> bool:
    """Makes a subscription what `to` says, if it still is as `seen`; False when somebody changed it meanwhile."""
    new: dict[str, Any] = {"state": to.state, "changed_at": to.changed_at, "how": to.how}
    if to.state is SubscriptionState.PENDING:
        # A pause of before was about what they got then.
        new["paused_until"] = None
    if seen is None:
        row = {"subscriber_id": subscriber_id, "newsletter_id": to.newsletter_id, **new}
        return upsert(session, Subscription, [row], keys=["subscriber_id", "newsletter_id"]) == 1
    moved = (
        update(Subscription)
        .where(
            Subscription.subscriber_id == subscriber_id,
            Subscription.newsletter_id == to.newsletter_id,
            Subscription.state == seen.state,
            Subscription.changed_at == seen.changed_at,
        )
        .values(**new)
    )
    return session.execute(moved.returning(Subscription.subscriber_id)).first() is not None


# --- how they come


def manners(session: Session, subscriber_id: int) -> dict[int, Manner]:
    """Returns how each newsletter comes to a reader, by newsletter."""
    query = select(Subscription.newsletter_id, Subscription.paused_until, Subscription.is_text_only)
    rows = session.execute(query.where(Subscription.subscriber_id == subscriber_id))
    return {id_: Manner(until, is_text_only) for id_, until, is_text_only in rows}


def set_pause(session: Session, subscriber_id: int, newsletter_id: int, *, until: datetime | None) -> bool:
    """Keeps a newsletter back until a moment, None for not at all; False when it was so already."""
    return _set_manner(session, subscriber_id, newsletter_id, "paused_until", until)


def set_text_only(session: Session, subscriber_id: int, newsletter_id: int, *, is_text_only: bool) -> bool:
    """Sets whether the text alone comes; False when it was so already."""
    return _set_manner(session, subscriber_id, newsletter_id, "is_text_only", is_text_only)


def _set_manner(session: Session, subscriber_id: int, newsletter_id: int, name: str, value: Any) -> bool:
    column = getattr(Subscription, name)
    this = Subscription.subscriber_id == subscriber_id, Subscription.newsletter_id == newsletter_id
    moved = update(Subscription).where(*this, column.is_distinct_from(value)).values({name: value})
    return session.execute(moved.returning(Subscription.subscriber_id)).first() is not None


# --- the record


def add(session: Session, row: ConsentRow, subscriber_ids: Sequence[int]) -> None:
    """Writes a step down for one reader or for many, in one statement."""
    kept = {
        "newsletter_id": row.newsletter_id,
        "step": row.step,
        "at": row.at,
        "place": one_line(row.place, max_characters=MAX_PLACE),
        "words": one_line(row.words, max_characters=MAX_WORDS),
    }
    if subscriber_ids:
        session.execute(insert(Consent), [{"subscriber_id": id_, **kept} for id_ in subscriber_ids])


def newest(
    session: Session, subscriber_id: int, newsletter_id: int, *, step: ConsentStep | None = None, limit: int = 2
) -> list[ConsentRow]:
    """Returns the newest steps of agreement between a reader and a newsletter, newest first; of one kind, or any.

    What changes only how the newsletter comes (a pause, another address) stands in `steps` alone.
    """
    query = _steps(subscriber_id).where(Consent.newsletter_id == newsletter_id, Consent.step.in_(_AGREEMENT))
    return _rows(session, query if step is None else query.where(Consent.step == step), limit)


def steps(session: Session, subscriber_id: int, *, limit: int = 200) -> list[ConsentRow]:
    """Returns a reader's record over all newsletters, newest first."""
    return _rows(session, _steps(subscriber_id), limit)


def steps_before(
    session: Session, subscriber_id: int, newsletter_ids: Collection[int], *, before: datetime | None, limit: int
) -> list[ConsentRow]:
    """Returns a reader's record in these newsletters, newest first: at most `limit` steps before a moment."""
    query = _steps(subscriber_id).where(Consent.newsletter_id.in_(list(newsletter_ids)))
    return _rows(session, query if before is None else query.where(Consent.at < before), limit)


def _steps(subscriber_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Consent.newsletter_id, Consent.step, Consent.at, Consent.place, Consent.words)
        .where(Consent.subscriber_id == subscriber_id)
        .order_by(Consent.id.desc())
    )


def _rows(session: Session, query: Select[*tuple[Any, ...]], limit: int) -> list[ConsentRow]:
    rows = session.execute(query.limit(limit))
    return [ConsentRow(id_, ConsentStep(step), at, place, words) for id_, step, at, place, words in rows]


# --- sign-ups that nobody confirmed


def overdue_ids(session: Session, newsletter_id: int, *, asked_before: datetime, limit: int) -> list[int]:
    """Returns whose sign-ups were asked for before a moment and wait still, and holds those readers' rows.

    On PostgreSQL readers whom somebody else holds are left out: they are doing something just now.
    """
    query = (
        select(Subscriber.id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(Subscription.newsletter_id == newsletter_id, *_waits_since_before(asked_before))
        .order_by(Subscriber.id)
        .limit(limit)
        .with_for_update(of=Subscriber, skip_locked=True)
    )
    return list(session.scalars(query))


def drop_overdue(
    session: Session, newsletter_id: int, subscriber_ids: Collection[int], *, asked_before: datetime, now: datetime
) -> int:
    """Takes overdue sign-ups back: to the ended subscription that each was before, else to none. Returns how many."""
    these = (
        Subscription.newsletter_id == newsletter_id,
        Subscription.subscriber_id.in_(subscriber_ids),
        *_waits_since_before(asked_before),
    )
    ended = (
        update(Subscription)
        .where(*these, Subscription.how == SIGN_UP_AFTER_LEAVING)
        .values(state=SubscriptionState.ENDED, changed_at=now, how="not confirmed")
        .returning(Subscription.subscriber_id)
    )
    gone = delete(Subscription).where(*these).returning(Subscription.subscriber_id)
    return len(session.execute(ended).all()) + len(session.execute(gone).all())


def forget_unsubscribed(session: Session, subscriber_ids: Collection[int]) -> None:
    """Deletes those of these readers who have no subscription in any state, with their record."""
    has_any = exists().where(Subscription.subscriber_id == Subscriber.id)
    session.execute(delete(Subscriber).where(Subscriber.id.in_(subscriber_ids), ~has_any))


def _waits_since_before(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Subscription.state == SubscriptionState.PENDING, Subscription.changed_at < moment
