"""Who looks when: the clock each minute, and in its place whoever works; and the sign of life."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.app import App, build
from curator.backup import store as restorations
from curator.db import Database
from curator.errors import FetchError
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched
from curator.jobs import pulse, watching
from curator.jobs.lag import Lags
from curator.mailings.transports.memory import MemoryTransport
from curator.queue import store as queue
from curator.settings import load
from curator.watch import keep, look, store
from curator.watch.values import AlertKind, Process, ProcessKind, Trouble, Way
from tests.conftest import FakeClock
from tests.web.conftest import Newsroom, make_app

BEAT, HOOK = "https://watch.example/ping", "https://chat.example/hook"
STUCK = Trouble(AlertKind.MAILING, "Mailing 7 stands still.", "Look at it.", "7", "/desk/mailings/7")


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> App:
    made = make_app(database, clock, tmp_path, alert_addresses=("ops@podcast.example",), heartbeat_url=BEAT)
    Newsroom(made)
    pager(made).put(BEAT)
    return made


def pager(app: App) -> MemoryFetcher:
    assert isinstance(app.pager, MemoryFetcher)
    return app.pager


def _lives(app: App, kind: ProcessKind = ProcessKind.RUNNER) -> None:
    now = app.clock()
    with app.db.write() as session:
        store.note_process(session, Process(f"{kind}-1", "one", kind, "0", now, now))


def _told(app: App) -> list[str]:
    assert isinstance(app.transport, MemoryTransport)
    return [each.content.decode() for each in app.transport.sent]


def _once(app: App, *, kind: ProcessKind = ProcessKind.WEB) -> None:
    """Lets a process look once."""
    stop = threading.Event()
    stop.set()
    watching.keep_looking(app, stop, name=f"{kind}-2", kind=kind)


# -- in the clock's place


def test_whoever_works_tells_of_a_clock_that_is_silent(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    clock.advance(timedelta(minutes=4))
    assert not watching.stand_in(app)
    clock.advance(timedelta(minutes=2))
    assert watching.stand_in(app)
    assert any("The clock has said nothing for 6 minutes" in each for each in _told(app))


class _LooksTwice(threading.Event):
    """Ends a process' looking after its second look, six minutes behind its first."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock, self.looks = clock, 0

    def wait(self, _timeout: float | None = None) -> bool:
        self._clock.advance(timedelta(minutes=6))
        self.looks += 1
        return self.looks == 2


def test_the_web_process_tells_of_a_dead_runner(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    watching.keep_looking(app, _LooksTwice(clock), name="web-2", kind=ProcessKind.WEB)
    assert any("The clock has said nothing for 6 minutes" in each for each in _told(app))


def test_a_process_that_has_just_begun_waits_for_the_clock_however_long_all_stood_still(
    app: App, clock: FakeClock
) -> None:
    pulse.beat(app)
    clock.advance(timedelta(hours=8))
    _once(app, kind=ProcessKind.WEB)
    assert _told(app) == []


def test_nobody_sends_letters_in_the_clocks_place_while_a_restored_database_is_held(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    with app.db.write() as session:
        restorations.note(session, at=clock(), backup_at=clock(), report={})
    clock.advance(timedelta(minutes=6))
    assert watching.stand_in(app)
    with app.db.read() as session:
        assert [each.kind for each in store.open_alerts(session)] == [AlertKind.CLOCK]
    assert _told(app) == []
    with app.db.write() as session:
        restorations.let_go(session, now=clock())
    assert watching.stand_in(app)
    assert len(_told(app)) == 1


def test_a_clock_that_never_was_is_silent_once_somebody_has_waited_for_it(app: App, clock: FakeClock) -> None:
    begun = clock()
    assert not watching.stand_in(app, since=begun)
    clock.advance(timedelta(minutes=6))
    assert watching.stand_in(app, since=begun)
    assert any("and it never did" in each for each in _told(app))


class _Breaks:
    """A clock that breaks once, with a bug that nobody foresaw, and then ends the looking."""

    def __init__(self, clock: FakeClock, stop: threading.Event) -> None:
        self._clock, self._stop, self.asked = clock, stop, 0

    def __call__(self) -> object:
        self.asked += 1
        if self.asked == 2:
            raise RuntimeError("a bug")
        if self.asked > 3:
            self._stop.set()
        return self._clock()


def test_whatever_breaks_the_looking_goes_on(app: App, clock: FakeClock) -> None:
    stop = threading.Event()
    breaks = _Breaks(clock, stop)
    every = timedelta(milliseconds=1)
    looks = replace(app, clock=breaks)  # type: ignore[arg-type]  # - a clock that breaks
    watching.keep_looking(looks, stop, name="web-2", kind=ProcessKind.WEB, every=every)
    assert breaks.asked > 3


def test_a_process_says_that_it_lives_and_is_forgotten_when_it_ends(app: App, clock: FakeClock) -> None:
    seen: list[list[Process]] = []
    lags = Lags(iter([0.0, 61.5]).__next__)
    for _ in range(2):
        lags.begin("pulse", every_s=60)

    class Stops(threading.Event):
        def wait(self, _timeout: float | None = None) -> bool:
            with app.db.read() as session:
                seen.append(store.processes(session, since=clock() - timedelta(hours=1)))
            return True

    watching.keep_looking(app, Stops(), name="runner-7", kind=ProcessKind.RUNNER, lags=lags)
    [[lives]] = seen
    assert (lives.name, lives.kind, lives.seen_at, lives.tick_lag_s) == ("runner-7", ProcessKind.RUNNER, clock(), 1.5)
    assert lives.machine
    with app.db.read() as session:
        assert store.processes(session, since=clock() - timedelta(hours=1)) == []


def test_a_full_disk_of_any_machine_is_seen_while_the_clock_is_well(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    small = replace(app, settings=replace(app.settings, alert_disk_free_mb=10**9))
    _once(small, kind=ProcessKind.WEB)
    with app.db.read() as session:
        [alert] = store.open_alerts(session)
    assert (alert.kind, alert.subject) == (AlertKind.DISK, look.here(app).machine[:80])
    assert alert.subject in alert.what


# -- the sign of life


def test_the_sign_of_life_is_given_by_a_healthy_clock_and_sender_alone(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    _lives(app, ProcessKind.CLOCK)
    watching.watch(app)
    assert pager(app).asked == [], "nobody sends"
    _lives(app, ProcessKind.WORKER)
    watching.watch(app)
    assert [each.url for each in pager(app).asked] == [BEAT]
    with app.db.write() as session:
        queue.enqueue(session, "draft_issue", {}, now=clock())
    clock.advance(timedelta(minutes=20))
    pulse.beat(app)
    _lives(app, ProcessKind.WORKER)
    watching.watch(app)
    assert len(pager(app).asked) == 1, "a job has waited for 20 minutes"


def test_a_sender_that_is_gone_is_told_of_by_the_clock_itself(app: App, clock: FakeClock) -> None:
    _lives(app, ProcessKind.WORKER)
    for _ in range(2):
        clock.advance(timedelta(minutes=6))
        pulse.beat(app)
        _lives(app, ProcessKind.CLOCK)
        watching.watch(app)
    assert any("No process that sends mail has been seen" in each for each in _told(app))


class _Hangs(MemoryFetcher):
    """A webhook behind which nobody answers; it tells what was done before it was called."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app, self.letters = app, -1

    def post(self, url: str, _body: bytes, **_: object) -> Fetched:  # type: ignore[override]  # - a narrower twin
        with self._app.db.read() as session:
            self.letters = len(store.to_tell(session, Way.LETTER, again_before=self._app.clock()))
        self.asked_before = [each.url for each in self.asked]
        raise FetchError(url, "It hangs.")


def test_a_webhook_that_hangs_delays_neither_letters_nor_the_sign_of_life(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    _lives(app)
    hangs = _Hangs(app)
    hangs.put(BEAT)
    keep.keep(app.db, [STUCK], now=clock())
    watching.watch(replace(app, pager=hangs, settings=replace(app.settings, alert_webhook_url=HOOK)))
    assert (hangs.letters, hangs.asked_before) == (0, [BEAT])


def test_what_the_operator_names_may_be_private_and_what_the_desk_names_may_not(tmp_path: Path) -> None:
    made = build(load({"CURATOR_DATA_DIR": str(tmp_path), "CURATOR_SECRET_KEY": "x" * 40}))
    url = "http://127.0.0.1:8443/"
    with pytest.raises(FetchError, match="no public address"):
        made.fetcher.post(url, b"")
    with pytest.raises(FetchError, match="refuses the connection"):
        made.pager.post(url, b"")
    made.db.close()


# -- how late


def test_the_lag_is_that_of_the_latest_tick_and_is_told_once() -> None:
    at = iter([0.0, 0.0, 10.0, 60.0, 31.0])
    lags = Lags(lambda: next(at))
    for tick, every_s in (("pulse", 60), ("feeds", 5), ("feeds", 5), ("pulse", 60), ("feeds", 15)):
        lags.begin(tick, every_s=every_s)
    assert (lags.worst_s(), lags.worst_s()) == (6.0, 0.0)
