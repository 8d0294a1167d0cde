"""What is long over is forgotten, and what a kill left undone is made up for."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from curator.accounts.admit import throttle
from curator.accounts.tables import Attempt
from curator.app import App
from curator.audience import sign_up
from curator.audience import store as audience
from curator.events.tables import MailingCount
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import PollRow
from curator.jobs import housekeeping
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterState
from curator.mailings.tables import Delivery
from curator.queue import store as queue
from curator.watch import keep
from curator.watch import store as alerts
from curator.watch.values import AlertKind, Process, ProcessKind, Trouble
from tests.builders import feed_row, letter_row, newsletter_row
from tests.conftest import FakeClock
from tests.events.scene import sent
from tests.jobs.queued import jobs

_LEASE = timedelta(seconds=180)


def test_jobs_that_ended_two_weeks_ago_are_forgotten(app: App, clock: FakeClock) -> None:
    for number in range(2):
        with app.db.write() as session:
            queue.enqueue(session, "poll_feed", {"feed_id": number}, now=clock())
            job = queue.claim(session, owner="one", now=clock(), lease=_LEASE)
            assert job is not None
            queue.finish(session, job, now=clock())
        clock.advance(timedelta(days=10))
    housekeeping.keep_house(app)
    assert jobs(app.db) == [{"feed_id": 1}]


def test_what_runs_leaves_behind_goes_when_the_settings_say(app: App, clock: FakeClock) -> None:
    app = replace(app, settings=replace(app.settings, keep_polls_days=30, keep_alerts_days=3, keep_jobs_days=2))
    feed_id = feed_row(app.db)
    line = PollRow(clock(), 200, is_ok=True, note="", new=0, updated=0, took_ms=1, bytes=1)
    keep.keep(app.db, [Trouble(AlertKind.DISK, "Full.", "Make room.")], now=clock())
    with app.db.write() as session:
        polls.add_poll(session, feed_id, line)
        alerts.note_process(session, Process("web-1", "one", ProcessKind.WEB, "0", clock(), clock()))
        alerts.close(session, now=clock.advance(timedelta(hours=2)), after=timedelta(), after_return=timedelta())
        queue.enqueue(session, "poll_feed", {}, now=clock())
        job = queue.claim(session, owner="one", now=clock(), lease=_LEASE)
        assert job is not None
        queue.finish(session, job, now=clock())

    def kept() -> tuple[int, int, int, int]:
        housekeeping.keep_house(app)
        with app.db.read() as session:
            left = alerts.closed_alerts(session), alerts.processes(session, since=clock() - timedelta(days=99))
            return len(polls.polls(session, feed_id)), len(left[0]), len(left[1]), len(jobs(app.db))

    told = {0: (1, 1, 1, 1), 1: (1, 1, 0, 1), 2: (1, 1, 0, 0), 3: (1, 0, 0, 0), 31: (0, 0, 0, 0)}
    begun = clock()
    for days, expected in told.items():
        clock.at = begun + timedelta(days=days, minutes=1)
        assert kept() == expected, f"after {days} days"


def test_sign_ups_that_nobody_confirmed_are_forgotten(app: App, clock: FakeClock) -> None:
    newsletter_id = newsletter_row(app.db)
    sign_up.sign_up(app.db, newsletter_id, "ada@example.org", name="", place="/n", words="", now=clock())
    for days, waiting in ((6, 1), (2, 0)):
        clock.advance(timedelta(days=days))
        housekeeping.keep_house(app)
        with app.db.read() as session:
            assert audience.counts(session, newsletter_id).pending == waiting


def test_letters_that_a_crash_left_held_leave_when_their_newsletter_is_live(app: App, clock: FakeClock) -> None:
    for slug, live_at in (("live", clock()), ("test", None)):
        held = {"kind": "welcome", "state": "held", "payload": {}}
        newsletter_id = newsletter_row(app.db, slug=slug, live_at=live_at)
        letter_row(app.db, at=clock(), address=f"{slug}@example.org", newsletter_id=newsletter_id, **held)
    housekeeping.keep_house(app)
    with app.db.read() as session:
        found = letters.newest_by_address(session, LetterKind.WELCOME, ["live@example.org", "test@example.org"])
    assert {address: row.state for address, row in found.items()} == {
        "live@example.org": LetterState.QUEUED,
        "test@example.org": LetterState.HELD,
    }


def test_bounces_of_a_mailing_that_was_cancelled_after_a_kill_are_counted(app: App, clock: FakeClock) -> None:
    over = sent(app.db, state="cancelled", finished_at=clock() - timedelta(days=1))
    with app.db.write() as session:
        refused = update(Delivery).where(Delivery.subscriber_id == over.readers[0])
        session.execute(refused.values(state="refused", code=550, reason="5.1.1 no such user"))
    for _ in range(2):
        housekeeping.keep_house(app)
    with app.db.read() as session:
        assert session.scalars(select(MailingCount.bounced)).all() == [1]
        assert audience.counts(session, over.newsletter_id).suppressed == 1


def test_counters_of_tries_are_forgotten_after_two_days(app: App, clock: FakeClock) -> None:
    throttle(app.db, ["form"], limit=1, window=timedelta(hours=1), now=clock())
    for days, left in ((1, 1), (2, 0)):
        clock.advance(timedelta(days=days))
        housekeeping.keep_house(app)
        with app.db.read() as session:
            assert session.scalar(select(func.count()).select_from(Attempt)) == left
