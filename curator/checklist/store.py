"""The one query behind the checklist: it looks into every room that a step is about."""

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from curator.accounts.tables import User
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.checklist.values import Checklist
from curator.errors import NotFoundError
from curator.feeds.tables import Feed
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState
from curator.newsletters.tables import Newsletter


def checklist(session: Session, newsletter_id: int) -> Checklist:
    """Returns how far a newsletter is, live or not; one query. Raises NotFoundError."""
    row = session.execute(_checklists().where(Newsletter.id == newsletter_id)).one_or_none()
    if row is None:
        raise NotFoundError("newsletter", newsletter_id)
    return Checklist(*row)


def in_test_mode(session: Session) -> list[Checklist]:
    """Returns how far each newsletter in test mode is, by name; one query, which finds nothing once all are live."""
    query = _checklists().where(Newsletter.live_at.is_(None)).order_by(Newsletter.name, Newsletter.id)
    return [Checklist(*row) for row in session.execute(query)]


def _checklists() -> Select[*tuple[Any, ...]]:
    """Selects the columns of `Checklist` in their order."""
    return select(
        Newsletter.id,
        Newsletter.name,
        Newsletter.sender_address,
        Newsletter.postal_address,
        Newsletter.dns_seen_at,
        Newsletter.live_at,
        _has_test_mail(),
        _has_readers(),
        exists(select(Feed.id).where(Feed.last_ok_at.is_not(None))),
    )


def _has_test_mail() -> ColumnElement[bool]:
    arrived = Letter.kind == LetterKind.TEST, Letter.state == LetterState.SENT
    of_newsletter = Letter.newsletter_id == Newsletter.id
    return exists(select(Letter.id).where(Letter.address_key.in_(_staff()), of_newsletter, *arrived))


def _has_readers() -> ColumnElement[bool]:
    ties = select(Subscription.subscriber_id).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    is_active = Subscription.newsletter_id == Newsletter.id, Subscription.state == SubscriptionState.ACTIVE
    return exists(ties.where(*is_active, Subscriber.address_key.not_in(_staff())))


def _staff() -> Select[str]:
    return select(User.address_key).where(User.is_active)
