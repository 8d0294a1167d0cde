"""Slowing down: counted in the database, by fixed windows, and forgotten in time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.accounts.admit import throttle
from curator.accounts.tables import Attempt
from curator.accounts.values import TooManyAttempts
from curator.db import Database

_WINDOW = timedelta(minutes=15)


def _try(database: Database, now: datetime, *key: str, limit: int = 3) -> bool:
    try:
        throttle(database, key or ("form",), limit=limit, window=_WINDOW, now=now)
    except TooManyAttempts:
        return False
    return True


def test_tries_beyond_the_limit_are_refused_until_the_window_ends(database: Database, now: datetime) -> None:
    at = now + timedelta(minutes=5)
    assert [_try(database, at) for _ in range(5)] == [True, True, True, False, False]
    with pytest.raises(TooManyAttempts, match="Wait 10 minutes") as refused:
        throttle(database, ["form"], limit=3, window=_WINDOW, now=at)
    assert refused.value.retry_in == timedelta(minutes=10)
    assert _try(database, at + refused.value.retry_in)


def test_keys_are_counted_apart_and_never_run_together(database: Database, now: datetime) -> None:
    assert _try(database, now, "a", "bc", limit=1)
    assert _try(database, now, "ab", "c", limit=1)
    assert not _try(database, now, "a", "bc", limit=1)


def test_many_at_once_do_not_slip_through(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(4) as pool:
        passed = list(pool.map(lambda _: _try(database, now, limit=5), range(20)))
    assert passed.count(True) == 5


def test_counters_hold_no_address_and_are_swept_away(database: Database, now: datetime) -> None:
    _try(database, now, "sign-in", "ada@example.org")
    _try(database, now + timedelta(days=3), "sign-in", "eve@example.org")
    with database.read() as session:
        (left,) = session.scalars(select(Attempt)).all()
    assert left.window_at == now + timedelta(days=3)
    assert len(left.key) == 64


def test_a_window_longer_than_counters_are_kept_is_a_bug(sqlite_database: Database, now: datetime) -> None:
    with pytest.raises(ValueError, match="cannot be counted"):
        throttle(sqlite_database, ["form"], limit=1, window=timedelta(days=3), now=now)
