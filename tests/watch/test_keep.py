"""An alert opens once, is told once by each way, is told again after a day, and its end is told."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.app import App
from curator.db import Database
from curator.errors import StateError
from curator.http.memory import MemoryFetcher
from curator.jobs import tasks, watching
from curator.mailings.transports.memory import MemoryTransport
from curator.queue import store as queue
from curator.watch import keep, store, tell
from curator.watch.values import AlertKind, Trouble
from tests.conftest import FakeClock
from tests.web.conftest import Newsroom, make_app, person

HOOK = "https://chat.example/hook/secret"
FULL = Trouble(AlertKind.DISK, "1.0 GB are left.", "Make room.")
STUCK = Trouble(AlertKind.MAILING, "Mailing 7 stands still.", "Look at it.", "7", "/desk/mailings/7")


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> App:
    made = make_app(database, clock, tmp_path, public_url="https://news.example")
    Newsroom(made)
    settings = replace(made.settings, alert_addresses=("ops@podcast.example",), alert_webhook_url=HOOK)
    fetcher = MemoryFetcher()
    fetcher.put(HOOK)
    return replace(made, settings=settings, fetcher=fetcher)


def _round(app: App, *found: Trouble) -> int:
    now = app.clock()
    keep.keep(app.db, found, now=now)
    return tell.tell(app, again_before=now - keep.TOLD_AGAIN_AFTER, now=now)


def _mails(app: App) -> list[str]:
    tasks.send_letters(app, {})
    assert isinstance(app.transport, MemoryTransport)
    return [each.content.decode() for each in app.transport.sent if "ops@podcast.example" in each.content.decode()]


def _calls(app: App) -> list[dict[str, str]]:
    assert isinstance(app.fetcher, MemoryFetcher)
    return [json.loads(each.body or b"") for each in app.fetcher.asked]


def test_an_alert_is_told_once_by_letter_and_by_webhook(app: App, clock: FakeClock) -> None:
    assert [_round(app, FULL, STUCK) for _ in range(3)] == [4, 0, 0]
    mails = _mails(app)
    assert len(mails) == 2
    assert "Subject: 1.0 GB are left." in mails[0]
    assert "https://news.example/desk/mailings/7" in mails[1]
    assert [(each["kind"], each["state"]) for each in _calls(app)] == [("disk", "open"), ("mailing", "open")]
    clock.advance(timedelta(hours=23))
    assert _round(app, FULL, STUCK) == 0


def test_an_open_alert_is_told_again_after_a_day_unless_somebody_sees_to_it(app: App, clock: FakeClock) -> None:
    _round(app, FULL, STUCK)
    mina = person(app, "Mina")
    with app.db.read() as session:
        full = next(each for each in store.open_alerts(session) if each.kind is AlertKind.DISK)
    keep.take(app.db, full.id, by=mina, now=clock())
    clock.advance(timedelta(hours=25))
    assert _round(app, FULL, STUCK) == 2
    assert [each["kind"] for each in _calls(app)] == ["disk", "mailing", "mailing"]


def test_the_end_is_told_and_what_comes_and_goes_is_one_alert(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        assert _round(app) == 0, "it may come back in a moment"
    clock.advance(timedelta(minutes=2))
    assert _round(app) == 2
    assert _calls(app)[-1]["state"] == "over"
    assert "Subject: Over: 1.0 GB are left." in _mails(app)[-1]
    clock.advance(timedelta(minutes=30))
    assert _round(app, FULL) == 0, "the same alert goes on"
    with app.db.read() as session:
        assert (len(store.open_alerts(session)), store.closed_alerts(session)) == (1, [])


def test_what_ended_before_anybody_heard_of_it_is_not_told(app: App, clock: FakeClock) -> None:
    keep.keep(app.db, [FULL], now=clock())
    clock.advance(timedelta(minutes=6))
    assert _round(app) == 0


def test_a_webhook_that_is_away_is_asked_again_and_keeps_no_letter_back(app: App, clock: FakeClock) -> None:
    assert isinstance(app.fetcher, MemoryFetcher)
    app.fetcher.fail(HOOK)
    assert _round(app, FULL) == 1
    assert len(_mails(app)) == 1
    app.fetcher.put(HOOK, status=503)
    assert _round(app, FULL) == 0
    app.fetcher.put(HOOK)
    assert _round(app, FULL) == 1
    assert len(_mails(app)) == 1


def test_an_alert_that_is_over_cannot_be_taken(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    with app.db.read() as session:
        [full] = store.open_alerts(session)
    clock.advance(timedelta(minutes=6))
    _round(app)
    with pytest.raises(StateError, match="is over"):
        keep.take(app.db, full.id, by=1, now=clock())


def test_whoever_works_tells_of_a_clock_that_is_silent(app: App, clock: FakeClock) -> None:
    with app.db.write() as session:
        queue.beat(session, name="one", at=clock())
    clock.advance(timedelta(minutes=4))
    assert not watching.stand_in(app)
    clock.advance(timedelta(minutes=2))
    assert watching.stand_in(app)
    assert isinstance(app.transport, MemoryTransport)
    assert any("The clock has said nothing for 6 minutes" in each.content.decode() for each in app.transport.sent)


def test_the_sign_of_life_is_given_by_a_healthy_clock_alone(app: App, clock: FakeClock) -> None:
    beat = "https://watch.example/ping"
    assert isinstance(app.fetcher, MemoryFetcher)
    app.fetcher.put(beat)
    watched = replace(app, settings=replace(app.settings, heartbeat_url=beat, alert_webhook_url=None))
    watching.watch(watched)
    assert [each.url for each in app.fetcher.asked] == [beat]
    with app.db.write() as session:
        queue.enqueue(session, "draft_issue", {}, now=clock())
    clock.advance(timedelta(minutes=20))
    watching.watch(watched)
    assert [each.url for each in app.fetcher.asked] == [beat]
