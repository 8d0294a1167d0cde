"""Queries on what one subscriber was sent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.issues.tables import Issue
from curator.mailings.tables import Delivery, Mailing
from curator.mailings.values import DeliveryState


@dataclass(frozen=True)
class Received:
    """One delivery, with the issue that it carried (or would have)."""

    mailing_id: int
    issue_id: int
    issue_number: int
    newsletter_id: int
    is_test: bool
    state: DeliveryState
    reason: str | None
    code: int | None
    at: datetime


def history(
    session: Session, subscriber_id: int, newsletter_ids: Collection[int], *, before: datetime | None, limit: int
) -> list[Received]:
    """Returns a subscriber's deliveries in these newsletters, newest first: at most `limit` before a moment.

    The ledger's key begins with the mailing, so each mailing is looked into once: there are hundreds, not millions.
    """
    query = (
        select(
            *(Mailing.id, Mailing.issue_id, Issue.number, Mailing.newsletter_id, Mailing.is_test),
            *(Delivery.state, Delivery.reason, Delivery.code, Delivery.at),
        )
        .join(Delivery, Delivery.mailing_id == Mailing.id)
        .join(Issue, Issue.id == Mailing.issue_id)
        .where(Mailing.newsletter_id.in_(list(newsletter_ids)), Delivery.subscriber_id == subscriber_id)
    )
    query = query if before is None else query.where(Delivery.at < before)
    rows = session.execute(query.order_by(Delivery.at.desc(), Mailing.id.desc()).limit(limit))
    return [
        Received(id_, issue_id, number, newsletter_id, is_test, DeliveryState(state), reason, code, at)
        for id_, issue_id, number, newsletter_id, is_test, state, reason, code, at in rows
    ]
