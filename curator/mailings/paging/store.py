"""Queries for programs that read mailings page by page."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.mailings.store import mailing
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingView


def mailings(
    session: Session, newsletter_id: int, *, issue_id: int | None, before_id: int | None, limit: int
) -> list[MailingView]:
    """Returns at most `limit` mailings of a newsletter before an id, newest first, with their balances."""
    query = select(Mailing.id).where(Mailing.newsletter_id == newsletter_id).order_by(Mailing.id.desc()).limit(limit)
    if issue_id is not None:
        query = query.where(Mailing.issue_id == issue_id)
    if before_id is not None:
        query = query.where(Mailing.id < before_id)
    return [mailing(session, each) for each in session.scalars(query).all()]
