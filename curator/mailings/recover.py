"""Settles what senders that are gone left open, by their journals, and clears old journals away."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from curator.db import Database, Session
from curator.mailings import journal, store
from curator.mailings.hand_over import wait_after
from curator.mailings.journal import Past
from curator.mailings.ledger import store as ledger
from curator.mailings.values import Claim, DeliveryState, MailingState, Result

_NOBODY_KNOWS = "its sender ended before it could say what became of it"


NeverLeft = Callable[[Session, Claim, int], None]
"""Is told in the transaction how many messages of a batch turn out never to have left."""


def _nobody_asks(_session: Session, _held: Claim, _count: int) -> None:
    pass


def recover(
    db: Database, mailing_id: int, *, journal_dir: Path, now: datetime, never_left: NeverLeft = _nobody_asks
) -> int:
    """Takes over the batches of senders that are gone; returns how many.

    A sender whose journal lies here unlocked is dead and is not waited for; any other is gone when its lease is over.
    A message without a line in a journal of this boot never left: it is pending again. An answer settles it. Whatever
    else was about to leave is in doubt, and no machine sends it again.
    """
    with db.read() as session:
        held = ledger.claims(session, mailing_id)
    pasts = ((each, journal.past(journal_dir, each.owner)) for each in held)
    return sum(_take_over(db, each, past, now=now, never_left=never_left) for each, past in pasts)


def clear_journals(db: Database, *, journal_dir: Path) -> None:
    """Removes the journals of dead senders that no batch refers to any more."""
    # The names come first: whoever is dead by now claims nothing after the query.
    names = journal.dead_names(journal_dir)
    if not names:
        return
    with db.read() as session:
        owners = ledger.owners(session)
    journal.remove(journal_dir, [name for name in names if name not in owners])


def _take_over(db: Database, held: Claim, past: Past, *, now: datetime, never_left: NeverLeft) -> bool:
    is_dead = past.is_within_reach and not past.is_alive and past.is_same_boot
    if not is_dead and now < held.lease_until:
        return False
    with db.write() as session:
        mailing = store.lock(session, held.mailing_id, is_shared=True)
        if not ledger.take_over(session, held):
            return False
        results = _results(held, past, ledger.intended_ids(session, held), now=now)
        ledger.record(session, held, results, now=now)
        never_left(session, held, sum(each.state is DeliveryState.PENDING for each in results))
        if mailing.state == MailingState.CANCELLED:
            ledger.cancel_rest(session, held)
        ledger.release(session, held, now=now)
    return True


def _results(held: Claim, past: Past, subscriber_ids: Sequence[int], *, now: datetime) -> list[Result]:
    return [_result(held, past, subscriber_id, now=now) for subscriber_id in subscriber_ids]


def _result(held: Claim, past: Past, subscriber_id: int, *, now: datetime) -> Result:
    key = (held.mailing_id, subscriber_id, held.fence)
    answered = past.lines.get(key)
    if answered is not None:
        # The number of the try is not in the journal; the first wait is never too long.
        due_at = now + wait_after(1) if answered.state is DeliveryState.DEFERRED else None
        return Result(subscriber_id, answered.state, code=answered.code, due_at=due_at)
    if past.is_same_boot and not past.is_alive and key not in past.lines:
        return Result(subscriber_id, DeliveryState.PENDING)
    return Result(subscriber_id, DeliveryState.IN_DOUBT, reason=_NOBODY_KNOWS)
