"""Sends a back issue without a message: the ledger takes each delivery's fate as a relay would have told it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from curator.audience import store as audience
from curator.audience.values import Recipient
from curator.db import Database, Session
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.counts import store as counts
from curator.mailings.ledger import store as ledger
from curator.mailings.values import Claim, DeliveryState, Result

SENT_WITHIN = timedelta(minutes=3)
_GONE = "5.1.1 There is no such reader here"
# More readers than a batch holds.
_ALL = 10_000


def send_back(db: Database, issue_id: int, *, at: datetime, gone: Collection[str]) -> int:
    """Sends an issue at its moment and returns its finished mailing; a second call returns the same one.

    Whoever is in `gone` (addresses) is refused, everybody else gets it.
    """
    with db.read() as session:
        known = mailings.mailings(session, issue_id=issue_id, limit=1)
    if known and known[0].state.is_final:
        return known[0].id
    mailing_id = send.start(db, issue_id, now=at)
    while _settled_batch(db, mailing_id, at=at, gone=gone):
        pass
    send.finish(db, mailing_id, now=at + SENT_WITHIN)
    return mailing_id


def _settled_batch(db: Database, mailing_id: int, *, at: datetime, gone: Collection[str]) -> bool:
    """Settles every delivery of one batch; False when there is none left."""
    with db.write() as session:
        lease_until = at + timedelta(hours=1)
        held = ledger.claim(session, mailing_id, owner="demo", now=at, lease_until=lease_until)
        if held is None:
            return False
        newsletter_id = mailings.mailing(session, mailing_id).newsletter_id
        ledger.record(session, held, _results(session, newsletter_id, held, at=at, gone=gone), now=at + SENT_WITHIN)
        ledger.release(session, held, now=at)
        return True


def _results(session: Session, newsletter_id: int, held: Claim, *, at: datetime, gone: Collection[str]) -> list[Result]:
    waits = ledger.waiting(session, held, after_id=held.first_id - 1, limit=_ALL, now=at)
    found = audience.recipients(session, newsletter_id, waits, now=at)
    reasons = {id_: why for id_, why in found.items() if isinstance(why, str)}
    left_out = ledger.exclude(session, held, reasons, waits, now=at)
    readers = [each for each in found.values() if isinstance(each, Recipient)]
    ledger.intend(session, held, {each.subscriber_id: waits[each.subscriber_id] for each in readers}, now=at)
    counts.add_exclusions(session, held.mailing_id, left_out)
    return [
        Result(reader.subscriber_id, DeliveryState.REFUSED, code=550, reason=_GONE)
        if reader.address in gone
        else Result(reader.subscriber_id, DeliveryState.SENT, code=250, reason="2.0.0 Kept")
        for reader in readers
    ]
