"""The clock and the workers carry webhooks both ways, and one that hangs keeps nobody else waiting."""

from dataclasses import replace
from datetime import timedelta

from curator.app import App
from curator.events.inbox import store as inbox
from curator.events.inbox.take import Intake
from curator.http.memory import MemoryFetcher
from curator.jobs import clock as ticking
from curator.jobs import hooks, lanes, worker
from curator.jobs.kicked import KickedWorker
from curator.queue.kick import Lane, PatientKicker
from curator.queue.memory import MemoryKicker
from curator.webhooks import edit, store
from curator.webhooks.values import CallState, EndpointForm, Kind
from tests.conftest import FakeClock
from tests.events import providing as p

URL = "https://%s.example/hook"


def endpoint(app: App, name: str) -> int:
    form = EndpointForm(name, URL % name, (Kind.ISSUE_SENT,))
    return edit.make(app.db, form, chance=b"c" * 32, keys=app.keys, by=1, now=app.clock())[0]


def work(app: App, lane: Lane) -> int:
    tasks = lanes.tasks_in((lane,), tuple(worker.TASKS))
    done = 0
    while worker.run_one(app, owner="test/0", tasks=tasks):
        done += 1
    return done


def test_what_providers_tell_is_read_by_a_worker(sqlite_app: App) -> None:
    settings = replace(sqlite_app.settings, hook_mailgun_key=p.MAILGUN_KEY)
    app = replace(sqlite_app, settings=settings)
    hooks.ask_inbox(app)
    assert work(app, Lane.HEARING) == 0
    Intake(app.db, app.doors).take(p.mailgun_call({"event": "opened"}, at=app.clock()), now=app.clock())
    for _ in range(2):
        hooks.ask_inbox(app)
    assert work(app, Lane.HEARING) == 1
    with app.db.read() as session:
        assert inbox.standing(session, since=app.clock().date()).calls == 0


def test_a_broker_wakes_whoever_hears_and_calls(app: App, clock: FakeClock) -> None:
    broker, fetcher = MemoryKicker(), MemoryFetcher()
    fetcher.put(URL % "quick")
    app = replace(
        app,
        settings=replace(app.settings, hook_mailgun_key=p.MAILGUN_KEY),
        kicker=PatientKicker(lambda: broker, clock),
        fetcher=fetcher,
    )
    quick = endpoint(app, "quick")
    Intake(app.db, app.doors).take(p.mailgun_call({"event": "opened"}, at=clock()), now=clock())
    with app.db.write() as session:
        store.announce(session, Kind.ISSUE_SENT, {}, now=clock())
    for tick in ticking.TICKS:
        if tick.name in ("providers", "webhooks"):
            ticking._ask(tick, app)
    assert set(broker.hints) == {Lane.CALLING, Lane.HEARING}
    own = KickedWorker(app, lambda: False, look_every_s=None)
    try:
        broker.deliver(own.look)
    finally:
        own.end()
    with app.db.read() as session:
        assert [each.state for each in store.calls(session, quick)] == [CallState.DELIVERED]
        assert inbox.standing(session, since=clock().date()).calls == 0


def test_each_endpoint_is_called_by_a_job_of_its_own(sqlite_app: App, clock: FakeClock) -> None:
    fetcher = MemoryFetcher()
    app = replace(sqlite_app, fetcher=fetcher)
    slow, quick = endpoint(app, "slow"), endpoint(app, "quick")
    fetcher.fail(URL % "slow", "It did not answer in time.")
    fetcher.put(URL % "quick")
    with app.db.write() as session:
        for _ in range(3):
            store.announce(session, Kind.ISSUE_SENT, {}, now=clock())
    hooks.ask_webhooks(app)
    assert work(app, Lane.CALLING) == 2
    with app.db.read() as session:
        states = {each: [call.state for call in store.calls(session, each)] for each in (slow, quick)}
    assert states == {slow: [CallState.WAITING] * 3, quick: [CallState.DELIVERED] * 3}
    assert sum(asked.url == URL % "slow" for asked in fetcher.asked) == 1
    clock.advance(timedelta(days=40))
    hooks.keep_house(app)
    with app.db.read() as session:
        assert store.calls(session, quick) == []
