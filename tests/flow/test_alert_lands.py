"""A trouble becomes a mail in somebody's inbox, by clock and worker or by the web process alone."""

import email
import threading
from dataclasses import replace
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest

from curator.app import App
from curator.db import Database
from curator.demo.maildir import Maildir
from curator.demo.sink import Sink
from curator.jobs import clock as ticking
from curator.jobs import pulse, watching, worker
from curator.mailings.dkim import Keyring
from curator.mailings.transports.choose import transport_for
from curator.queue import store as queue
from curator.watch.values import ProcessKind
from tests.conftest import FakeClock
from tests.web.conftest import Newsroom, make_app


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> App:
    made = make_app(database, clock, tmp_path, alert_addresses=("ops@podcast.example",))
    Newsroom(made)
    pulse.beat(made)
    return made


def _mails(outbox: Path) -> list[tuple[str, str, str]]:
    """Returns recipient, subject and text of what the sink took."""
    box, found = Maildir(outbox), []
    for key in box.newest_keys():
        read = email.message_from_bytes(box.read(key) or b"", policy=policy.default)
        body = read.get_body(("plain",))
        found.append((str(read["To"]), str(read["Subject"]), body.get_content() if body else ""))
    return found


class _Minutes(threading.Event):
    """Is set after some rounds, each of which takes as long as it is waited for."""

    def __init__(self, clock: FakeClock, rounds: int) -> None:
        super().__init__()
        self._clock, self._rounds = clock, rounds

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.advance(timedelta(seconds=timeout or 0))
        self._rounds -= 1
        return self._rounds < 0


def _to(app: App, sink: Sink) -> App:
    return replace(app, transport=transport_for(sink.url, Keyring()))


def test_the_clock_tells_and_a_worker_sends(app: App, clock: FakeClock, tmp_path: Path) -> None:
    small = replace(app, settings=replace(app.settings, alert_disk_free_mb=10**9))
    with Sink(tmp_path / "outbox") as sink:
        running = _to(small, sink)
        watching.watch(running)
        ticking.ask_letters(running)
        while worker.run_one(running, owner="one"):
            pass
    [(to, subject, body)] = _mails(tmp_path / "outbox")
    assert to == "ops@podcast.example"
    assert "GB are left at" in subject
    assert "Make room before it is full" in body


def test_with_the_runner_dead_the_web_process_tells_and_sends(app: App, clock: FakeClock, tmp_path: Path) -> None:
    with app.db.write() as session:
        queue.enqueue(session, "draft_issue", {}, now=clock())
    with Sink(tmp_path / "outbox") as sink:
        watching.keep_looking(_to(app, sink), _Minutes(clock, 6), name="web-1", kind=ProcessKind.WEB)
    [(to, subject, body)] = _mails(tmp_path / "outbox")
    assert to == "ops@podcast.example"
    assert subject.startswith("The clock has said nothing for 6 minutes")
    assert "Start `curator run`" in body
