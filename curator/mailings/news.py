"""Tells others' programs how a mailing ended or why it stopped, in the transaction in which it did."""

from datetime import datetime

from curator.db import Session
from curator.mailings import store
from curator.mailings.values import MailingState
from curator.webhooks.store import announce
from curator.webhooks.values import Kind


def stopped(session: Session, mailing_id: int, reason: str, *, now: datetime) -> None:
    """Pauses a mailing, with the reason that a person has to deal with."""
    store.set_state(session, mailing_id, MailingState.PAUSED, reason=reason)
    _tell(session, Kind.MAILING_STOPPED, mailing_id, now=now, reason=reason)


def finished(session: Session, mailing_id: int, *, now: datetime) -> None:
    """Tells of a mailing that is over, and of its issue where that went out in earnest."""
    _tell(session, Kind.MAILING_FINISHED, mailing_id, now=now)
    if not store.row(session, mailing_id).is_test:
        _tell(session, Kind.ISSUE_SENT, mailing_id, now=now)


def _tell(session: Session, kind: Kind, mailing_id: int, *, now: datetime, reason: str = "") -> None:
    row = store.row(session, mailing_id)
    facts = {"mailing_id": mailing_id, "issue_id": row.issue_id, "is_test": row.is_test}
    announce(session, kind, facts | ({"reason": reason} if reason else {}), now=now, newsletter_id=row.newsletter_id)
