"""Freezes the audience of a mailing into its ledger, chunk by chunk, and accounts for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.audience.values import AudienceMember
from curator.db import Database, Session
from curator.mailings import store
from curator.mailings.values import Build, DeliveryState, MailingState, NewDelivery

CHUNK = 5_000
"""Candidates in one transaction: long enough to be quick, short enough that nobody waits for the database."""

BATCH = 500
"""Deliveries in one batch: what a worker claims at a time."""

TEST_MODE = "test mode"
"""Why readers get nothing in a test: until their newsletter is live, mail goes to people at the desk only."""

_BEFORE = {
    DeliveryState.SENT: "got this issue already",
    DeliveryState.IN_DOUBT: "may have got this issue already",
    DeliveryState.INTENDED: "may have got this issue already",
}


def freeze(db: Database, mailing_id: int, *, now: datetime, chunk: int = CHUNK, batch: int = BATCH) -> None:
    """Writes the audience of a mailing that is being built into the ledger, then lets it run.

    Every chunk is one transaction and begins behind what is there: a kill in between loses and doubles nothing, and
    two that freeze at once take turns. A mailing that is built already is left alone.
    """
    while freeze_chunk(db, mailing_id, now=now, chunk=chunk, batch=batch):
        pass


def freeze_chunk(db: Database, mailing_id: int, *, now: datetime, chunk: int = CHUNK, batch: int = BATCH) -> bool:
    """Writes the next chunk; False when the mailing is built."""
    with db.write() as session:
        build = store.build(session, mailing_id)
        if build is None:
            return False
        found = audience.candidates(session, build.newsletter_id, after_id=build.cursor, limit=chunk)
        members = [member for member in found if member.subscriber_id <= build.highest_id]
        if not members:
            _let_run(session, mailing_id)
            return False
        rows = _rows(session, build, members)
        store.add_deliveries(session, mailing_id, rows, now=now)
        store.add_batches(session, mailing_id, _ranges(rows, batch), now=now)
    return True


def _rows(session: Session, build: Build, members: Sequence[AudienceMember]) -> list[NewDelivery]:
    first_id, last_id = members[0].subscriber_id, members[-1].subscriber_id
    before = store.got_it_before(session, build, first_id=first_id, last_id=last_id)
    # Who is at the desk is settled here, once: whoever leaves it a minute later may still get a mail they helped make.
    staff = accounts.staff_keys(session) if build.is_test else None
    return [
        NewDelivery(member.subscriber_id, _exclusion(member, before.get(member.subscriber_id), staff))
        for member in members
    ]


def _exclusion(member: AudienceMember, before: DeliveryState | None, staff: Collection[str] | None) -> str | None:
    if before is not None:
        return _BEFORE[before]
    if staff is not None and member.address_key not in staff:
        return member.exclusion or TEST_MODE
    return member.exclusion


def _ranges(rows: Sequence[NewDelivery], batch: int) -> list[tuple[int, int]]:
    ids = [row.subscriber_id for row in rows if row.exclusion is None]
    parts = [ids[start : start + batch] for start in range(0, len(ids), batch)]
    return [(part[0], part[-1]) for part in parts]


def _let_run(session: Session, mailing_id: int) -> None:
    balance = store.balance(session, mailing_id)
    if balance.is_even:
        store.set_state(session, mailing_id, MailingState.RUNNING)
        return
    reason = f"{balance.candidates} candidates were counted, {sum(balance.by_state.values())} stand in the ledger."
    store.set_state(session, mailing_id, MailingState.PAUSED, reason=reason)
