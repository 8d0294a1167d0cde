"""kill -9 while clicks are written and while they are taken in: each hit counts once."""

import os
import signal
from pathlib import Path

import pytest

from curator.db import Database
from curator.events import listen, records, returns, spool
from curator.events.inbox import store, work
from curator.events.inbox.take import Intake
from curator.events.spool import Spool
from curator.http.memory import MemoryFetcher
from curator.mailings import mime
from curator.mailings.return_path import OfDelivery, return_token
from curator.mailings.tables import Mailing
from curator.tokens import Keys
from tests.events import providing as p
from tests.events.bounces import Mailbox, bounce
from tests.events.scene import NOW, Sent, counters, events, hit, recount, sent, spooled, tally_of
from tests.flow.killing import statements_until_done

KEYS = Keys.from_secret("k" * 40)

pytestmark = pytest.mark.slow


def _take_in(database: Database, folder: str) -> None:
    listen.CHUNK_HITS = 4
    listen.take_in(database, Path(folder), now=NOW)


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database)


def test_a_kill_before_any_statement_of_the_taking_in_counts_each_hit_once(line: Sent, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    url = line.db.url.render_as_string(hide_password=False)
    hits = [hit(line.mailing_id, 1 + n % 6, line.readers[n % 3], after_s=60 * n) for n in range(7)]
    spooled(folder, *hits, hit(line.mailing_id, 0, line.readers[0], after_s=30))
    step = kills = 0
    while not statements_until_done(_take_in, url, kill_before=(step := step + 1), arguments=(str(folder),)):
        kills += 1
        assert len(events(line.db)) in (0, 4, 8), "a chunk is taken in whole or not at all"
    assert kills > 8
    assert len(events(line.db)) == 8
    assert tally_of(line.db, line.mailing_id) == recount(line.db, line.mailing_id)
    assert spool.names(folder) == spool.aside(folder) == []


def test_kills_one_after_the_other_lose_nothing_and_double_nothing(line: Sent, tmp_path: Path) -> None:
    """Each try begins where the one before was killed, with new hits that came meanwhile."""
    folder = tmp_path / "spool"
    url = line.db.url.render_as_string(hide_password=False)
    told = 0
    for step in range(1, 25, 2):
        spooled(folder, *(hit(line.mailing_id, 1, reader, after_s=step) for reader in line.readers[:3]))
        told += 3
        statements_until_done(_take_in, url, kill_before=step, arguments=(str(folder),))
    while listen.take_in(line.db, folder, now=NOW):
        pass
    assert len(events(line.db)) == counters(line.db, line.mailing_id).clicks == told
    assert tally_of(line.db, line.mailing_id) == recount(line.db, line.mailing_id)


def test_what_a_writer_had_written_when_it_was_killed_is_there(line: Sent, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        writing = Spool(folder)
        # Not more hits of one reader than are kept.
        for n in range(500):
            writing.append(records.packed(hit(line.mailing_id, 1, line.readers[n % 10], after_s=n)))
            os.write(tell, b".")
        signal.pause()
    os.close(tell)
    said = 0
    while said < 50:
        said += len(os.read(told, 8))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(told, 65_536):
        said += len(more)
    os.close(told)
    taken = listen.take_in(line.db, folder, now=NOW)
    assert taken in (said, said + 1)
    assert len(events(line.db)) == taken
    assert spool.names(folder) == []


def _read_bounces(database: Database, folder: str) -> None:
    returns.take_in_returns(database, Path(folder), keys=KEYS, now=NOW)


def test_a_kill_before_any_statement_of_the_reading_of_bounces_counts_each_once(line: Sent, tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "bounces")
    url = line.db.url.render_as_string(hide_password=False)
    for reader in line.readers[:2]:
        token = return_token(KEYS, OfDelivery(line.mailing_id, reader))
        box.deliver(bounce(f"bounces+{token}@podcast.example"))
    step = kills = 0
    while not statements_until_done(_read_bounces, url, kill_before=(step := step + 1), arguments=(str(box.folder),)):
        kills += 1
        assert len(box.new()) + len(box.seen()) == 2, "no message is ever lost"
    assert kills > 8
    assert (len(events(line.db)), counters(line.db, line.mailing_id).bounced) == (2, 2)
    assert (box.new(), len(box.seen())) == ([], 2)


def _read_inbox(database: Database) -> None:
    work.work(work.Reading(database, KEYS, p.doors(), MemoryFetcher()), now=NOW)


def test_a_kill_before_any_statement_of_the_reading_of_what_providers_told_counts_each_fact_once(line: Sent) -> None:
    url = line.db.url.render_as_string(hide_password=False)
    gone, angry, left, well = line.readers[:4]
    hard = {"severity": "permanent", "delivery-status": {"code": 550, "message": "5.1.1 no such user"}}
    intake = Intake(line.db, p.doors())
    told = ((gone, "failed", hard), (angry, "complained", {}), (left, "unsubscribed", {}), (well, "delivered", {}))
    for reader, kind, more in told:
        ours = mime.message_id(KEYS, mailing_id=line.mailing_id, subscriber_id=reader, domain="podcast.example")
        named = {"event": kind, "id": kind, "message": {"headers": {"message-id": ours.strip("<>")}}}
        intake.take(p.mailgun_call(named | more, at=NOW, token=kind), now=NOW)
    step = kills = 0
    while not statements_until_done(_read_inbox, url, kill_before=(step := step + 1), arguments=()):
        kills += 1
        assert step < 300
    assert kills > 20
    kinds = {each.subscriber_id: str(each.kind) for each in events(line.db)}
    assert kinds == {gone: "bounced", angry: "complained", left: "unsubscribed", well: "delivered"}
    counted = counters(line.db, line.mailing_id)
    assert (counted.bounced, counted.complained, counted.unsubscribed, counted.delivered) == (1, 1, 1, 1)
    with line.db.read() as session:
        mailing = session.get_one(Mailing, line.mailing_id)
        assert (mailing.hard_bounces, mailing.complaints) == (1, 1)
        standing = store.standing(session, since=NOW.date())
    assert (standing.calls, standing.facts) == (0, 0)
    assert {each.what: each.number for each in standing.counts}["taken"] == 4
