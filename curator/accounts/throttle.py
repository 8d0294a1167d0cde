"""Slows down guessing: counts tries per key in fixed windows, in the database, so it holds across processes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from curator.accounts import store
from curator.accounts.values import TooManyAttempts
from curator.db import Database

# The clock sweeps away counters older than this; so no window may be longer.
KEPT_FOR = timedelta(days=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def throttle(db: Database, key_parts: Sequence[str], *, limit: int, window: timedelta, now: datetime) -> None:
    """Counts one try under `key_parts`; raises TooManyAttempts once there were more than `limit` in this window.

    Windows are fixed (they begin at multiples of `window` since 1970): around a border up to twice the limit passes,
    and in return one row and one update are all it takes. Refused tries count too, but the window does not move.
    """
    tries, left = counted(db, key_parts, window=window, now=now)
    # Raised only now: an error inside the transaction would take the count back.
    if tries > limit:
        raise TooManyAttempts(left)


def counted(db: Database, key_parts: Sequence[str], *, window: timedelta, now: datetime) -> tuple[int, timedelta]:
    """Counts one try and returns how many there were in this window, and how long it goes on."""
    key, began_at = counter(key_parts, window=window, now=now)
    with db.write() as session:
        tries = store.count_attempt(session, key, began_at)
    return tries, began_at + window - now


@dataclass(frozen=True)
class Bound:
    """How many tries may be made under a key within a window."""

    parts: Sequence[str]
    window: timedelta
    limit: int


def throttle_all(db: Database, bounds: Sequence[Bound], *, now: datetime) -> None:
    """Counts one try under every key, or under none where one has had its share; raises TooManyAttempts for the first.

    In one transaction: somebody waits for what comes of a public form, and on SQLite each transaction waits its turn.
    """
    counters = [counter(each.parts, window=each.window, now=now) for each in bounds]
    with db.read() as session:
        tries = [store.attempts(session, key, began_at) + 1 for key, began_at in counters]
    _require(bounds, counters, tries, now=now)
    with db.write() as session:
        tries = [store.count_attempt(session, key, began_at) for key, began_at in counters]
    _require(bounds, counters, tries, now=now)


def _require(
    bounds: Sequence[Bound], counters: Sequence[tuple[str, datetime]], tries: Sequence[int], *, now: datetime
) -> None:
    for each, (_, began_at), number in zip(bounds, counters, tries, strict=True):
        if number > each.limit:
            raise TooManyAttempts(began_at + each.window - now, each.parts)


def look(db: Database, key_parts: Sequence[str], *, limit: int, window: timedelta, now: datetime) -> None:
    """Raises TooManyAttempts when one more try under `key_parts` would be; counts nothing and writes nothing."""
    key, began_at = counter(key_parts, window=window, now=now)
    with db.read() as session:
        tries = store.attempts(session, key, began_at)
    if tries >= limit:
        raise TooManyAttempts(began_at + window - now)


def counter(key_parts: Sequence[str], *, window: timedelta, now: datetime) -> tuple[str, datetime]:
    """Returns the key (a hash, so no address is kept) and the beginning of the window of a counter."""
    if not timedelta(0) < window <= KEPT_FOR:
        raise ValueError(f"a window of {window} cannot be counted")
    # JSON keeps ["a", "bc"] apart from ["ab", "c"].
    text = json.dumps([*key_parts, window.total_seconds()])
    return hashlib.sha256(text.encode()).hexdigest(), now - (now - _EPOCH) % window
