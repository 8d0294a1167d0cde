"""The database: nothing is lost between writers, nothing is written by readers."""

import multiprocessing
import threading
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from curator.accounts.tables import Attempt
from curator.audience.tables import Subscriber
from curator.db import Database, tidy, upsert
from curator.errors import StorageError

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def _count_up(url: str, times: int) -> None:
    database = Database(url)
    for _ in range(times):
        with database.write() as session:
            row = session.execute(select(Attempt).with_for_update()).scalar_one()
            row.count += 1
    database.close()


def test_no_update_is_lost_between_processes(database: Database) -> None:
    with database.write() as session:
        session.add(Attempt(key="k", window_at=_MOMENT, count=0))
    url = database.url.render_as_string(hide_password=False)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_count_up, args=(url, 50)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    with database.read() as session:
        assert session.execute(select(Attempt.count)).scalar_one() == 150


def test_a_read_session_refuses_to_write(database: Database) -> None:
    with database.read() as session:
        session.add(Attempt(key="k", window_at=_MOMENT, count=0))
        with pytest.raises(DBAPIError, match=r"read-?only|readonly"):
            session.flush()


def test_a_write_session_writes_after_a_read_session_used_the_connection(database: Database) -> None:
    with database.read() as session:
        session.execute(text("select 1"))
    with database.write() as session:
        session.add(Attempt(key="k", window_at=_MOMENT, count=0))
    with database.read() as session:
        assert session.execute(select(Attempt.key)).scalar_one() == "k"


def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        session.add(Attempt(key="k", window_at=moment, count=0))
    with database.read() as session:
        stored = session.execute(select(Attempt.window_at)).scalar_one()
    assert stored == moment
    assert stored.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = _MOMENT.replace(tzinfo=None)
    with pytest.raises(StatementError, match="no time zone"), database.write() as session:
        session.add(Attempt(key="k", window_at=naive, count=0))


def test_upsert_inserts_once_and_updates_what_it_is_told(database: Database) -> None:
    row = {"key": "k", "window_at": _MOMENT, "count": 1}
    with database.write() as session:
        assert upsert(session, Attempt, [row], keys=["key", "window_at"]) == 1
        assert upsert(session, Attempt, [row | {"count": 5}], keys=["key", "window_at"]) == 0
        upsert(session, Attempt, [row | {"count": 7}], keys=["key", "window_at"], update=["count"])
    with database.read() as session:
        assert session.execute(select(Attempt.count)).scalar_one() == 7


def _write_for_a_while(url: str, stop: object) -> None:
    database = Database(url)
    number = 0
    while not stop.is_set():
        number += 1
        with database.write() as session:
            session.add(Attempt(key=f"k{number}", window_at=_MOMENT, count=0))
    database.close()


def test_tidying_waits_for_writers_instead_of_breaking(sqlite_database: Database) -> None:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    writer = spawn.Process(target=_write_for_a_while, args=(str(sqlite_database.url), stop))
    writer.start()
    try:
        for _ in range(30):
            tidy(sqlite_database)
    finally:
        stop.set()
        writer.join(30)
    assert writer.exitcode == 0


def test_only_a_durable_commit_waits_for_the_disk(sqlite_database: Database) -> None:
    seen = []
    for is_durable in (True, False):
        with sqlite_database.write(is_durable=is_durable) as session:
            seen.append(session.execute(text("PRAGMA synchronous")).scalar_one())
    assert seen == [2, 1]


def test_a_database_that_is_locked_is_trouble_that_passes(sqlite_database: Database) -> None:
    other = Database(str(sqlite_database.url))
    with other.read() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout=1")
    with sqlite_database.write() as holds:
        holds.execute(text("select 1"))
        with pytest.raises(StorageError) as caught, other.write() as session:
            session.execute(text("select 1"))
    assert caught.value.retry_in is not None
    other.close()


def test_an_error_never_quotes_a_row(database: Database) -> None:
    person = {"address": "ada@example.org", "address_key": "ada@example.org", "created_at": _MOMENT}
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(insert(Subscriber).values([person, person]))
    written = "".join(traceback.format_exception(caught.value))
    assert "uq_subscriber_address_key" in written or "subscriber.address_key" in written
    assert "ada@" not in written


def test_a_writer_of_many_chunks_lets_another_in_after_one_of_them(sqlite_database: Database) -> None:
    many = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 50000) select max(x) from c"
    stop, chunks = threading.Event(), []

    def write_chunks() -> None:
        while not stop.is_set():
            with sqlite_database.write() as session:
                session.execute(text(many))
                chunks.append(1)

    greedy = threading.Thread(target=write_chunks)
    greedy.start()
    waited_for = []
    for _ in range(5):
        before = len(chunks)
        with sqlite_database.write() as session:
            session.execute(text("select 1"))
            waited_for.append(len(chunks) - before)
    stop.set()
    greedy.join()
    assert max(waited_for) <= 2


def test_a_shown_url_holds_no_password_wherever_it_stands() -> None:
    for url in ("postgresql://u:geheim@h/n", "postgresql://u@h/n?password=geheim&sslpassword=geheim&host=/run"):
        shown = Database(url).shown
        assert "geheim" not in shown
        assert shown.startswith("postgresql://u")
