"""Every figure that machines read is moved by what it tells of, through the look that /metrics takes."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, select, update

from curator.app import App
from curator.backup.nightly import store as nightly
from curator.db import Database
from curator.events import listen
from curator.events.tables import MailingCount
from curator.feeds import ingest, rounds
from curator.feeds.tables import Feed
from curator.http.memory import MemoryFetcher
from curator.issues.tables import Issue
from curator.mailings.tables import Batch, Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.queue import store as queue
from curator.watch import keep, metrics, store
from curator.watch.look import look
from curator.watch.rules import troubles
from curator.watch.values import AlertKind, Process, ProcessKind, Trouble, WatchLimits
from tests import builders
from tests.conftest import FakeClock
from tests.events import scene
from tests.web.conftest import make_app


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> App:
    return make_app(database, clock, tmp_path)


def _figures(app: App) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.text(look(app)).decode())
    return {
        each.name.removeprefix("curator_") + "".join(f"[{value}]" for value in each.labels.values()): each.value
        for family in families
        for each in family.samples
        if not each.name.endswith("_created")
    }


# -- what may happen


def _a_job_waits(app: App, minutes: float = 1, task: str = "draft_issue") -> None:
    with app.db.write() as session:
        queue.enqueue(session, task, {}, now=app.clock() - timedelta(minutes=minutes))


def _a_job(app: App, *, fails: bool) -> None:
    _a_job_waits(app)
    with app.db.write() as session:
        job = queue.claim(session, owner="one", now=app.clock(), lease=timedelta(minutes=3))
        assert job is not None
        if fails:
            queue.fail(session, job, error="a bug", now=app.clock(), retry_at=None)


def _a_process(app: App, *, lag_s: float = 0.0) -> None:
    now = app.clock()
    with app.db.write() as session:
        store.note_process(session, Process("clock-1", "one", ProcessKind.CLOCK, "0", now, now, lag_s))


def _a_letter_waits(app: App) -> None:
    builders.newsletter_row(app.db)
    builders.letter_row(app.db, at=app.clock() - timedelta(minutes=2), address="ada@example.org", kind="confirm")


def _a_feed(app: App, *, fails: bool = False) -> None:
    feed_id = ingest.add_feed(app.db, "https://tidal.example/feed", now=app.clock() - timedelta(minutes=2))
    if fails:
        assert isinstance(app.fetcher, MemoryFetcher)
        app.fetcher.fail("https://tidal.example/feed")
        rounds.poll_one(app.pollers("test"), feed_id)


def _a_mailing(app: App, state: DeliveryState, *, is_over: bool = False) -> None:
    sent = scene.sent(app.db, readers=0, state=MailingState.FINISHED if is_over else MailingState.RUNNING)
    with app.db.write() as session:
        counted = {"size": 3} | ({} if state is DeliveryState.PENDING else {str(state): 3})
        session.execute(update(Batch).where(Batch.mailing_id == sent.mailing_id).values(**counted))
    if is_over:
        listen.note_accepted(app.db, sent.mailing_id)


def _an_event(app: App, column: str) -> None:
    sent = scene.sent(app.db, readers=1)
    with app.db.write() as session:
        session.execute(update(MailingCount).where(MailingCount.mailing_id == sent.mailing_id).values({column: 1}))


def _a_draft_is_late(app: App) -> None:
    builders.newsletter_row(app.db, next_draft_at=app.clock() - timedelta(minutes=2))


def _an_issue_is_late(app: App) -> None:
    builders.approved_issue_row(app.db, builders.newsletter_row(app.db))
    with app.db.write() as session:
        session.execute(update(Issue).values(state="scheduled", send_at=app.clock() - timedelta(minutes=2)))


def _the_clock_is_silent(app: App) -> None:
    with app.db.write() as session:
        queue.beat(session, name="one", at=app.clock() - timedelta(minutes=2))


def _a_click_lies(app: App) -> None:
    scene.spooled(app.spool_dir, replace(scene.hit(1, 1, 1), at=app.clock() - timedelta(minutes=2)))


def _an_alert(app: App) -> None:
    keep.keep(app.db, [Trouble(AlertKind.DISK, "Full.", "Make room.")], now=app.clock())


def _a_bounce_lies(app: App) -> None:
    assert app.settings.bounce_maildir is not None
    (folder := app.settings.bounce_maildir / "new").mkdir(parents=True)
    (message := folder / "1.one").write_bytes(b"")
    at = (app.clock() - timedelta(minutes=2)).timestamp()
    os.utime(message, (at, at))


def _a_backup_is_asked_for(app: App) -> None:
    with app.db.write() as session:
        nightly.ask(session, app.clock(), now=app.clock() - timedelta(minutes=2))


MOVES: dict[str, Callable[[App], None]] = {
    "clock_silent_seconds": _the_clock_is_silent,
    "tick_lag_seconds": lambda app: _a_process(app, lag_s=2.5),
    "processes": _a_process,
    "jobs_due": _a_job_waits,
    "jobs_due_by_task[poll_feeds]": lambda app: _a_job_waits(app, task="poll_feeds"),
    "jobs_late": lambda app: _a_job_waits(app, minutes=6),
    "oldest_job_seconds": _a_job_waits,
    "jobs_running": lambda app: _a_job(app, fails=False),
    "jobs_failed": lambda app: _a_job(app, fails=True),
    "late_draft_seconds": _a_draft_is_late,
    "late_issue_seconds": _an_issue_is_late,
    "letters_waiting": _a_letter_waits,
    "oldest_letter_seconds": _a_letter_waits,
    "feeds_active": _a_feed,
    "feeds_due": _a_feed,
    "oldest_poll_seconds": _a_feed,
    "feeds_failing": lambda app: _a_feed(app, fails=True),
    "polls_failed_total": lambda app: _a_feed(app, fails=True),
    "oldest_click_seconds": _a_click_lies,
    "oldest_bounce_seconds": _a_bounce_lies,
    "mailings_live": lambda app: _a_mailing(app, DeliveryState.PENDING),
    "deliveries[pending]": lambda app: _a_mailing(app, DeliveryState.PENDING),
    "deliveries[sent]": lambda app: _a_mailing(app, DeliveryState.SENT),
    "deliveries[refused]": lambda app: _a_mailing(app, DeliveryState.REFUSED),
    "deliveries[deferred]": lambda app: _a_mailing(app, DeliveryState.DEFERRED),
    "deliveries[in_doubt]": lambda app: _a_mailing(app, DeliveryState.IN_DOUBT),
    "messages_accepted_total": lambda app: _a_mailing(app, DeliveryState.SENT),
    "messages_bounced_total": lambda app: _an_event(app, "bounced"),
    "readers_unsubscribed_total": lambda app: _an_event(app, "unsubscribed"),
    "backup_age_seconds": _a_backup_is_asked_for,
    "alerts_open": _an_alert,
    "alerts_open_by_kind[disk]": _an_alert,
}


@pytest.mark.parametrize("name", MOVES)
def test_a_figure_is_moved_by_what_it_tells_of(name: str, app: App, tmp_path: Path) -> None:
    app = replace(app, settings=replace(app.settings, bounce_maildir=tmp_path / "bounces", backup_dir=tmp_path))
    before = _figures(app).get(name, 0.0)
    MOVES[name](app)
    assert _figures(app)[name] > before


def test_every_figure_but_the_disk_is_moved_by_one_of_these(app: App) -> None:
    for act in (_an_alert, _a_job_waits):
        act(app)
    shown = {name for name in _figures(app) if "[draft_issue]" not in name}
    assert shown - MOVES.keys() == {"disk_free_bytes"}


def test_what_relays_took_never_falls_when_a_mailing_ends_and_grows_old(app: App, clock: FakeClock) -> None:
    _a_mailing(app, DeliveryState.SENT)
    assert _figures(app)["messages_accepted_total"] == 3
    with app.db.write() as session:
        session.execute(update(Mailing).values(state=MailingState.FINISHED, finished_at=clock()))
    assert _figures(app)["messages_accepted_total"] == 3, "it is over, and not noted yet"
    with app.db.read() as session:
        [mailing_id] = session.scalars(select(Mailing.id))
    listen.note_accepted(app.db, mailing_id)
    assert _figures(app)["messages_accepted_total"] == 3
    clock.advance(timedelta(days=30))
    assert _figures(app)["messages_accepted_total"] == 3


def test_polls_that_failed_are_counted_for_good(app: App) -> None:
    _a_feed(app, fails=True)
    with app.db.write() as session:
        session.execute(delete(Feed))
    assert _figures(app)["polls_failed_total"] == 1


def test_a_live_mailing_is_seen_behind_any_number_of_newer_ones(app: App, clock: FakeClock) -> None:
    old = scene.sent(app.db, readers=1, state=MailingState.PAUSED, reason="It stopped by itself.")
    with app.db.write() as session:
        revision_id = session.get_one(Mailing, old.mailing_id).revision_id
        for _ in range(60):
            ids = {"issue_id": old.issue_id, "revision_id": revision_id, "newsletter_id": old.newsletter_id}
            ended = clock() - timedelta(days=9)
            row = Mailing(**ids, state=MailingState.FINISHED, highest_id=1, started_at=ended, finished_at=ended)
            session.add(row)
    assert [each.kind for each in troubles(look(app), WatchLimits(disk_free_bytes=0))] == [AlertKind.MAILING]
