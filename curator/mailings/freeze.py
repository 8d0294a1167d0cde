"""Freezes the audience of a mailing into its ledger, chunk by chunk, and accounts for it."""

from __future__ import annotations

from datetime import datetime

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.db import Database, Session
from curator.mailings import store
from curator.mailings.values import MailingState

CHUNK = 20_000
"""Candidates in one transaction: the database copies them in about 60 ms, and nobody waits longer for it."""

BATCH = 500
"""Deliveries in one batch: what a worker claims at a time."""


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
        last_id = audience.last_of_next(
            session, build.newsletter_id, after_id=build.cursor, up_to_id=build.highest_id, limit=chunk
        )
        if last_id is None:
            _let_run(session, mailing_id)
            return False
        # Who is at the desk is settled here: whoever leaves it a minute later may still get a mail they helped make.
        staff = accounts.staff_keys(session) if build.is_test else None
        store.add_deliveries(session, mailing_id, build, last_id=last_id, staff=staff, now=now)
        store.add_batches(session, mailing_id, after_id=build.cursor, last_id=last_id, size=batch, now=now)
    return True


def _let_run(session: Session, mailing_id: int) -> None:
    balance = store.balance(session, mailing_id)
    if balance.is_even:
        store.set_state(session, mailing_id, MailingState.RUNNING)
        return
    reason = f"{balance.candidates} candidates were counted, {sum(balance.by_state.values())} stand in the ledger."
    store.set_state(session, mailing_id, MailingState.PAUSED, reason=reason)
