"""DELIVERY -> EVENT: takes in what became of a mailing's messages and keeps its counters in step."""

from datetime import datetime

from curator.db import Database
from curator.events import store
from curator.events.values import EventKind


def note_unsubscribed(db: Database, *, mailing_id: int, subscriber_id: int, now: datetime) -> None:
    """Counts one reader who left by a mailing's own link; a second call changes nothing."""
    with db.write() as session:
        if store.add_once(session, EventKind.UNSUBSCRIBED, mailing_id=mailing_id, subscriber_id=subscriber_id, at=now):
            store.count(session, mailing_id, unsubscribed=1)


def note_returned(db: Database, *, mailing_id: int, subscriber_id: int) -> None:
    """Takes such a leaving back, when the reader undid it."""
    with db.write() as session:
        if store.remove(session, EventKind.UNSUBSCRIBED, mailing_id=mailing_id, subscriber_id=subscriber_id):
            store.count(session, mailing_id, unsubscribed=-1)
