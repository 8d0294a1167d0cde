"""Queries for programs that read a newsletter's readers page by page."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.audience.store import ROW, as_row
from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SubscriberRow, SubscriptionState


def subscribers(
    session: Session, newsletter_id: int, *, state: SubscriptionState | None, after_id: int, limit: int
) -> list[SubscriberRow]:
    """Returns at most `limit` readers behind an id, oldest first; in one state, or in any."""
    # The page is cut from the index alone, before anything is joined to it.
    few = select(Subscription.subscriber_id).where(
        Subscription.newsletter_id == newsletter_id, Subscription.subscriber_id > after_id
    )
    if state is not None:
        few = few.where(Subscription.state == state)
    ids = list(session.scalars(few.order_by(Subscription.subscriber_id).limit(limit)))
    query = (
        select(*ROW)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(Subscriber.id.in_(ids), Subscription.newsletter_id == newsletter_id)
    )
    return [as_row(row) for row in session.execute(query.order_by(Subscriber.id))]
