"""Queries by which readers, suppressions and consents are written out, some thousand at a time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from curator.audience.tables import (
    Consent,
    Interest,
    Subscriber,
    SubscriberInterest,
    SubscriberTag,
    Subscription,
    Suppression,
    Tag,
)
from curator.audience.values import ConsentStep
from curator.newsletters.tables import Newsletter

PAGE = 2000
# By these a subscription became active: the newest is the basis on which it is.
_BASES = (ConsentStep.CONFIRMED, ConsentStep.RETURNED, ConsentStep.ADDED, ConsentStep.IMPORTED)


def subscribers(
    session: Session, *, newsletter_id: int | None, after_id: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Returns the subscriptions of the next subscribers by id, and the last id; None behind the last of them.

    Somebody without any subscription is one row too; with a newsletter only its own readers are. Seven queries.
    """
    last_id = _last_of_page(session, after_id)
    if last_id is None:
        return [], None
    page = Subscriber.id > after_id, Subscriber.id <= last_id
    about = {"tags": _tags(session, after_id, last_id), "interests": _interests(session, after_id, last_id)}
    bases = _newest_bases(session, after_id, last_id)
    of = Subscription.subscriber_id == Subscriber.id
    if newsletter_id is not None:
        of &= Subscription.newsletter_id == newsletter_id
    query = (
        select(
            Subscriber.id,
            Subscriber.address,
            Subscriber.name,
            Subscriber.source,
            Subscriber.created_at,
            Subscriber.engaged_at,
            Subscription.newsletter_id,
            Newsletter.slug,
            Subscription.state,
            Subscription.changed_at,
            Subscription.how,
            Subscription.paused_until,
            Subscription.is_text_only,
            Suppression.reason,
        )
        .join(Subscription, of, isouter=newsletter_id is None)
        .outerjoin(Newsletter, Newsletter.id == Subscription.newsletter_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(*page)
        .order_by(Subscriber.id, Subscription.newsletter_id)
    )
    return [_subscriber(row, about, bases) for row in session.execute(query)], last_id


def _subscriber(
    row: Any,
    about: Mapping[str, Mapping[tuple[int, int | None], list[str]]],
    bases: Mapping[tuple[int, int | None], tuple[str, datetime]],
) -> dict[str, Any]:
    basis, basis_at = bases.get((row.id, row.newsletter_id), ("", None))
    return {
        "email": row.address,
        "name": row.name,
        "newsletter": row.slug,
        "status": row.state,
        "since": row.changed_at,
        "how": row.how,
        "tags": about["tags"].get((row.id, None), []),
        "interests": about["interests"].get((row.id, row.newsletter_id), []),
        "joined_at": row.created_at,
        "source": row.source,
        "consent_basis": basis,
        "consented_at": basis_at,
        "paused_until": row.paused_until,
        "text_only": row.is_text_only,
        "clicked_at": row.engaged_at,
        "suppressed": row.reason,
    }


def _last_of_page(session: Session, after_id: int) -> int | None:
    ids = session.scalars(select(Subscriber.id).where(Subscriber.id > after_id).order_by(Subscriber.id).limit(PAGE))
    return max(ids, default=None)


def _within(column: Any, after_id: int, last_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column > after_id, column <= last_id


def _tags(session: Session, after_id: int, last_id: int) -> dict[tuple[int, int | None], list[str]]:
    query = (
        select(SubscriberTag.subscriber_id, Tag.name)
        .join(Tag, Tag.id == SubscriberTag.tag_id)
        .where(*_within(SubscriberTag.subscriber_id, after_id, last_id))
        .order_by(SubscriberTag.subscriber_id, Tag.name)
    )
    found: dict[tuple[int, int | None], list[str]] = {}
    for who, name in session.execute(query):
        found.setdefault((who, None), []).append(name)
    return found


def _interests(session: Session, after_id: int, last_id: int) -> dict[tuple[int, int | None], list[str]]:
    query = (
        select(SubscriberInterest.subscriber_id, Interest.newsletter_id, Interest.name)
        .join(Interest, Interest.id == SubscriberInterest.interest_id)
        .where(*_within(SubscriberInterest.subscriber_id, after_id, last_id))
        .order_by(SubscriberInterest.subscriber_id, Interest.position, Interest.name)
    )
    found: dict[tuple[int, int | None], list[str]] = {}
    for who, newsletter_id, name in session.execute(query):
        found.setdefault((who, newsletter_id), []).append(name)
    return found


def _newest_bases(session: Session, after_id: int, last_id: int) -> dict[tuple[int, int | None], tuple[str, datetime]]:
    query = (
        select(Consent.subscriber_id, Consent.newsletter_id, Consent.words, Consent.place, Consent.at)
        .where(*_within(Consent.subscriber_id, after_id, last_id), Consent.step.in_(_BASES))
        .order_by(Consent.subscriber_id, Consent.newsletter_id, Consent.id)
    )
    return {(who, of): (words or place, at) for who, of, words, place, at in session.execute(query)}


def consents(session: Session, *, newsletter_id: int | None, after_id: int) -> tuple[list[dict[str, Any]], int | None]:
    """Returns the next steps of the record by id, and the last id; None behind the last of them."""
    query = (
        select(
            Consent.id,
            Subscriber.address.label("email"),
            Newsletter.slug.label("newsletter"),
            Consent.step,
            Consent.at,
            Consent.place,
            Consent.words,
        )
        .join(Subscriber, Subscriber.id == Consent.subscriber_id)
        .join(Newsletter, Newsletter.id == Consent.newsletter_id)
        .where(Consent.id > after_id)
        .order_by(Consent.id)
        .limit(PAGE)
    )
    if newsletter_id is not None:
        query = query.where(Consent.newsletter_id == newsletter_id)
    rows = [dict(row._mapping) for row in session.execute(query)]  # noqa: SLF001 - SQLAlchemy's documented name
    last_id = rows[-1]["id"] if rows else None
    return [{name: value for name, value in row.items() if name != "id"} for row in rows], last_id


def suppressions(session: Session, *, after: str) -> Iterator[tuple[str, str, str, datetime]]:
    """Yields the next suppressions by key: key, reason, note, since when; at most a page of them."""
    query = (
        select(Suppression.address_key, Suppression.reason, Suppression.note, Suppression.at)
        .where(Suppression.address_key > after)
        .order_by(Suppression.address_key)
        .limit(PAGE)
    )
    for key, reason, note, at in session.execute(query):
        yield key, str(reason), note, at
