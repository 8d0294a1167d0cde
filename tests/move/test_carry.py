"""An installation moved is the same installation: rows, numbers, links; a move that cannot go well leaves no trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from curator import schema
from curator.activity.tables import Activity
from curator.audience.tables import Subscriber
from curator.db import Database
from curator.errors import CuratorError, InvalidError, StateError, StorageError
from curator.issues.tables import Issue
from curator.letters.tables import Letter
from curator.letters.values import LetterKind
from curator.mailings import store as mailings
from curator.mailings.tables import Delivery
from curator.move import postgres, sources
from curator.move.carry import carry
from curator.move.values import Compared
from tests.builders import approved_issue_row, letter_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.mailings.line import Line

ODD = "tab\tline\nreturn\r back\\slash \\N \x0b\x0c\x08 ünïcödé 🎙 \\."


def _carry(source: Database, url: str, *, again: bool = False) -> list[Compared]:
    return carry(source, url, again=again, tell=lambda _: None)


def _fill(line: Line) -> int:
    """A mailing half sent, one reader gone for good, odd texts, a letter, and numbers whose rows are gone."""
    ids = line.readers(45)
    mailing_id = line.start(batch=10)
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 20, window=5)
    last = subscriber_rows(line.db, line.newsletter_id, ["gone@example.org"])[0]
    letter_row(line.db, at=line.clock(), address="ada@example.org", kind=LetterKind.WELCOME, payload={"odd": ODD})
    with line.db.write() as session:
        session.execute(Subscriber.__table__.delete().where(Subscriber.id == last))  # type: ignore[attr-defined]  # mypy sees no table
        session.execute(Subscriber.__table__.update().where(Subscriber.id == ids[0]).values(name=ODD))  # type: ignore[attr-defined]  # as above
        session.execute(
            insert(Activity).values(at=line.clock(), verb="odd", subject="x", subject_id=1, after={"a": ODD})
        )
    return mailing_id


def test_a_moved_installation_is_equal_table_by_table(line: Line, target_url: str, moved: Database) -> None:
    mailing_id = _fill(line)
    compared = _carry(line.db, target_url)
    assert all(each.is_equal for each in compared)
    assert {each.table for each in compared} >= {"delivery", "batch", "subscriber", "activity", "job", "pulse"}
    assert schema.current(moved) == schema.newest()
    with line.db.read() as before, moved.read() as after:
        assert mailings.mailing(before, mailing_id) == mailings.mailing(after, mailing_id)
        for table in (Subscriber, Delivery, Letter, Activity, Issue):
            columns = list(table.__table__.columns)
            query = select(*columns).order_by(*table.__table__.primary_key.columns)
            assert before.execute(query).all() == after.execute(query).all()


def test_a_mailing_goes_on_where_it_was_and_nobody_gets_it_twice(line: Line, target_url: str, moved: Database) -> None:
    mailing_id = _fill(line)
    _carry(line.db, target_url)
    line.db = moved
    line.pump(mailing_id)
    assert len(line.sent_to()) == len(set(line.sent_to())) == 45


def test_no_number_is_given_twice(line: Line, target_url: str, moved: Database) -> None:
    _fill(line)
    with line.db.read() as session:
        highest = session.scalar(select(func.max(Subscriber.id)))
    _carry(line.db, target_url)
    (new,) = subscriber_rows(moved, line.newsletter_id, ["new@example.org"])
    # The reader between them is erased, and old links may still name that number.
    assert new == (highest or 0) + 2
    assert approved_issue_row(moved, line.newsletter_id, number=2) == 2
    assert newsletter_row(moved, slug="another") == 2


def test_the_source_is_not_written_and_is_locked_meanwhile(
    sqlite_database: Database, target_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsletter_row(sqlite_database)
    path = Path(sqlite_database.url.database or "")
    sqlite_database.close()
    before = path.read_bytes()
    tries: list[str] = []

    def try_to_write(_compared: Compared) -> None:
        with closing(sqlite3.connect(path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError) as refused:
            other.execute("delete from newsletter")
        tries.append(str(refused.value))

    carry(sqlite_database, target_url, again=False, tell=try_to_write)
    sqlite_database.close()
    assert path.read_bytes() == before
    assert set(tries) == {"database is locked"}


def test_a_target_that_is_not_empty_is_refused(sqlite_database: Database, target_url: str, moved: Database) -> None:
    with moved.write() as session:
        session.execute(text("create table theirs (id integer)"))
    with pytest.raises(StateError, match=r"is not empty: it holds 1 table\. Make a new database"):
        _carry(sqlite_database, target_url)
    with pytest.raises(StateError, match="is not empty"):
        _carry(sqlite_database, target_url, again=True)


def test_the_same_database_is_refused(postgres_database: Database) -> None:
    url = postgres_database.url.render_as_string(hide_password=False)
    with pytest.raises(InvalidError, match="works on already"):
        _carry(postgres_database, url)


@pytest.mark.parametrize("url", ["sqlite:///other.sqlite3", "mysql://x/y", "nonsense", "postgresql://u@h:port/n"])
def test_only_postgresql_is_moved_to(sqlite_database: Database, url: str) -> None:
    with pytest.raises(InvalidError, match="A move goes to PostgreSQL"):
        _carry(sqlite_database, url)


def test_a_server_that_is_away_is_said_without_the_password(sqlite_database: Database) -> None:
    with pytest.raises(InvalidError, match="cannot be used") as refused:
        _carry(sqlite_database, "postgresql+psycopg://u:geheim@127.0.0.1:1/x")
    assert "geheim" not in str(refused.value)


def test_a_database_of_an_earlier_version_is_upgraded_first(sqlite_database: Database, target_url: str) -> None:
    schema.downgrade(sqlite_database, "0002")
    with pytest.raises(StateError, match="run `curator db upgrade` first"):
        _carry(sqlite_database, target_url)


def test_what_postgresql_does_not_take_is_found_before_and_named(
    sqlite_database: Database, target_url: str, moved: Database, now: datetime
) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    nul, long, half = subscriber_rows(sqlite_database, newsletter_id, [f"{n}@example.org" for n in ("a", "b", "c")])
    with sqlite_database.write() as session:
        run = session.connection().exec_driver_sql
        run("update subscriber set name = 'A' || char(0) || 'B' where id = ?", (nul,))
        run("update subscriber set source = ? where id = ?", ("x" * 101, long))
        # What CPython writes for half of a surrogate pair: bytes that are no UTF-8.
        run("update subscriber set name = cast(x'eda080' as text) where id = ?", (half,))
        run("update newsletter set month_day = month_day, minimum_picks = 3000000000")
    with pytest.raises(StateError) as refused:
        _carry(sqlite_database, target_url)
    words = str(refused.value)
    assert f"subscriber {nul}: name holds a NUL character" in words
    assert f"subscriber {long}: source has 101 characters; 100 fit" in words
    assert f"subscriber {half}: name is not written in UTF-8" in words
    assert f"newsletter {newsletter_id}: minimum_picks is no whole number of 4 bytes" in words
    # Nothing of the try is left, so it need not be said again with --again.
    assert schema.current(moved) is None
    with sqlite_database.write() as session:
        session.execute(Subscriber.__table__.update().values(name="", source=""))  # type: ignore[attr-defined]  # mypy sees no table
        session.connection().exec_driver_sql("update newsletter set minimum_picks = 3")
    assert all(each.is_equal for each in _carry(sqlite_database, target_url))


def test_a_move_that_breaks_off_leaves_a_copy_on_which_nothing_starts(
    line: Line, target_url: str, moved: Database
) -> None:
    _fill(line)

    def break_off(compared: Compared) -> None:
        if compared.table == "subscriber":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry(line.db, target_url, again=False, tell=break_off)
    for start in (schema.current, schema.upgrade, schema.require_whole):
        with pytest.raises(StateError, match="holds the unfinished copy of another database"):
            start(moved)
    with pytest.raises(StateError, match="`--again` removes what it made"):
        _carry(line.db, target_url)
    assert all(each.is_equal for each in _carry(line.db, target_url, again=True))
    schema.require_whole(moved)


def test_two_moves_into_one_database_do_not_meet(sqlite_database: Database, target_url: str) -> None:
    target = postgres.Target(target_url)
    with target.held(), pytest.raises(StateError, match=r"Another move into .* is under way"):
        _carry(sqlite_database, target_url)


def test_a_copy_that_differs_stays_unfinished(
    line: Line, target_url: str, moved: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(line)
    found = postgres.Target.count_on

    def spoil(target: postgres.Target, shape: postgres.Shape, highest: int) -> None:
        found(target, shape, highest)
        if shape.table == "subscriber":
            with target._copy.engine.begin() as connection:
                connection.execute(
                    text("update subscriber set name = 'Eve' where id = (select max(id) from subscriber)")
                )

    monkeypatch.setattr(postgres.Target, "count_on", spoil)
    compared = _carry(line.db, target_url)
    assert [each.table for each in compared if not each.is_equal] == ["subscriber"]
    with pytest.raises(StateError, match="unfinished"):
        schema.current(moved)


def test_every_column_of_the_schema_is_one_that_a_move_can_write(postgres_database: Database) -> None:
    assert len(postgres.shapes(postgres_database)) > 20


def test_an_error_of_the_server_is_told_without_rows(
    sqlite_database: Database, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber_rows(sqlite_database, newsletter_row(sqlite_database), ["ada@example.org"])
    blocks = sources._Sqlite.blocks

    def twice(self: sources._Sqlite, shape: postgres.Shape) -> Iterator[bytes]:
        yield from blocks(self, shape)
        yield from blocks(self, shape)

    monkeypatch.setattr(sources._Sqlite, "blocks", twice)
    with pytest.raises(CuratorError, match=r"duplicate key .* move with --again") as refused:
        _carry(sqlite_database, target_url)
    assert "ada@" not in str(refused.value)


def test_a_long_table_says_how_far_it_is(line: Line, target_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_CHUNK", 20)
    line.readers(45)
    seen: list[tuple[str, int]] = []
    carry(line.db, target_url, again=False, tell=lambda _: None, passed=lambda *given: seen.append(given))
    so_far = [rows for table, rows in seen if table == "subscriber"]
    assert so_far == sorted(so_far)
    assert so_far[-1] == 45
    assert len(so_far) > 1 or not line.db.is_sqlite


def test_a_file_that_is_damaged_is_said_and_the_copy_stays_unfinished(
    sqlite_database: Database, target_url: str, moved: Database
) -> None:
    subscriber_rows(sqlite_database, newsletter_row(sqlite_database), [f"r{n}@example.org" for n in range(2000)])
    # The last one to close folds the log back into the file.
    sqlite_database.close()
    with closing(sqlite3.connect(sqlite_database.url.database or "")) as plain:
        (page,) = plain.execute("select rootpage from sqlite_master where name = 'subscriber'").fetchone()
    with Path(sqlite_database.url.database or "").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match=r"The present database cannot be read: .*malformed"):
        _carry(sqlite_database, target_url)
    with pytest.raises(StateError, match="unfinished"):
        schema.current(moved)
