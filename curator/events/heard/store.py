"""Queries on what came back from one subscriber."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from curator.events.tables import Event
from curator.events.values import EventKind
from curator.issues.tables import Issue, Link
from curator.mailings.tables import Mailing


@dataclass(frozen=True)
class Heard:
    """One event of a delivery; of a click, what its link is about."""

    kind: EventKind
    at: datetime
    mailing_id: int
    issue_number: int
    newsletter_id: int
    label: str
    detail: str


def history(
    session: Session, subscriber_id: int, newsletter_ids: Collection[int], *, before: datetime | None, limit: int
) -> list[Heard]:
    """Returns a subscriber's events in these newsletters, newest first: at most `limit` before a moment.

    Programs' hits are left out. Events are found mailing by mailing, as the ledger's rows are.
    """
    link = and_(Link.revision_id == Mailing.revision_id, Link.number == Event.link)
    query = (
        select(
            *(Event.kind, Event.at, Mailing.id, Issue.number, Mailing.newsletter_id),
            *(Link.label, Event.detail),
        )
        .select_from(Mailing)
        .join(Event, Event.mailing_id == Mailing.id)
        .join(Issue, Issue.id == Mailing.issue_id)
        .outerjoin(Link, link)
        .where(
            Mailing.newsletter_id.in_(list(newsletter_ids)),
            Event.subscriber_id == subscriber_id,
            Event.is_robot.is_(False),
        )
    )
    query = query if before is None else query.where(Event.at < before)
    rows = session.execute(query.order_by(Event.at.desc(), Event.id.desc()).limit(limit))
    return [
        Heard(EventKind(kind), at, mailing_id, number, newsletter_id, label or "", detail)
        for kind, at, mailing_id, number, newsletter_id, label, detail in rows
    ]
