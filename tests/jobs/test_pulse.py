"""A restored backup sends nothing by itself: mail may have left of which it does not know."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from curator.app import App
from curator.db import Database
from curator.doctor.resting import resting
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.jobs import clock as ticking
from curator.jobs import pulse, runner, tasks
from curator.mailings import begin, control, send
from curator.mailings import store as mailings
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import MailingState, MailingView
from curator.queue import pulse as memory
from curator.queue import store as queue
from curator.queue.tables import Pulse
from curator.queue.values import Beat
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.jobs.conftest import MakeApp

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
_OF_NO_ZONE = '{"installation": "x", "at": "2026-01-01", "number": 1}'
_WITHOUT_NUMBER = '{"installation": "x", "at": "2026-01-01T00:00:00+00:00"}'


def _mailing(app: App, *, number: int = 1, readers: int = 3) -> int:
    newsletter_id = newsletter_row(app.db, slug=f"n{number}")
    subscriber_rows(app.db, newsletter_id, [f"r{number}.{n}@example.org" for n in range(readers)])
    return send.start(app.db, approved_issue_row(app.db, newsletter_id), now=app.clock())


def _scheduled(app: App, clock: FakeClock, *, within: timedelta, number: int = 2) -> int:
    newsletter_id = newsletter_row(app.db, slug=f"n{number}")
    subscriber_rows(app.db, newsletter_id, [f"r{number}@example.org"])
    issue_id = approved_issue_row(app.db, newsletter_id)
    with app.db.write() as session:
        session.execute(update(Issue).where(Issue.id == issue_id).values(send_at=clock() + within))
    return issue_id


def _restore(app: App, clock: FakeClock, *, lost: timedelta) -> None:
    """What a restored backup looks like: the database as it was, the machine's memory as it is."""
    with app.db.write() as session:
        session.execute(update(Pulse).values(at=clock() - lost, number=0))


def _view(app: App, mailing_id: int) -> MailingView:
    with app.db.read() as session:
        return mailings.mailing(session, mailing_id)


def _relay(app: App) -> MemoryTransport:
    assert isinstance(app.transport, MemoryTransport)
    return app.transport


def test_a_beat_stands_in_the_database_and_on_this_machine(app: App, clock: FakeClock) -> None:
    pulse.beat(app)
    clock.advance(MINUTE)
    pulse.beat(app)
    with app.db.read() as session:
        found = queue.last_beat(session)
    assert found == memory.remembered(app.settings.data_dir)
    assert found is not None
    assert found.at == clock()


def test_an_older_copy_pauses_every_unfinished_mailing_and_says_why_and_what_to_do(app: App, clock: FakeClock) -> None:
    running, paused, finished = (_mailing(app, number=number) for number in (1, 2, 3))
    control.pause(app.db, paused, now=clock(), reason="a typo")
    tasks.pump_mailing(app, {"mailing_id": finished})
    pulse.beat(app)
    clock.advance(2 * HOUR)
    pulse.beat(app)
    _restore(app, clock, lost=2 * HOUR)
    with capture_logs() as logs:
        assert pulse.look_back(app)
    view = _view(app, running)
    assert view.state is MailingState.PAUSED
    assert view.reason == (
        "The database is an older copy: it ends on Mon 16 Nov 09:00 UTC, and this machine knew it until "
        "Mon 16 Nov 11:00 UTC. Mail may have left that it does not know of. Compare with the relay's log, "
        "then resume or cancel."
    )
    assert _view(app, paused).reason.endswith("It was paused before: Paused by hand: a typo")
    assert _view(app, finished).state is MailingState.FINISHED
    assert [(each["event"], each["mailings_paused"]) for each in logs] == [("the database is an older copy", 2)]
    tasks.pump_mailing(app, {"mailing_id": running})
    assert len(_relay(app).sent) == 3


def test_it_is_done_once_and_a_person_lets_it_go_on(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    _restore(app, clock, lost=HOUR)
    pulse.beat(app)
    assert not pulse.look_back(app)
    control.resume(app.db, mailing_id, now=clock())
    pulse.beat(app)
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    assert _view(app, mailing_id).state is MailingState.FINISHED


def test_a_crash_before_the_beat_does_it_again(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    _restore(app, clock, lost=HOUR)
    assert pulse.look_back(app)
    reason = _view(app, mailing_id).reason
    assert pulse.look_back(app)
    assert _view(app, mailing_id).reason == reason


def test_a_mailing_that_is_being_built_is_built_before_it_rests(app: App, clock: FakeClock) -> None:
    newsletter_id = newsletter_row(app.db)
    subscriber_rows(app.db, newsletter_id, [f"r{n}@example.org" for n in range(5)])
    mailing_id = begin.begin(app.db, approved_issue_row(app.db, newsletter_id), now=clock())
    pulse.beat(app)
    _restore(app, clock, lost=HOUR)
    assert pulse.look_back(app)
    assert (_view(app, mailing_id).state, _view(app, mailing_id).balance.candidates) == (MailingState.PAUSED, 5)
    control.resume(app.db, mailing_id, now=clock())
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    assert len(_relay(app).sent) == 5


def test_a_mailing_that_could_be_taken_back_is_taken_back(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    with app.db.write() as session:
        mailings.set_state(session, mailing_id, MailingState.HOLDING)
    pulse.beat(app)
    _restore(app, clock, lost=HOUR)
    assert pulse.look_back(app)
    view = _view(app, mailing_id)
    with app.db.read() as session:
        issue = issues.issue_row(session, view.issue_id)
    assert view.state is MailingState.CANCELLED
    assert (issue.state, "older copy" in issue.note) == (IssueState.HELD, True)


def test_a_holding_that_was_over_long_ago_does_not_end_by_itself(app: App, clock: FakeClock) -> None:
    """A copy on a machine that does not know the database, or a machine that was off for days."""
    mailing_id = _mailing(app)
    with app.db.write() as session:
        mailings.set_state(session, mailing_id, MailingState.HOLDING)
        mailings.set_hold(session, mailing_id, clock() + 5 * MINUTE)
    clock.advance(3 * 24 * HOUR)
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    view = _view(app, mailing_id)
    with app.db.read() as session:
        issue = issues.issue_row(session, view.issue_id)
    assert (view.state, issue.state, _relay(app).sent) == (MailingState.CANCELLED, IssueState.HELD, [])
    assert "Nothing happened to this mailing" in issue.note


def test_issues_whose_moment_lies_between_the_copy_and_now_are_held(app: App, clock: FakeClock) -> None:
    issue_id = _scheduled(app, clock, within=HOUR)
    later_id = _scheduled(app, clock, within=5 * HOUR, number=3)
    pulse.beat(app)
    clock.advance(2 * HOUR)
    pulse.beat(app)
    _restore(app, clock, lost=2 * HOUR)
    ticking.tick_all(app)
    with app.db.read() as session:
        held, waiting = issues.issue_row(session, issue_id), issues.issue_row(session, later_id)
    assert held.state is IssueState.HELD
    assert held.note == (
        "It was to be sent on Mon 16 Nov 10:00 UTC, and may have been: the database is an older copy (it ends on "
        "Mon 16 Nov 09:00 UTC, and this machine knew it until Mon 16 Nov 11:00 UTC). Look into the relay's log or a "
        "reader's inbox before you approve and schedule it again."
    )
    assert waiting.state is IssueState.SCHEDULED


def test_a_machine_that_was_off_for_an_hour_goes_on(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    clock.advance(HOUR)
    pulse.beat(app)
    assert _view(app, mailing_id).state is MailingState.RUNNING


def _machine(app: App, tmp_path: Path, *, ahead: timedelta = timedelta()) -> App:
    """Another machine on the same database, with a memory and a clock of its own."""
    folder = tmp_path / "other"
    folder.mkdir()
    return replace(app, settings=replace(app.settings, data_dir=folder), clock=lambda: app.clock() + ahead)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_clocks_of_two_machines_may_differ(app: App, clock: FakeClock, tmp_path: Path, ahead: timedelta) -> None:
    mailing_id = _mailing(app)
    other = _machine(app, tmp_path, ahead=ahead)
    for _ in range(3):
        for each in (app, other, other, app):
            assert not pulse.look_back(each)
            pulse.beat(each)
        clock.advance(MINUTE)
    assert _view(app, mailing_id).state is MailingState.RUNNING


def test_a_clock_that_is_set_back_makes_no_copy(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    for by in (-3 * HOUR, MINUTE, 5 * HOUR):
        pulse.beat(app)
        clock.advance(by)
    pulse.beat(app)
    assert _view(app, mailing_id).state is MailingState.RUNNING


def test_a_copy_is_found_though_its_last_beat_bears_a_later_moment(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    _restore(app, clock, lost=-HOUR)
    pulse.beat(app)
    assert _view(app, mailing_id).state is MailingState.PAUSED


def test_a_machine_that_knew_more_of_it_pauses_a_copy_once_more_and_then_never(app: App, tmp_path: Path) -> None:
    mailing_id = _mailing(app)
    other = _machine(app, tmp_path)
    for each in (app, other, other):
        pulse.beat(each)
    with app.db.write() as session:
        session.execute(update(Pulse).values(number=0))
    for each, is_found in ((app, True), (other, True), (app, False), (other, False)):
        assert pulse.look_back(each) is is_found
        pulse.beat(each)
    assert _view(app, mailing_id).state is MailingState.PAUSED


def test_each_machine_has_its_own_memory_and_one_of_them_is_enough(app: App, clock: FakeClock, tmp_path: Path) -> None:
    mailing_id = _mailing(app)
    other = _machine(app, tmp_path)
    pulse.beat(app)
    pulse.beat(other)
    _restore(app, clock, lost=HOUR)
    pulse.beat(other)
    assert _view(app, mailing_id).state is MailingState.PAUSED
    control.resume(app.db, mailing_id, now=clock())
    pulse.beat(app)
    assert _view(app, mailing_id).state is MailingState.RUNNING


def test_another_installations_database_is_no_copy(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    memory.remember(app.settings.data_dir, Beat("another", clock() + HOUR, 99))
    pulse.beat(app)
    assert _view(app, mailing_id).state is MailingState.RUNNING


@pytest.mark.parametrize("said", ["", "{", "[]", '{"installation": "x"}', _OF_NO_ZONE, _WITHOUT_NUMBER])
def test_a_file_that_says_nothing_is_written_anew(sqlite_app: App, said: str) -> None:
    file = sqlite_app.settings.data_dir / "pulse.json"
    file.write_text(said)
    assert memory.remembered(sqlite_app.settings.data_dir) is None
    pulse.beat(sqlite_app)
    assert memory.remembered(sqlite_app.settings.data_dir) is not None
    assert [path.name for path in sqlite_app.settings.data_dir.glob("*pulse*")] == ["pulse.json"]


def test_a_runner_looks_back_before_anything_is_sent(
    sqlite_app: App, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing_id = _mailing(sqlite_app)
    ticking.ask_mailings(sqlite_app)
    pulse.beat(sqlite_app)
    _restore(sqlite_app, clock, lost=HOUR)
    seen: list[MailingState] = []

    def work(app: App, *_: object, **__: object) -> bool:
        seen.append(_view(app, mailing_id).state)
        return True

    monkeypatch.setattr("curator.jobs.worker.run", work)
    runner.main(sqlite_app, has_clock=False)
    assert seen == [MailingState.PAUSED]


def test_a_copied_file_is_found_to_be_older(
    make_app: MakeApp, sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    app = make_app(sqlite_database)
    mailing_id = _mailing(app)
    pulse.beat(app)
    path = Path(sqlite_database.url.database or "")
    sqlite_database.close()
    shutil.copy(path, tmp_path / "backup.sqlite3")
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    clock.advance(HOUR)
    pulse.beat(app)
    assert len(_relay(app).sent) == 3

    restored = Database(f"sqlite:///{tmp_path / 'backup.sqlite3'}")
    try:
        again = replace(app, db=restored)
        ticking.tick_all(again)
        tasks.pump_mailing(again, {"mailing_id": mailing_id})
        assert _view(again, mailing_id).state is MailingState.PAUSED
        assert len(_relay(app).sent) == 3, "somebody got it twice"
    finally:
        restored.close()


# -- without the memory


def test_a_mailing_to_which_nothing_happened_for_a_day_asks_for_a_person(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    clock.advance(25 * HOUR)
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    view = _view(app, mailing_id)
    assert (view.state, _relay(app).sent) == (MailingState.PAUSED, [])
    assert view.reason.startswith("Nothing happened to this mailing for more than 24 hours, so the database may be")
    control.resume(app.db, mailing_id, now=clock())
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    assert _view(app, mailing_id).state is MailingState.FINISHED


def test_a_mailing_that_waited_with_a_reason_goes_on(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    with app.db.write() as session:
        mailings.note_trouble(session, mailing_id, reason="away", retry_at=clock() + 20 * HOUR)
    clock.advance(40 * HOUR)
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    assert len(_relay(app).sent) == 3


def test_a_mailing_that_sent_within_the_day_goes_on(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app, readers=30)
    clock.advance(20 * HOUR)
    tasks.pump_mailing(app, {"mailing_id": mailing_id}, tasks.Turn(is_over=lambda: len(_relay(app).sent) > 0))
    clock.advance(20 * HOUR)
    tasks.pump_mailing(app, {"mailing_id": mailing_id})
    assert len(_relay(app).sent) == 30


def test_the_doctor_says_both(app: App, clock: FakeClock) -> None:
    mailing_id = _mailing(app)
    pulse.beat(app)
    assert list(resting(app)) == []
    _restore(app, clock, lost=HOUR)
    (older,) = resting(app)
    assert older.about == "older copy"
    assert older.what == (
        "The database ends on 2026-11-16 08:00 UTC, but this machine knew it until 2026-11-16 09:00 UTC: it is an "
        "older copy, and mail may have left that it does not know of."
    )
    pulse.beat(app)
    (paused,) = resting(app)
    assert paused.about == f"mailing {mailing_id}"
    assert paused.what.startswith("It is paused. The database is an older copy")
