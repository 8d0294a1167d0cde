"""Queries on what one subscriber chose: pauses, the text part alone, interests."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.audience.tables import Interest, SubscriberInterest, Subscription, Suppression
from curator.audience.values import SuppressionReason, SuppressionRow


@dataclass(frozen=True)
class Chosen:
    """What a reader chose in a newsletter."""

    paused_until: datetime | None
    is_text_only: bool
    interests: tuple[str, ...] = ()


def chosen(session: Session, subscriber_id: int) -> dict[int, Chosen]:
    """Returns what a subscriber chose, by newsletter; two queries."""
    names: dict[int, list[str]] = {}
    named = session.execute(
        select(Interest.newsletter_id, Interest.name)
        .join(SubscriberInterest, SubscriberInterest.interest_id == Interest.id)
        .where(SubscriberInterest.subscriber_id == subscriber_id)
        .order_by(Interest.newsletter_id, Interest.position, Interest.id)
    )
    for newsletter_id, name in named:
        names.setdefault(newsletter_id, []).append(name)
    rows = session.execute(
        select(Subscription.newsletter_id, Subscription.paused_until, Subscription.is_text_only).where(
            Subscription.subscriber_id == subscriber_id
        )
    )
    return {id_: Chosen(until, is_text, tuple(names.get(id_, ()))) for id_, until, is_text in rows}


def suppression(session: Session, address_key: str) -> SuppressionRow | None:
    """Returns why and since when an address is never mailed, None when it may be."""
    columns = Suppression.address_key, Suppression.reason, Suppression.note, Suppression.at
    row = session.execute(select(*columns).where(Suppression.address_key == address_key)).one_or_none()
    return None if row is None else SuppressionRow(row[0], SuppressionReason(row[1]), row[2], row[3])
