"""An alert opens once, is told once by each way, is told again after a day, and its end is told."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.accounts.values import Role
from curator.app import App
from curator.db import Database, insert_once
from curator.errors import StateError
from curator.http.memory import MemoryFetcher
from curator.jobs import tasks, watching
from curator.mailings.transports.memory import MemoryTransport
from curator.watch import keep, store, tell
from curator.watch.tables import AlertRow
from curator.watch.values import AlertKind, Trouble, Way
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
    pager(made).put(HOOK)
    return replace(made, settings=settings)


def pager(app: App) -> MemoryFetcher:
    assert isinstance(app.pager, MemoryFetcher)
    return app.pager


def _round(app: App, *found: Trouble) -> int:
    now = app.clock()
    keep.keep(app.db, found, now=now)
    return tell.write(app, now=now) + tell.call(app, now=now)


def _mails(app: App) -> list[str]:
    tasks.send_letters(app, {})
    assert isinstance(app.transport, MemoryTransport)
    return [each.content.decode() for each in app.transport.sent if "ops@podcast.example" in each.content.decode()]


def _calls(app: App) -> list[dict[str, str]]:
    return [json.loads(each.body or b"") for each in pager(app).asked]


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


def test_the_end_is_told(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        assert _round(app) == 0, "it may come back in a moment"
    clock.advance(timedelta(minutes=2))
    assert _round(app) == 2
    assert _calls(app)[-1]["state"] == "over"
    assert "Subject: Over: 1.0 GB are left." in _mails(app)[-1]


def test_what_comes_back_after_its_end_was_told_is_told_again_and_ends_later(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    clock.advance(timedelta(minutes=6))
    assert _round(app) == 2
    clock.advance(timedelta(minutes=30))
    assert _round(app, FULL) == 2, "people were told that it is over"
    assert _calls(app)[-1]["state"] == "open"
    assert len(_mails(app)) == 3
    with app.db.read() as session:
        assert (len(store.open_alerts(session)), store.closed_alerts(session)) == (1, [])
    clock.advance(timedelta(minutes=30))
    assert _round(app) == 0, "what comes and goes is told twice an hour at the most"
    clock.advance(timedelta(minutes=31))
    assert _round(app) == 2


def test_what_comes_back_before_its_end_was_told_goes_on(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    clock.advance(timedelta(minutes=6))
    keep.keep(app.db, [], now=clock())
    assert _round(app, FULL) == 0


def test_nothing_is_noted_as_told_where_nobody_can_be_written_to(app: App, clock: FakeClock) -> None:
    person(app, "Theo", Role.EDITOR)
    nobody = replace(app, settings=replace(app.settings, alert_addresses=(), alert_webhook_url=None))
    assert _round(nobody, FULL) == 0
    person(app, "Mina")
    assert _round(nobody, FULL) == 1


def test_nothing_is_noted_as_told_before_there_is_a_newsletter(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    made = make_app(database, clock, tmp_path)
    app = replace(made, settings=replace(made.settings, alert_addresses=("ops@podcast.example",)))
    assert _round(app, FULL) == 0
    Newsroom(app)
    assert _round(app, FULL) == 1


def test_of_two_who_tell_at_once_one_tells(app: App, clock: FakeClock) -> None:
    keep.keep(app.db, [FULL], now=clock())
    before, until = clock() - tell.AGAIN_AFTER, clock() + timedelta(minutes=1)
    with app.db.read() as session:
        [seen] = store.to_tell(session, Way.LETTER, again_before=before)
    with app.db.write() as session:
        first, second = (store.mark_told(session, seen, again_before=before, now=clock()) for _ in range(2))
        assert (first, second) == (True, False)
        claims = [store.begin_call(session, seen, again_before=before, now=clock(), until=until) for _ in range(2)]
        assert claims == [True, False]
    assert tell.call(app, now=clock()) == 0, "somebody calls just now"
    assert tell.call(app, now=clock.advance(timedelta(minutes=1))) == 1, "who called has died over it"


def test_two_who_see_the_same_at_once_open_one_alert(app: App, clock: FakeClock) -> None:
    go, broke = threading.Barrier(2), []

    def see() -> None:
        go.wait(30)
        try:
            keep.keep(app.db, [STUCK, FULL], now=clock())
        except Exception as error:
            broke.append(error)

    for _ in range(5):
        threads = [threading.Thread(target=see) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
        with app.db.write() as session:
            assert store.count_open(session) == 2
            store.close(session, now=clock.advance(timedelta(hours=2)), after=timedelta(), after_return=timedelta())
        clock.advance(timedelta(hours=2))
    assert broke == []


def test_what_is_open_already_is_not_inserted_again(app: App, clock: FakeClock) -> None:
    """As another process finds it that looked before this one had written."""
    keep.keep(app.db, [FULL], now=clock())
    row = {
        "kind": FULL.kind,
        "subject": "",
        "what": "",
        "todo": "",
        "path": "",
        "opened_at": clock(),
        "seen_at": clock(),
    }
    with app.db.write() as session:
        assert not insert_once(session, AlertRow, row | {"returns": 0})


def test_what_ended_before_anybody_heard_of_it_is_not_told(app: App, clock: FakeClock) -> None:
    keep.keep(app.db, [FULL], now=clock())
    clock.advance(timedelta(minutes=6))
    assert _round(app) == 0


def test_a_webhook_that_is_away_is_asked_again_and_keeps_no_letter_back(app: App, clock: FakeClock) -> None:
    pager(app).fail(HOOK)
    assert _round(app, FULL, STUCK) == 2
    assert len(pager(app).asked) == 1, "who does not answer once is not asked again in this round"
    assert len(_mails(app)) == 2
    pager(app).put(HOOK, status=503)
    assert _round(app, FULL, STUCK) == 0
    pager(app).put(HOOK)
    assert _round(app, FULL, STUCK) == 2
    assert len(_mails(app)) == 2


def test_an_alert_that_is_over_cannot_be_taken(app: App, clock: FakeClock) -> None:
    _round(app, FULL)
    with app.db.read() as session:
        [full] = store.open_alerts(session)
    clock.advance(timedelta(minutes=6))
    _round(app)
    with pytest.raises(StateError, match="is over"):
        keep.take(app.db, full.id, by=1, now=clock())


def test_nothing_is_written_while_nothing_is_wrong(app: App, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    def refuse() -> None:
        raise AssertionError("it asked for a write lock")

    monkeypatch.setattr(app.db, "write", refuse)
    keep.keep(app.db, [], now=clock())
    watching.watch(app)
