"""Who holds which feeds while a poll's end is written. Only PostgreSQL locks rows: SQLite has one writer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from curator.db import Database, Session
from curator.errors import StorageError
from curator.feeds import store
from curator.feeds.asking import poll_each
from curator.feeds.ingest import add_feed
from curator.feeds.moves import rules
from curator.feeds.moves import store as moves
from curator.feeds.polls import store as polls
from curator.http.memory import MemoryFetcher
from tests.feeds.documents import item, rss

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URLS = ("https://a.example/", "https://b.example/")

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def ids(database: Database) -> list[int]:
    return [add_feed(database, url, now=NOW) for url in URLS]


@contextmanager
def impatient(db: Database) -> Iterator[Session]:
    """A transaction that waits for nobody."""
    with db.write() as session:
        session.execute(text("set local lock_timeout = '100ms'"))
        yield session


def test_what_is_written_just_now_is_put_off_by_nobody_else(database: Database, ids: list[int]) -> None:
    with database.write() as writing:
        store.poll_states(writing, ids[:1], is_locked=True)
        with impatient(database) as session:
            polls.put_off(session, ids, until=NOW + HOUR, note="Not asked.")
    with database.read() as session:
        assert [store.feed_row(session, each).note for each in ids] == ["", "Not asked."]


def test_a_row_that_names_a_feed_does_not_wait_for_its_poll(database: Database, ids: list[int]) -> None:
    with database.write() as writing:
        store.poll_states(writing, ids, is_locked=True)
        with impatient(database) as session:
            moves.put_alias(session, "https://old.example/", ids[1], now=NOW)
        with pytest.raises(StorageError), impatient(database) as session:
            store.locked_state(session, ids[1])


def test_a_feed_that_has_moved_to_another_holds_both_from_the_beginning(
    database: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = moves.merge

    def looked_at(session: Session, old: int, kept: int, *, now: datetime) -> None:
        for feed_id in (old, kept):
            with pytest.raises(StorageError), impatient(database) as other:
                store.locked_state(other, feed_id)
        merge(session, old, kept, now=now)

    monkeypatch.setattr(moves, "merge", looked_at)
    monkeypatch.setattr(rules, "is_believed", lambda *_, **__: True)
    fetcher = MemoryFetcher()
    fetcher.put(URLS[1], status=301, headers={"Location": URLS[0]})
    fetcher.put(URLS[0], rss(item(guid="1")))
    found = poll_each(database, fetcher, ids[1:], clock=lambda: NOW, random=Random(1))
    assert found[ids[1]].feed_id == ids[0]
