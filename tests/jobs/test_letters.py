"""The letters' own lane: asked for every second, and held up by nothing else."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from curator.app import App
from curator.errors import TransportError
from curator.jobs import clock as ticking
from curator.jobs import housekeeping, tasks, worker
from curator.jobs.tasks import BY_HAND, Task, Turn
from curator.letters import store
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, NewLetter
from curator.mailings.routes import Route
from curator.mailings.transports.memory import MemoryTransport
from curator.newsletters.tables import Newsletter
from curator.queue import store as queue
from curator.settings.transports import TransportUrl
from tests import builders
from tests.builders import newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.jobs.queued import jobs, states


def _letter(app: App, address: str = "ada@example.org", slug: str = "ai-weekly") -> None:
    newsletter_id = newsletter_row(app.db, slug=slug)
    (subscriber_id,) = subscriber_rows(app.db, newsletter_id, [address])
    payload = {"subscriber_id": subscriber_id, "newsletter_id": newsletter_id}
    with app.db.write() as session:
        store.write(session, NewLetter(LetterKind.WELCOME, address, address, payload=payload), now=app.clock())


def _relay(app: App) -> MemoryTransport:
    assert isinstance(app.transport, MemoryTransport)
    return app.transport


def test_a_letter_is_queued_once_and_sent_by_its_task(app: App) -> None:
    ticking.ask_letters(app)
    assert jobs(app.db) == []
    _letter(app)
    ticking.ask_letters(app)
    ticking.ask_letters(app)
    assert jobs(app.db, "send_letters") == [{"transport": ""}]
    assert worker.run_one(app, owner="one")
    assert [each.recipient for each in _relay(app).sent] == ["ada@example.org"]
    ticking.ask_letters(app)
    assert states(app.db) == ["done"]


def test_letters_are_asked_for_every_second() -> None:
    (tick,) = [tick for tick in ticking.TICKS if tick.ask is ticking.ask_letters]
    assert tick.every == timedelta(seconds=1)


def test_without_a_relay_letters_wait_and_nothing_is_queued(app: App, clock: FakeClock) -> None:
    _letter(app)
    bare = replace(app, transport=None)
    ticking.ask_letters(bare)
    assert jobs(app.db) == []
    assert not tasks.send_letters(bare, {})
    clock.advance(timedelta(days=2))
    tasks.send_letters(app, {})
    assert len(_relay(app).sent) == 1


def test_a_letter_leaves_over_its_newsletters_transport(app: App, clock: FakeClock) -> None:
    bulk = MemoryTransport()
    app = replace(app, named_transports={"bulk": Route("bulk", bulk)})
    _letter(app)
    _letter(app, "bob@example.org", slug="second")
    with app.db.write() as session:
        session.execute(update(Newsletter).where(Newsletter.slug == "second").values(transport="bulk"))
    tasks.send_letters(app, {})
    assert [each.recipient for each in _relay(app).sent] == ["ada@example.org"]
    assert [each.recipient for each in bulk.sent] == ["bob@example.org"]


def test_a_relay_that_fails_holds_up_only_its_own_letters(app: App) -> None:
    bulk = MemoryTransport()
    app = replace(app, named_transports={"bulk": Route("bulk", bulk)})
    _relay(app).refusals.append(TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1)))
    _letter(app)
    _letter(app, "bob@example.org", slug="second")
    with app.db.write() as session:
        session.execute(update(Newsletter).where(Newsletter.slug == "second").values(transport="bulk"))
    tasks.send_letters(app, {})
    assert (_relay(app).sent, len(bulk.sent)) == ([], 1)


def test_each_transports_letters_are_a_job_of_their_own(sqlite_app: App) -> None:
    app = replace(sqlite_app, named_transports={"bulk": Route("bulk", MemoryTransport())})
    _letter(app)
    _letter(app, "bob@example.org", slug="second")
    with app.db.write() as session:
        session.execute(update(Newsletter).where(Newsletter.slug == "second").values(transport="bulk"))
    ticking.ask_letters(app)
    assert jobs(app.db, "send_letters") == [{"transport": ""}, {"transport": "bulk"}]
    assert worker.run_one(app, owner="one")
    assert [each.recipient for each in _relay(app).sent] == ["ada@example.org"]


def test_a_relay_that_hangs_keeps_no_letter_of_another_transport_waiting(sqlite_app: App) -> None:
    stop, has_left = threading.Event(), threading.Event()
    other, names = MemoryTransport(on_message=lambda _message: has_left.set()), (TransportUrl("bulk", "smtp://bulk"),)
    settings = replace(sqlite_app.settings, transports=names)
    app = replace(sqlite_app, settings=settings, named_transports={"bulk": Route("bulk", other)})

    def hang(_message: object) -> None:
        assert has_left.wait(60), "the letter was held up"
        stop.set()

    _relay(app).on_message = hang
    _letter(app)
    _letter(app, "bob@example.org", slug="second")
    with app.db.write() as session:
        session.execute(update(Newsletter).where(Newsletter.slug == "second").values(transport="bulk"))
    ticking.ask_letters(app)
    worker.run(app, stop, 1)
    assert [each.recipient for each in other.sent] == ["bob@example.org"]


def test_a_letter_whose_transport_is_not_in_the_settings_waits_and_says_so(app: App, clock: FakeClock) -> None:
    _letter(app)
    builders.change_newsletters(app.db, transport="gone")
    ticking.ask_letters(app)
    assert states(app.db) == ["queued"]
    tasks.send_letters(app, {})
    assert _relay(app).sent == []
    with app.db.read() as session:
        row = session.execute(select(Letter)).scalar_one()
    assert "name no transport 'gone' any more" in row.reason
    assert row.due_at > clock()
    builders.change_newsletters(app.db, transport="")
    clock.advance(timedelta(minutes=10))
    tasks.send_letters(app, {})
    assert len(_relay(app).sent) == 1


def test_a_relay_that_fails_is_logged_without_its_words(sqlite_app: App) -> None:
    _letter(sqlite_app)
    _relay(sqlite_app).refusals.append(TransportError("The relay does not like ada@example.org."))
    with capture_logs() as logs:
        tasks.send_letters(sqlite_app, {})
    assert [log["event"] for log in logs] == ["letters wait for the relay"]
    assert "ada@" not in str(logs)


def test_after_a_bug_letters_rest_for_seconds_only(sqlite_app: App, clock: FakeClock) -> None:
    _letter(sqlite_app)
    ticking.ask_letters(sqlite_app)

    def break_down(*_: object) -> bool:
        raise ValueError("a bug")

    with capture_logs():
        worker.run_one(sqlite_app, owner="one", known={"send_letters": break_down})
    ticking.ask_letters(sqlite_app)
    assert states(sqlite_app.db) == ["failed"]
    clock.advance(timedelta(seconds=16))
    ticking.ask_letters(sqlite_app)
    assert states(sqlite_app.db) == ["failed", "queued"]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_letter_leaves_while_every_other_thread_hangs(sqlite_app: App, threads: int) -> None:
    stop, has_left = threading.Event(), threading.Event()
    hanging = threading.Semaphore(0)
    _relay(sqlite_app).on_message = lambda _message: has_left.set()

    def hang(_app: App, _payload: Mapping[str, Any], _turn: Turn = BY_HAND) -> bool:
        hanging.release()
        assert has_left.wait(60), "the letter was held up"
        stop.set()
        return False

    others = max(2, threads)
    with sqlite_app.db.write() as session:
        for _ in range(others):
            queue.enqueue(session, "pump_mailing", {}, now=sqlite_app.clock())
            queue.enqueue(session, "poll_feed", {}, now=sqlite_app.clock())
    known: dict[str, Task] = {**tasks.TASKS, "pump_mailing": hang, "poll_feed": hang}

    def write_when_all_hang() -> None:
        for _ in range(others):
            assert hanging.acquire(timeout=30)
        _letter(sqlite_app)
        ticking.ask_letters(sqlite_app)

    _alongside(write_when_all_hang, lambda: worker.run(sqlite_app, stop, threads, known=known))
    assert [each.recipient for each in _relay(sqlite_app).sent] == ["ada@example.org"]


def test_a_letter_that_hangs_holds_up_nothing_else(sqlite_app: App) -> None:
    stop, is_done = threading.Event(), threading.Event()

    def hang(*_: object) -> bool:
        assert is_done.wait(60)
        stop.set()
        return False

    def work(*_: object) -> bool:
        is_done.set()
        return False

    with sqlite_app.db.write() as session:
        for _ in range(3):
            queue.enqueue(session, "send_letters", {}, now=sqlite_app.clock())
        queue.enqueue(session, "draft_issue", {}, now=sqlite_app.clock())
    known: dict[str, Task] = {"send_letters": hang, "draft_issue": work}
    worker.run(sqlite_app, stop, 1, known=known)
    assert is_done.is_set()


def test_letters_that_ended_a_month_ago_are_forgotten(app: App, clock: FakeClock) -> None:
    _letter(app)
    tasks.send_letters(app, {})
    clock.advance(timedelta(days=31))
    _letter(app, "bob@example.org", slug="other")
    housekeeping.keep_house(app)
    with app.db.read() as session:
        keys = ["ada@example.org", "bob@example.org"]
        assert list(store.newest_by_address(session, LetterKind.WELCOME, keys)) == ["bob@example.org"]


def _alongside(act: Callable[[], None], wait: Callable[[], object]) -> None:
    """Does one thing in a thread while another blocks here; what fails there fails here."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait()
    thread.join(30)
    assert failures == []
