"""Bad surroundings: a relay that misbehaves, a full disk, a database that is away. A clear word, and nothing lost."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from curator.db import Database
from curator.errors import StorageError
from curator.jobs import clock as ticking
from curator.jobs import worker
from curator.mailings import control, send
from curator.mailings.transports.smtp import SmtpTransport
from curator.mailings.values import DeliveryState, MailingState, Outgoing, PumpReport
from curator.tokens import Keys
from tests.flow.killing import statements_until_done
from tests.mailings.incidents.conftest import House
from tests.mailings.relay import Relay

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
READERS = [f"r{n}@example.org" for n in range(12)]
HOUR = timedelta(hours=1)


# -- relays


def _refuses(relay: Relay) -> None:
    relay.replies["GREETING"] = "554 5.7.1 you are on a list"


def _refuses_the_sender(relay: Relay) -> None:
    relay.replies["MAIL"] = "550 5.7.1 sender not allowed"


def _hangs_after_the_final_dot(relay: Relay) -> None:
    relay.replies["DOT"] = "hang"


def _closes_mid_batch(relay: Relay) -> None:
    relay.strike = lambda point, number: point == "mail" and number == 4


def _closes_in_the_middle_of_a_message(relay: Relay) -> None:
    relay.strike = lambda point, number: point == "content" and number == 4


def _answers_garbage(relay: Relay) -> None:
    relay.replies["MAIL"] = "I am a teapot"


def _answers_garbage_to_the_dot(relay: Relay) -> None:
    relay.replies["DOT"] = "I am a teapot"


def _accepts_and_times_out(relay: Relay) -> None:
    relay.strike = lambda point, number: point == "dot" and number == 5


@pytest.mark.parametrize(
    ("misbehave", "doubts"),
    [
        (_refuses, [0]),
        (_refuses_the_sender, [0]),
        (_hangs_after_the_final_dot, [1]),
        (_closes_mid_batch, [0]),
        # The dot may have left before the end is heard.
        (_closes_in_the_middle_of_a_message, [0, 1]),
        (_answers_garbage, [0]),
        (_answers_garbage_to_the_dot, [1]),
        (_accepts_and_times_out, [1]),
    ],
)
def test_a_relay_that_misbehaves_loses_nothing(
    sqlite_house: House, misbehave: Callable[[Relay], None], doubts: list[int]
) -> None:
    ids = sqlite_house.readers(len(READERS))
    with Relay() as relay:
        line = replace(sqlite_house, relay=SmtpTransport(f"smtp://127.0.0.1:{relay.port}", answer_s=0.3))
        mailing_id = line.start(batch=5)
        misbehave(relay)
        line.pump(mailing_id)
        seen = line.view(mailing_id)
        # A connection that worked and was then closed is opened anew, and nobody need be told.
        assert seen.state is MailingState.FINISHED or "relay" in seen.reason
        relay.replies.clear()
        relay.strike = lambda _point, _number: False
        line.clock.advance(HOUR)
        if seen.state is not MailingState.FINISHED:
            control.resume(line.db, mailing_id, now=line.clock())
            assert line.pump(mailing_id).state is MailingState.FINISHED
        assert len(relay.accepted) == len(set(relay.accepted)), "somebody got it twice"
    states = line.states(mailing_id)
    in_doubt = states.get(DeliveryState.IN_DOUBT, 0)
    assert in_doubt in doubts
    assert states[DeliveryState.SENT] == len(ids) - in_doubt


# -- a full disk


def test_a_disk_that_fills_while_the_journal_is_written_stops_the_sending(house: House) -> None:
    house.readers(len(READERS))
    mailing_id = house.start()

    def fill(message: Outgoing) -> None:
        if message.recipient == "r4@example.org":
            (journal,) = (
                int(path.name) for path in Path("/proc/self/fd").iterdir() if ".journal" in str(_target(path))
            )
            # From here on the kernel refuses what is written there, as it does on a full disk.
            with Path("/dev/full").open("wb") as full:
                os.dup2(full.fileno(), journal)

    house.relay.on_message = fill
    assert "The sender's journal cannot be written: No space left on device." in house.pump(mailing_id).trouble
    assert house.view(mailing_id).retry_at is not None
    assert len(house.relay.sent) == 4
    house.relay.on_message = lambda _message: None
    house.clock.advance(HOUR)
    assert house.pump(mailing_id).state is MailingState.FINISHED
    assert sorted(house.sent_to()) == sorted(READERS)


def _target(path: Path) -> Path | None:
    try:
        return path.readlink()
    except OSError:
        return None


def _pump_on_a_full_disk(database: Database, mailing_id: int, port: int, journals: str) -> None:
    """Sends with room for a few more pages of the database's log, and reports how that ended by its exit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    log = Path(f"{database.url.database}-wal")
    full = (log.stat().st_size if log.exists() else 0) + 60_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))
    with pytest.raises(StorageError, match="locked, full or away"):
        _pump(database, mailing_id, port, journals)


def _pump(database: Database, mailing_id: int, port: int, journals: str) -> PumpReport:
    return send.pump(
        database,
        SmtpTransport(f"smtp://127.0.0.1:{port}"),
        mailing_id,
        owner="host:1",
        journal_dir=Path(journals),
        clock=lambda: NOW,
        keys=Keys.from_secret("k" * 40),
        public_url="https://news.example",
        until=lambda: False,
        window=4,
    )


def test_a_disk_that_is_too_full_for_the_database_loses_nothing(sqlite_house: House, tmp_path: Path) -> None:
    sqlite_house.readers(80)
    mailing_id = sqlite_house.start()
    sqlite_house.db.close()
    url, journals = str(sqlite_house.db.url), str(tmp_path / "journals")
    with Relay() as relay:
        arguments = (mailing_id, relay.port, journals)
        assert statements_until_done(_pump_on_a_full_disk, url, kill_before=100_000, arguments=arguments)
        assert 0 < len(relay.accepted) < 80
        assert _pump(sqlite_house.db, mailing_id, relay.port, journals).state is MailingState.FINISHED
        assert len(relay.accepted) == len(set(relay.accepted)) == 80
    assert sqlite_house.states(mailing_id) == {DeliveryState.SENT: 80}


# -- a database that is away


@contextmanager
def _away(db: Database) -> Iterator[None]:
    """A database that nobody can use for a while: its server is restarted, or somebody else holds the file's lock."""
    if db.is_sqlite:
        other = Database(str(db.url))
        event.listen(db.engine, "connect", _hurry)
        db.close()
        with other.write() as session:
            session.execute(text("select 1"))
            yield
        other.close()
        event.remove(db.engine, "connect", _hurry)
        db.close()
        return
    server = Database(db.url.set(database="postgres").render_as_string(hide_password=False))
    name = db.url.database
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'alter database "{name}" allow_connections false'))
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :n"), {"n": name}
        )
        try:
            yield
        finally:
            connection.execute(text(f'alter database "{name}" allow_connections true'))
    server.close()


def _hurry(connection: Any, _record: object) -> None:
    """Nobody waits half a minute for the lock here."""
    connection.execute("PRAGMA busy_timeout=1")


def test_a_database_that_is_gone_for_a_minute_loses_nothing(house: House) -> None:
    house.readers(len(READERS))
    mailing_id = house.start()
    with ExitStack() as gone:

        def leave(message: Outgoing) -> None:
            if message.recipient == "r5@example.org":
                gone.enter_context(_away(house.db))

        house.relay.on_message = leave
        with pytest.raises(StorageError) as refused:
            house.pump(mailing_id, window=3)
        assert str(refused.value) == "The database cannot be used just now: it is locked, full or away. Try again."
        assert len(house.relay.sent) == 6
        house.relay.on_message = lambda _message: None
    # What had left stands in the journal, so not one is in doubt.
    house.work()
    assert sorted(house.sent_to()) == sorted(READERS)
    assert house.states(mailing_id) == {DeliveryState.SENT: 12}


def test_connections_that_are_cut_between_two_windows_are_made_anew(house: House) -> None:
    house.readers(len(READERS))
    mailing_id = house.start()

    def cut(message: Outgoing) -> None:
        if message.recipient == "r5@example.org":
            with _away(house.db):
                pass

    house.relay.on_message = cut
    assert house.pump(mailing_id, window=3).state is MailingState.FINISHED
    assert sorted(house.sent_to()) == sorted(READERS)


def test_a_worker_that_meets_a_database_that_is_away_does_its_job_later(house: House) -> None:
    house.readers(len(READERS))
    assert house.app is not None
    ticking.tick_all(house.app)
    with _away(house.db), pytest.raises(StorageError):
        worker.run_one(house.app, owner="runner/1", tasks=("start_mailing",))
    house.work()
    assert sorted(house.sent_to()) == sorted(READERS)
