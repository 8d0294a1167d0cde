"""Notes what must outlast the database, in the transaction in which it happens.

What takes mail away from somebody is kept before the commit: a crash in between leaves a fact that did not happen, and
whoever wanted to leave is left out all the same. What gives it back is kept once the transaction stands: a crash in
between leaves somebody out who came back. So what a replay errs in is never mail to somebody who wants none.
"""

from collections.abc import Collection
from datetime import datetime

from curator.db import Session, tell_witness, veil_of
from curator.leavings.values import Deed, Fact


def left(session: Session, newsletter_id: int, subscriber_ids: Collection[int], *, how: str, at: datetime) -> None:
    """Notes that readers get a newsletter no more."""
    _tie(session, Deed.LEFT, newsletter_id, subscriber_ids, how=how, at=at)


def returned(session: Session, newsletter_id: int, subscriber_id: int, *, at: datetime) -> None:
    """Notes that a reader who had left gets a newsletter again."""
    _tie(session, Deed.RETURNED, newsletter_id, [subscriber_id], how="", at=at)


def suppressed(session: Session, address_keys: Collection[str], *, reason: str, at: datetime) -> None:
    """Notes that addresses are never mailed."""
    _mark(session, Deed.SUPPRESSED, address_keys, how=reason, at=at)


def lifted(session: Session, address_key: str, *, at: datetime) -> None:
    """Notes that an address may be mailed again."""
    _mark(session, Deed.LIFTED, [address_key], how="", at=at)


def erased(session: Session, address_key: str, *, at: datetime) -> None:
    """Notes that whatever was kept of an address went."""
    _mark(session, Deed.ERASED, [address_key], how="", at=at)


def came_back(session: Session, address_key: str, *, at: datetime) -> None:
    """Notes that somebody who was erased signed up anew and confirmed it."""
    _mark(session, Deed.CAME_BACK, [address_key], how="", at=at)


def _tie(
    session: Session, deed: Deed, newsletter_id: int, subscriber_ids: Collection[int], *, how: str, at: datetime
) -> None:
    if subscriber_ids:
        fact = Fact(deed, at, newsletter_id=newsletter_id, subscribers=tuple(sorted(subscriber_ids)), how=how)
        tell_witness(session, fact, is_after=deed is Deed.RETURNED)


def _mark(session: Session, deed: Deed, address_keys: Collection[str], *, how: str, at: datetime) -> None:
    veil = veil_of(session)
    if veil is not None and address_keys:
        fact = Fact(deed, at, marks=tuple(veil.mark(key) for key in sorted(address_keys)), how=how)
        tell_witness(session, fact, is_after=deed in (Deed.LIFTED, Deed.CAME_BACK))
