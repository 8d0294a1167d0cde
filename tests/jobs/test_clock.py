"""The clock: what is due is queued once, whoever asks, however often it is asked."""

import queue as queues
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import update
from structlog.testing import capture_logs

import curator
from curator.app import App
from curator.db import Database
from curator.feeds import ingest
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueRow, IssueState
from curator.jobs import alive, tasks
from curator.jobs import clock as ticking
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.ledger import store as ledger
from curator.mailings.values import MailingState
from curator.newsletters import edit
from curator.newsletters import store as newsletters
from curator.newsletters.values import Cadence, NewsletterForm, Rhythm
from curator.queue import store as queue
from tests.builders import approved_issue_row, change_newsletters, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.events.scene import counters, hit, sent, spooled
from tests.jobs.conftest import MakeApp
from tests.jobs.queued import jobs, states

_DAILY = NewsletterForm(
    slug="day",
    name="The Day",
    sender_name="Ada",
    sender_address="ada@example.org",
    draft_lead_hours=0,
    cadence=Cadence(rhythm=Rhythm.WEEKLY, zone="UTC", at=time(7), anchor_on=date(2026, 1, 5), weekdays=tuple(range(7))),
)
_LEASE = timedelta(seconds=180)


# -- the traps: no trigger but intervals, no store but memory


def test_every_tick_is_an_interval_in_utc_and_nothing_is_stored(sqlite_app: App) -> None:
    scheduler = ticking.scheduler(sqlite_app)
    scheduler.start(paused=True)
    try:
        found, stores = scheduler.get_jobs(), [type(store) for store in scheduler._jobstores.values()]
    finally:
        scheduler.shutdown()
    assert {job.id for job in found} == {tick.name for tick in ticking.TICKS}
    assert {type(job.trigger) for job in found} == {IntervalTrigger}
    assert {str(job.trigger.timezone) for job in found} == {"UTC"}
    assert {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in found} == {(True, 1, None)}
    assert stores == [MemoryJobStore]


def test_no_file_of_curator_uses_a_cron_trigger_or_another_job_store() -> None:
    banned = ("CronTrigger", "triggers.cron", "DateTrigger", "triggers.date", "SQLAlchemyJobStore", "RedisJobStore")
    files = sorted(Path(curator.__file__).parent.rglob("*.py"))
    assert Path(ticking.__file__) in files
    # Prose may say why it is not used; an import or a call may not.
    named = [
        f"{path.name}: {line}"
        for path in files
        for line in path.read_text().splitlines()
        if any(f"import {word}" in line or f"{word} import" in line or f"{word}(" in line for word in banned)
    ]
    assert named == []


def test_a_tick_that_breaks_is_logged_and_asked_again_while_others_go_on(sqlite_app: App) -> None:
    calls: list[int] = []
    is_third, other_ran = threading.Event(), threading.Event()

    def break_down(_: App) -> None:
        calls.append(1)
        if len(calls) == 3:
            is_third.set()
        raise RuntimeError("the database is away")

    moment = timedelta(milliseconds=5)
    ticks = [ticking.Tick("breaks", moment, break_down), ticking.Tick("other", moment, lambda _: other_ran.set())]
    with capture_logs() as logs:
        scheduler = ticking.scheduler(sqlite_app, ticks=ticks)
        scheduler.start()
        try:
            assert is_third.wait(60)
            assert other_ran.wait(60)
        finally:
            scheduler.shutdown()
    assert {(log["event"], log["tick"]) for log in logs} == {("tick broke", "breaks")}


@pytest.mark.parametrize("off_by", [timedelta(hours=1), timedelta(days=-20_000)], ids=["back", "forward"])
def test_ticks_go_on_when_the_machines_clock_is_set(sqlite_app: App, off_by: timedelta) -> None:
    asked: queues.Queue[bool] = queues.Queue()
    scheduler = ticking.scheduler(
        sqlite_app, ticks=[ticking.Tick("ask", timedelta(seconds=600), lambda _: asked.put(item=True))]
    )
    scheduler.start()
    try:
        assert asked.get(timeout=60)
        scheduler.modify_job("ask", next_run_time=datetime.now(UTC) + off_by)  # noqa: TID251 - the scheduler's clock
        assert asked.get(timeout=60)
    finally:
        scheduler.shutdown()
    assert asked.empty()


# -- feeds


def test_a_due_feed_has_a_poller_queued_once(app: App, clock: FakeClock) -> None:
    ingest.add_feed(app.db, "https://example.org/feed", now=clock())
    ticking.ask_feeds(app)
    ticking.ask_feeds(app)
    assert jobs(app.db, "poll_feeds") == [{}]


def test_however_many_feeds_are_due_fewer_pollers_are_queued_than_may_ask(app: App, clock: FakeClock) -> None:
    for number in range(20):
        ingest.add_feed(app.db, f"https://f{number}.example/feed", now=clock())
    for _ in range(3):
        ticking.ask_feeds(app)
    assert len(jobs(app.db, "poll_feeds")) == app.settings.polls - 1 == 7


def test_a_poller_that_broke_rests_before_it_is_queued_again(app: App, clock: FakeClock) -> None:
    ingest.add_feed(app.db, "https://example.org/feed", now=clock())
    ticking.ask_feeds(app)
    with app.db.write() as session:
        job = queue.claim(session, owner="one", now=clock(), lease=_LEASE)
        assert job is not None
        queue.fail(session, job, error="a bug", now=clock(), retry_at=None)
    ticking.ask_feeds(app)
    assert states(app.db) == ["failed"]
    clock.advance(timedelta(minutes=3))
    ticking.ask_feeds(app)
    assert states(app.db) == ["failed", "queued"]


# -- newsletters


def test_a_due_slot_is_queued_once_and_the_newsletter_goes_on(app: App, clock: FakeClock) -> None:
    newsletter_id = edit.create(app.db, _DAILY, now=clock())
    ticking.ask_newsletters(app)
    assert jobs(app.db) == []
    clock.at = datetime.fromisoformat("2026-11-17T07:00:00+00:00")
    ticking.ask_newsletters(app)
    ticking.ask_newsletters(app)
    assert jobs(app.db) == [
        {"newsletter_id": newsletter_id, "slot": "2026-11-17T07:00", "issue_at": "2026-11-17T07:00:00+00:00"}
    ]
    assert _next_slot(app, newsletter_id) == "2026-11-18T07:00"


def test_a_slot_that_is_too_old_is_passed_over_and_said(app: App, clock: FakeClock) -> None:
    newsletter_id = edit.create(app.db, _DAILY, now=clock())
    clock.at = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    ticking.ask_newsletters(app)
    assert jobs(app.db) == []
    with app.db.read() as session:
        note = newsletters.schedule(session, newsletter_id).note
    assert note == (
        "3 slots from Tue 17 Nov 07:00 to Thu 19 Nov 07:00 were missed, so nothing was drafted. "
        "Start the issue by hand."
    )
    # The one of this morning is late, but within the limit.
    ticking.ask_newsletters(app)
    assert [job["slot"] for job in jobs(app.db)] == ["2026-11-20T07:00"]


def test_two_clocks_on_one_database_give_every_slot_once(
    make_app: MakeApp, database: Database, clock: FakeClock
) -> None:
    newsletter_ids = [
        edit.create(database, replace(_DAILY, slug=f"day-{number}", draft_lead_hours=24 * 8), now=clock())
        for number in range(3)
    ]
    # Eight slots of each newsletter are due at once, and a tick takes one of each that no other clock holds.
    clocks = [make_app(Database(database.url.render_as_string(hide_password=False))) for _ in range(4)]
    start = threading.Barrier(len(clocks))

    def ask(app: App) -> None:
        start.wait(30)
        while _is_something_due(app):
            ticking.ask_newsletters(app)
        app.db.close()

    with ThreadPoolExecutor(len(clocks)) as pool:
        list(pool.map(ask, clocks))
    found = sorted((job["newsletter_id"], job["slot"]) for job in jobs(database))
    days = [date(2026, 11, 17) + timedelta(days=number) for number in range(8)]
    assert found == [(each, f"{day}T07:00") for each in newsletter_ids for day in days]


def test_a_kill_amid_a_tick_and_a_restart_neither_repeat_nor_lose_a_slot(
    app: App, make_app: MakeApp, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    newsletter_id = edit.create(app.db, _DAILY, now=clock())
    clock.at = datetime.fromisoformat("2026-11-17T07:00:00+00:00")
    with monkeypatch.context() as patch:
        patch.setattr(newsletters, "advance", die)
        with pytest.raises(KilledError):
            ticking.ask_newsletters(app)
    assert jobs(app.db) == []
    restarted = make_app(Database(app.settings.database_url))
    ticking.ask_newsletters(restarted)
    ticking.ask_newsletters(restarted)
    restarted.db.close()
    ticking.ask_newsletters(app)
    assert [job["slot"] for job in jobs(app.db)] == ["2026-11-17T07:00"]
    assert _next_slot(app, newsletter_id) == "2026-11-18T07:00"


def test_a_slot_that_was_claimed_before_is_not_queued_again(app: App, clock: FakeClock) -> None:
    # As after the due columns of a newsletter came back from a backup, or two clocks whose time differs.
    newsletter_id = edit.create(app.db, replace(_DAILY, draft_lead_hours=24), now=clock())
    with app.db.write() as session:
        queue.claim_slot(session, newsletters.schedule_id(newsletter_id), "2026-11-17T07:00", now=clock())
    ticking.ask_newsletters(app)
    assert jobs(app.db) == []
    assert _next_slot(app, newsletter_id) == "2026-11-18T07:00"


# -- issues and mailings


def test_a_scheduled_issue_is_queued_once_when_its_moment_comes(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock.at + timedelta(hours=1))
    ticking.ask_issues(app)
    assert jobs(app.db) == []
    clock.advance(timedelta(hours=1))
    ticking.ask_issues(app)
    ticking.ask_issues(app)
    assert jobs(app.db, "start_mailing") == [{"issue_id": issue_id}]


def test_a_mailing_goes_on_soon_after_its_newsletters_hours_are_changed(app: App, clock: FakeClock) -> None:
    newsletter_id = newsletter_row(app.db)
    subscriber_rows(app.db, newsletter_id, ["ada@example.org"])
    change_newsletters(app.db, send_from=time(18), send_until=time(20))
    mailing_id = send.start(app.db, approved_issue_row(app.db, newsletter_id), now=app.clock())
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    ticking.ask_mailings(app)
    assert jobs(app.db, "pump_mailing") == []
    change_newsletters(app.db, send_from=None, send_until=None)
    ticking.ask_mailings(app)
    assert jobs(app.db, "pump_mailing") == [{"mailing_id": mailing_id}]


def test_a_mailing_that_is_held_begins_before_its_moment_so_that_it_leaves_then(app: App, clock: FakeClock) -> None:
    send_at = clock.at + timedelta(hours=1)
    issue_id = _scheduled(app, send_at)
    change_newsletters(app.db, hold_minutes=5)
    clock.at = send_at - timedelta(minutes=6)
    ticking.ask_issues(app)
    assert jobs(app.db) == []
    clock.at = send_at - timedelta(minutes=5, seconds=30)
    ticking.ask_issues(app)
    assert jobs(app.db, "start_mailing") == [{"issue_id": issue_id}]
    tasks.start_mailing(app, {"issue_id": issue_id})
    ticking.ask_mailings(app)
    with app.db.read() as session:
        (view,) = mailings.mailings(session)
        assert (view.state, view.hold_until) == (MailingState.HOLDING, send_at)
        assert mailings.pumpable_ids(session, now=send_at - timedelta(seconds=1)) == []
        assert mailings.pumpable_ids(session, now=send_at) == [view.id]


def test_an_issue_whose_moment_is_too_long_ago_is_held_and_not_sent(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock())
    clock.advance(timedelta(days=3))
    ticking.ask_issues(app)
    issue = _issue(app, issue_id)
    assert jobs(app.db) == []
    assert issue.state is IssueState.HELD
    assert issue.note == (
        "It was to be sent on Mon 16 Nov 09:00 UTC, which was missed by 3 days, so it was not sent. "
        "Look it over, approve and schedule it again."
    )


def test_an_issue_that_was_scheduled_as_a_test_leaves_its_schedule_when_its_newsletter_is_live(
    app: App, clock: FakeClock
) -> None:
    issue_id = _scheduled(app, clock())
    newsletter_id = _issue(app, issue_id).newsletter_id
    change_newsletters(app.db, live_at=None)
    publish.schedule(app.db, issue_id, at=clock(), by=None, now=clock())
    edit.go_live(app.db, newsletter_id, now=clock())
    ticking.ask_issues(app)
    issue = _issue(app, issue_id)
    assert (jobs(app.db), issue.state, issue.note) == ([], IssueState.APPROVED, publish.WAS_A_TEST)
    publish.schedule(app.db, issue_id, at=clock(), by=None, now=clock())
    ticking.ask_issues(app)
    assert jobs(app.db, "start_mailing") == [{"issue_id": issue_id}]


def test_a_running_mailing_is_pumped_by_one_job_at_a_time(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock())
    mailing_id = send.start(app.db, issue_id, now=clock())
    ticking.ask_mailings(app)
    ticking.ask_mailings(app)
    assert jobs(app.db) == [{"mailing_id": mailing_id}]


def test_as_many_pumps_are_queued_as_may_send_at_once_while_batches_are_due(app: App, clock: FakeClock) -> None:
    app = replace(app, settings=replace(app.settings, senders=3))
    mailing_id = send.start(app.db, _scheduled(app, clock()), now=clock())
    ticking.ask_mailings(app)
    ticking.ask_mailings(app)
    assert jobs(app.db, "pump_mailing") == [{"mailing_id": mailing_id}] * 3


def test_a_mailing_whose_batches_are_all_taken_is_looked_after_by_one_pump(app: App, clock: FakeClock) -> None:
    app = replace(app, settings=replace(app.settings, senders=3))
    mailing_id = send.start(app.db, _scheduled(app, clock()), now=clock())
    with app.db.write() as session:
        ledger.claim(session, mailing_id, owner="another", now=clock(), lease_until=clock() + _LEASE)
    ticking.ask_mailings(app)
    assert jobs(app.db, "pump_mailing") == [{"mailing_id": mailing_id}]


def test_a_pump_that_broke_rests_and_the_others_do_not(app: App, clock: FakeClock) -> None:
    app = replace(app, settings=replace(app.settings, senders=2))
    send.start(app.db, _scheduled(app, clock()), now=clock())
    ticking.ask_mailings(app)
    with app.db.write() as session:
        broken, done = (queue.claim(session, owner="one", now=clock(), lease=_LEASE) for _ in range(2))
        assert broken is not None
        assert done is not None
        queue.fail(session, broken, error="a bug", now=clock(), retry_at=None)
        queue.finish(session, done, now=clock())
    ticking.ask_mailings(app)
    assert states(app.db) == ["failed", "done", "queued"]


# -- workers and housekeeping


def test_a_dead_workers_jobs_are_free_at_once_and_a_living_ones_are_not(app: App, clock: FakeClock) -> None:
    folder = ticking.workers_dir(app)
    folder.mkdir()
    (folder / "worker-1-dead.lock").touch()
    with alive.named(folder) as name, app.db.write() as session:
        for number, owner in enumerate(("worker-1-dead/0", f"{name}/0", "worker-1-deadly/0")):
            queue.enqueue(session, "poll_feed", {"feed_id": number}, now=clock())
            queue.claim(session, owner=owner, now=clock(), lease=_LEASE)
    with alive.named(folder) as other:
        assert alive.dead_names(folder) == ["worker-1-dead"]
        ticking.ask_workers(app)
        assert alive.dead_names(folder) == []
        assert [path.stem for path in folder.glob("*.lock")] == [other]
    with app.db.write() as session:
        freed = queue.claim(session, owner="new", now=clock(), lease=_LEASE)
        assert freed is not None
        assert (freed.payload, freed.fence) == ({"feed_id": 0}, 2)
        assert queue.claim(session, owner="new", now=clock(), lease=_LEASE) is None


def test_clicks_are_taken_in_by_the_clock_of_the_machine_they_lie_on(app: App, clock: FakeClock) -> None:
    line = sent(app.db)
    spooled(app.spool_dir, hit(line.mailing_id, 1, line.readers[0]))
    ticking.tick_all(app)
    assert counters(app.db, line.mailing_id).clicks == 1
    why = "no job for clicks: it might come to a machine that does not have the spool"
    assert jobs(app.db) == jobs(app.db, "read_archive"), why


def test_an_idle_clock_writes_nothing(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("an idle tick asked for a write lock")

    ticks = [tick for tick in ticking.TICKS if tick.name not in ("housekeeping", "pulse")]
    monkeypatch.setattr(sqlite_app.db, "write", refuse)
    for tick in ticks:
        tick.ask(sqlite_app)


def _scheduled(app: App, send_at: datetime) -> int:
    newsletter_id = newsletter_row(app.db)
    subscriber_rows(app.db, newsletter_id, ["ada@example.org"])
    issue_id = approved_issue_row(app.db, newsletter_id)
    with app.db.write() as session:
        session.execute(update(Issue).where(Issue.id == issue_id).values(send_at=send_at))
    return issue_id


def _issue(app: App, issue_id: int) -> IssueRow:
    with app.db.read() as session:
        return issues.issue_row(session, issue_id)


def _is_something_due(app: App) -> bool:
    with app.db.read() as session:
        return newsletters.has_due(session, now=app.clock())


def _next_slot(app: App, newsletter_id: int) -> str | None:
    with app.db.read() as session:
        return newsletters.schedule(session, newsletter_id).next_slot
