"""Erases a reader everywhere: what is left is a keyed hash of their address, so that nobody takes it in again."""

from collections.abc import Callable
from datetime import datetime

from curator.activity.store import record as log
from curator.addresses import checked_address
from curator.audience.growth import store as growth
from curator.audience.growth.values import Change
from curator.audience.suppressed import store as suppressed
from curator.db import Database, Session
from curator.leavings import note as leavings
from curator.privacy import store
from curator.privacy.registry import PERSONAL
from curator.privacy.values import Found, Who


def erase(db: Database, subscriber_id: int, *, by: int | None, now: datetime) -> list[Found] | None:
    """Erases a reader and returns what went; None when nobody of this number is there (any more).

    One transaction. Their sums stay: what a mailing sent, and how often its links were followed. A mailing under way
    leaves them out as erased, and what its ledger says of them goes when it is over (`finish`). Nobody at the desk and
    no file brings them back; they themselves do, by signing up and confirming it.
    """
    with db.write() as session:
        who = store.hold(session, subscriber_id)
        return None if who is None else _erase(session, who, by=by, now=now)


def erase_address(db: Database, address: str, *, by: int | None, now: datetime) -> list[Found]:
    """Erases whatever is kept of an address and returns what went; where nothing was, nothing is left either.

    Raises InvalidError("address") for what is no address.
    """
    return erase_key(db, checked_address(address).key, by=by, now=now)


def erase_key(db: Database, key: str, *, by: int | None, now: datetime) -> list[Found]:
    """Does the same for an address as it is kept."""
    with db.write() as session:
        known = store.who_has(session, key)
        who = known if known.subscriber_id is None else store.hold(session, known.subscriber_id) or Who(key)
        return _erase(session, who, by=by, now=now) if store.found(session, who) else []


def forget(db: Database, subscriber_id: int, *, now: datetime, if_still: Callable[[Session, int], bool]) -> bool:
    """Erases a reader because of their age, if that still holds once nobody can change it; tells whether it did.

    The log gets no line: the round that does it is written down.
    """
    with db.write() as session:
        who = store.hold(session, subscriber_id)
        if who is None or not if_still(session, subscriber_id):
            return False
        _let_go(session, who, now=now)
        return True


def look(db: Database, subscriber_id: int) -> list[Found]:
    """Returns what `erase` would find."""
    with db.read() as session:
        who = store.who(session, subscriber_id)
        return [] if who is None else store.found(session, who)


def address_of(db: Database, subscriber_id: int) -> str | None:
    """Returns a reader's address; None when they are gone."""
    with db.read() as session:
        return store.address_of(session, subscriber_id)


def finish(db: Database, *, now: datetime) -> int:
    """Ends the erasures that waited for a mailing, and returns how many; each is a transaction of its own."""
    ended = after = 0
    while True:
        with db.read() as session:
            ids = store.waiting(session, after_id=after)
        for subscriber_id in ids:
            with db.write() as session:
                ended += store.finish(session, subscriber_id, at=now)
        if not ids:
            return ended
        after = ids[-1]


def _erase(session: Session, who: Who, *, by: int | None, now: datetime) -> list[Found]:
    found = store.found(session, who)
    is_kept_out = suppressed.why(session, who.address_key) is not None
    left = [] if is_kept_out else growth.active_in(session, who.address_key)
    _let_go(session, who, now=now)
    leavings.erased(session, who.address_key, at=now)
    # No number either: old mail bears it.
    log(session, at=now, actor=by, verb="erased", subject="subscriber", subject_id=0)
    for newsletter_id in left:
        growth.add(session, newsletter_id, {Change.ERASED: 1}, at=now)
    return found


def _let_go(session: Session, who: Who, *, now: datetime) -> None:
    for entry in PERSONAL:
        store.let_go(session, entry, who, at=now)
    if who.subscriber_id is not None:
        store.wait_for_end(session, who.subscriber_id, at=now)
