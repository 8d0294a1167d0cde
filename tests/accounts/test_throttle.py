"""Slowing down: counted in the database, by fixed windows, and forgotten in time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.accounts import store
from curator.accounts.admit import look, throttle
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


def test_counters_hold_no_address(database: Database, now: datetime) -> None:
    _try(database, now, "sign-in", "ada@example.org")
    assert [(len(row.key), row.window_at) for row in _counters(database)] == [(64, now)]


def test_old_counters_are_swept_away_in_chunks_and_by_nobody_who_tries(database: Database, now: datetime) -> None:
    for each in range(5):
        _try(database, now, f"old {each}")
    _try(database, now + timedelta(days=3), "new")
    assert len(_counters(database)) == 6
    swept = []
    for _ in range(4):
        with database.write() as session:
            swept.append(store.prune_attempts(session, before=now + timedelta(days=1), limit=2))
    assert swept == [2, 2, 1, 0]
    assert [row.window_at for row in _counters(database)] == [now + timedelta(days=3)]


def test_a_look_says_that_the_next_try_is_too_many_and_counts_nothing(database: Database, now: datetime) -> None:
    for _ in range(5):
        look(database, ["form"], limit=1, window=_WINDOW, now=now)
    assert _counters(database) == []
    assert _try(database, now, limit=1)
    with pytest.raises(TooManyAttempts) as refused:
        look(database, ["form"], limit=1, window=_WINDOW, now=now + timedelta(minutes=5))
    assert refused.value.retry_in == timedelta(minutes=10)


def _counters(database: Database) -> list[Attempt]:
    with database.read() as session:
        return list(session.scalars(select(Attempt)))


def test_a_window_longer_than_counters_are_kept_is_a_bug(sqlite_database: Database, now: datetime) -> None:
    with pytest.raises(ValueError, match="cannot be counted"):
        throttle(sqlite_database, ["form"], limit=1, window=timedelta(days=3), now=now)
