"""The fire drill: senders are killed, the relay misbehaves, and nobody is mailed twice or lost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from curator import schema
from curator.db import Database
from curator.demo.rehearsal import drill, fates
from curator.demo.rehearsal.clock import SharedClock
from curator.demo.rehearsal.fates import Fate
from curator.errors import InvalidError
from tests.conftest import create_postgres

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def empty_postgres(postgres_server: str, worker_name: str) -> str:
    name = f"drill_{worker_name}"
    create_postgres(postgres_server, name)
    return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)


def _holds(report: drill.Report) -> None:
    assert (report.twice, report.lost, report.balance) == (0, 0, True)
    assert report.in_doubt <= report.kills * report.senders + report.unanswered
    assert report.accepted + report.refused == report.recipients
    assert report.held


@pytest.mark.slow
def test_a_drill_on_sqlite_holds() -> None:
    report = drill.rehearse(recipients=400, kills=4, senders=2, seed=7)
    assert report.kills == 4
    _holds(report)


@pytest.mark.slow
def test_a_drill_on_postgresql_holds_and_leaves_the_database_empty(empty_postgres: str) -> None:
    _holds(drill.rehearse(recipients=400, kills=4, senders=2, seed=8, database_url=empty_postgres))
    database = Database(empty_postgres)
    assert schema.current(database) is None
    database.close()


def test_a_database_that_holds_an_installation_is_left_alone(sqlite_database: Database) -> None:
    url = sqlite_database.url.render_as_string(hide_password=False)
    with pytest.raises(InvalidError, match="Name an empty one"):
        drill.rehearse(recipients=1, kills=0, senders=1, seed=1, database_url=url)
    assert schema.current(sqlite_database) == schema.newest()


def test_fates_are_dealt_by_the_seed_in_their_shares() -> None:
    dealt = Counter(fates.fate_of(3, f"r{number}@example.test") for number in range(20_000))
    for fate, share in fates.SHARES.items():
        assert share / 2 < dealt[fate] / 20_000 < share * 2
    assert fates.fate_of(3, "a@example.test") == fates.fate_of(3, "a@example.test")
    assert {fate for fate in Fate if fate.leaves_doubt} == {Fate.UNANSWERED, Fate.HANGING}


def test_processes_share_a_clock_that_is_set_ahead(tmp_path: Path) -> None:
    mine, theirs = (SharedClock(tmp_path / "clock", lambda: AT) for _ in range(2))
    mine.advance(timedelta(hours=5))
    assert mine() == theirs() == AT + timedelta(hours=5)
    mine.close()
    theirs.close()
