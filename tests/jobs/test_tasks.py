"""The tasks: each calls its arrow, and what goes wrong is said where an editor looks."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import TEMPLATES, App
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SuppressionReason
from curator.errors import NotFoundError, StateError, TransportError
from curator.events import store as events
from curator.feeds import ingest
from curator.feeds import store as feeds
from curator.feeds.polls import store as polls
from curator.http.memory import MemoryFetcher
from curator.issues import store as issues
from curator.issues.preflight.memory import FixedProver
from curator.issues.preflight.values import Preflight
from curator.issues.proof import Proof
from curator.issues.render import Renderer
from curator.issues.tables import Issue
from curator.issues.values import IssueRow, IssueState
from curator.jobs import clock as ticking
from curator.jobs import tasks, worker
from curator.mailings import store as mailings
from curator.mailings.routes import NoTransport
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, MailingState, MailingView, Verdict
from curator.newsletters import store as newsletters
from curator.queue import store as queue
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.jobs.queued import jobs, states


def test_a_poll_asks_the_feed(sqlite_app: App, clock: FakeClock) -> None:
    feed_id = ingest.add_feed(sqlite_app.db, "https://example.org/feed", now=clock())
    tasks.poll_feed(sqlite_app, {"feed_id": feed_id})
    assert isinstance(sqlite_app.fetcher, MemoryFetcher)
    with sqlite_app.db.read() as session:
        assert feeds.feed_row(session, feed_id).last_polled_at == clock()


def test_a_draft_makes_the_issue_of_its_slot_once(app: App, clock: FakeClock) -> None:
    newsletter_id = newsletter_row(app.db)
    for _ in range(2):
        tasks.draft_issue(app, _slot(newsletter_id, clock() + timedelta(hours=1)))
    with app.db.read() as session:
        (issue,) = issues.issue_rows(session)
    assert (issue.slot, issue.due_at) == ("2026-11-16T10:00", clock() + timedelta(hours=1))


def test_a_draft_that_comes_back_days_later_is_not_made(sqlite_app: App, clock: FakeClock) -> None:
    # As from a restored backup, whose queue still holds it.
    newsletter_id = newsletter_row(sqlite_app.db)
    tasks.draft_issue(sqlite_app, _slot(newsletter_id, clock() - timedelta(days=4)))
    with sqlite_app.db.read() as session:
        assert issues.issue_rows(session) == []
    assert _note(sqlite_app, newsletter_id).startswith("The slot of Thu 12 Nov 09:00 was missed by 4 days")


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (StateError("The look is gone."), "because of this: The look is gone. Start it by hand."),
        (ValueError("bug"), "because of an error in Curator, which the log tells. Start it by hand."),
    ],
)
def test_a_draft_that_fails_is_said_on_its_newsletter(
    sqlite_app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: Exception, note: str
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise error

    newsletter_id = newsletter_row(sqlite_app.db)
    monkeypatch.setattr(tasks.publish, "draft", fail)
    with pytest.raises(type(error)):
        tasks.draft_issue(sqlite_app, _slot(newsletter_id, clock()))
    assert _note(sqlite_app, newsletter_id) == f"The issue of Mon 16 Nov 09:00 was not drafted {note}"


def test_a_draft_that_meets_a_locked_database_is_made_a_little_later(
    sqlite_app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsletter_id = newsletter_row(sqlite_app.db)
    real = tasks.publish.draft
    with sqlite_app.db.write() as session:
        queue.enqueue(session, "draft_issue", _slot(newsletter_id, clock()), now=clock())

    def locked(*_: object, **__: object) -> int:
        with sqlite_app.db.write():
            raise OperationalError("insert", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(tasks.publish, "draft", locked)
    worker.run_one(sqlite_app, owner="one")
    monkeypatch.setattr(tasks.publish, "draft", real)
    assert (states(sqlite_app.db), _note(sqlite_app, newsletter_id)) == (["queued"], "")
    clock.advance(timedelta(minutes=1))
    worker.run_one(sqlite_app, owner="one")
    with sqlite_app.db.read() as session:
        assert len(issues.issue_rows(session)) == 1


def test_a_scheduled_issue_goes_through_the_queue_to_its_readers(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock())
    ticking.ask_issues(app)
    while worker.run_one(app, owner="one"):
        ticking.tick_all(app)
    assert isinstance(app.transport, MemoryTransport)
    assert sorted(message.recipient for message in app.transport.sent) == ["ada@example.org", "bob@example.org"]
    assert set(states(app.db)) == {"done"}
    assert _issue(app, issue_id).state is IssueState.SENT
    assert _mailing(app).state is MailingState.FINISHED


def test_a_start_that_comes_twice_makes_one_mailing(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock())
    for _ in range(2):
        tasks.start_mailing(app, {"issue_id": issue_id})
    assert jobs(app.db, "pump_mailing") == [{"mailing_id": _mailing(app).id}]


def test_an_issue_whose_message_is_not_right_any_more_is_held_and_says_why(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock())
    prover = FixedProver(Proof(headers=(("From", "wave@podcast.example"),)))
    equipped = replace(app, renderer=Renderer(TEMPLATES, preflight=Preflight(prover)))
    with pytest.raises(StateError, match="List-Unsubscribe"):
        tasks.start_mailing(equipped, {"issue_id": issue_id})
    issue = _issue(app, issue_id)
    assert issue.state is IssueState.HELD
    assert "List-Unsubscribe stands 0 times" in issue.note


def test_a_start_that_comes_back_days_later_holds_the_issue(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock() - timedelta(days=3))
    tasks.start_mailing(app, {"issue_id": issue_id})
    issue = _issue(app, issue_id)
    assert issue.state is IssueState.HELD
    assert "missed by 3 days" in issue.note
    assert jobs(app.db) == []


@pytest.mark.parametrize("moved_by", [None, timedelta(days=2)])
def test_a_start_that_was_queued_before_the_schedule_was_taken_back_sends_nothing(
    app: App, clock: FakeClock, moved_by: timedelta | None
) -> None:
    issue_id = _scheduled(app, clock())
    with app.db.write() as session:
        issues.set_send_at(session, issue_id, None if moved_by is None else clock() + moved_by)
    before = _issue(app, issue_id)
    tasks.start_mailing(app, {"issue_id": issue_id})
    assert _issue(app, issue_id) == before
    assert jobs(app.db) == []


def test_an_issue_that_cannot_start_is_held_and_says_why(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock(), readers=[])
    with pytest.raises(StateError):
        tasks.start_mailing(app, {"issue_id": issue_id})
    issue = _issue(app, issue_id)
    assert issue.state is IssueState.HELD
    assert issue.note.startswith("It could not be sent: No confirmed subscribers")


def test_what_the_relay_refuses_is_a_bounce_when_the_pump_is_done(app: App, clock: FakeClock) -> None:
    tasks.start_mailing(app, {"issue_id": _scheduled(app, clock())})
    assert isinstance(app.transport, MemoryTransport)
    app.transport.answers_to("ada@example.org", Answer(Verdict.REFUSED, 550, "5.1.1 no such user"))
    for _ in range(2):
        tasks.pump_mailing(app, {"mailing_id": _mailing(app).id})
    with app.db.read() as session:
        (counted,) = events.counters(session, [_mailing(app).issue_id])
        assert suppressed.why(session, "ada@example.org") is SuppressionReason.BOUNCED
        assert suppressed.why(session, "bob@example.org") is None
    assert counted.bounced == 1


def test_a_kill_between_the_last_message_and_its_bounces_loses_none(
    app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> int:
        raise Killed

    tasks.start_mailing(app, {"issue_id": _scheduled(app, clock())})
    assert isinstance(app.transport, MemoryTransport)
    app.transport.answers_to("ada@example.org", Answer(Verdict.REFUSED, 550, "5.1.1 no such user"))
    with monkeypatch.context() as kill:
        kill.setattr(tasks.listen, "note_bounces", killed)
        with pytest.raises(Killed):
            tasks.pump_mailing(app, {"mailing_id": _mailing(app).id})
    assert _mailing(app).state is MailingState.FINISHED
    tasks.pump_mailing(app, {"mailing_id": _mailing(app).id})
    with app.db.read() as session:
        (counted,) = events.counters(session, [_mailing(app).issue_id])
    assert (counted.bounced, counted.accepted) == (1, 1)


def test_an_issue_that_nobody_at_the_desk_would_get_in_test_mode_is_held_and_says_what_to_do(
    app: App, clock: FakeClock
) -> None:
    issue_id = _scheduled(app, clock(), live_at=None)
    with pytest.raises(StateError):
        tasks.start_mailing(app, {"issue_id": issue_id})
    issue = _issue(app, issue_id)
    assert issue.state is IssueState.HELD
    assert "is in test mode, and nobody at the desk subscribes to it" in issue.note
    assert issue.note.endswith("Add your own address under Subscribers, or go live.")


def test_a_scheduled_issue_in_test_mode_goes_to_the_desk_and_waits_there(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock(), live_at=None)
    admit.create_user(app.db, "ada@example.org", name="Ada", role=Role.OWNER, now=clock())
    ticking.ask_issues(app)
    while worker.run_one(app, owner="one"):
        ticking.tick_all(app)
    assert isinstance(app.transport, MemoryTransport)
    assert [message.recipient for message in app.transport.sent] == ["ada@example.org"]
    assert (_issue(app, issue_id).state, _issue(app, issue_id).send_at) == (IssueState.APPROVED, None)


def test_without_a_relay_a_mailing_pauses_and_says_what_to_set(app: App, clock: FakeClock) -> None:
    app = replace(app, transport=None)
    tasks.start_mailing(app, {"issue_id": _scheduled(app, clock())})
    tasks.pump_mailing(app, {"mailing_id": _mailing(app).id})
    mailing = _mailing(app)
    assert mailing.state is MailingState.PAUSED
    assert "Set CURATOR_SMTP_URL" in mailing.reason
    with pytest.raises(TransportError, match="CURATOR_SMTP_URL") as caught:
        NoTransport().connect()
    assert caught.value.retry_in is None


def test_a_pump_whose_turn_is_over_is_not_lost(app: App, clock: FakeClock) -> None:
    tasks.start_mailing(app, {"issue_id": _scheduled(app, clock())})
    tasks.pump_mailing(app, {"mailing_id": _mailing(app).id}, tasks.Turn(is_over=lambda: True))
    assert _mailing(app).state is MailingState.RUNNING
    while worker.run_one(app, owner="one"):
        ticking.ask_mailings(app)
    assert _mailing(app).state is MailingState.FINISHED


def test_a_job_about_a_thing_that_is_gone_fails_in_words(app: App) -> None:
    with pytest.raises(NotFoundError, match="no feed 7"):
        tasks.poll_feed(app, {"feed_id": 7})
    with pytest.raises(NotFoundError, match="no issue 7"):
        tasks.start_mailing(app, {"issue_id": 7})


def _slot(newsletter_id: int, at: datetime) -> dict[str, object]:
    return {"newsletter_id": newsletter_id, "slot": f"{at:%Y-%m-%dT%H:%M}", "issue_at": at.isoformat()}


def _scheduled(app: App, send_at: datetime, *, readers: list[str] | None = None, **columns: object) -> int:
    newsletter_id = newsletter_row(app.db, **columns)
    subscriber_rows(app.db, newsletter_id, ["ada@example.org", "bob@example.org"] if readers is None else readers)
    issue_id = approved_issue_row(app.db, newsletter_id)
    with app.db.write() as session:
        session.execute(update(Issue).where(Issue.id == issue_id).values(send_at=send_at))
    return issue_id


def _issue(app: App, issue_id: int) -> IssueRow:
    with app.db.read() as session:
        return issues.issue_row(session, issue_id)


def _mailing(app: App) -> MailingView:
    with app.db.read() as session:
        (mailing,) = mailings.mailings(session)
    return mailing


def _note(app: App, newsletter_id: int) -> str:
    with app.db.read() as session:
        return newsletters.schedule(session, newsletter_id).note


def test_a_poller_asks_everything_that_is_due(app: App, clock: FakeClock) -> None:
    for number in range(3):
        ingest.add_feed(app.db, f"https://f{number}.example/feed", now=clock())
    ticking.ask_feeds(app)
    while worker.run_one(app, owner="one"):
        pass
    with app.db.read() as session:
        assert [feed.last_polled_at for feed in feeds.feed_rows(session)] == [clock()] * 3
    assert set(states(app.db)) == {"done"}


def test_a_feed_that_was_polled_since_somebody_asked_is_not_polled_again(sqlite_app: App, clock: FakeClock) -> None:
    feed_id = ingest.add_feed(sqlite_app.db, "https://example.org/feed", now=clock())
    assert isinstance(sqlite_app.fetcher, MemoryFetcher)
    for _ in range(2):
        tasks.poll_feed(sqlite_app, {"feed_id": feed_id})
    assert len(sqlite_app.fetcher.asked) == 1


def test_a_feed_of_a_busy_host_stays_due(sqlite_app: App, clock: FakeClock) -> None:
    feed_id = ingest.add_feed(sqlite_app.db, "https://example.org/feed", now=clock())
    with sqlite_app.db.write() as session:
        polls.take_hosts(session, ["example.org"], by="another", now=clock())
    tasks.poll_feed(sqlite_app, {"feed_id": feed_id})
    with sqlite_app.db.read() as session:
        assert feeds.due_feed_ids(session, now=clock()) == [feed_id]
