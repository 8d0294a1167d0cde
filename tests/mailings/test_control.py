"""Pause, cancel, settle and stop a mailing that is on its way."""

from pathlib import Path

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import Connection

from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import control
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from tests.builders import approved_issue_row, newsletter_row
from tests.conftest import FakeClock
from tests.mailings.line import Line

SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")


def test_a_pause_takes_hold_within_a_window(line: Line) -> None:
    line.readers(10)
    mailing_id = line.start()
    line.on_message("r1@example.org", lambda: control.pause(line.db, mailing_id, now=line.clock()))
    assert line.pump(mailing_id, window=3).state is MailingState.PAUSED
    assert line.states(mailing_id) == {DeliveryState.SENT: 3, DeliveryState.PENDING: 7}
    assert line.pump(mailing_id).sent == 0
    control.resume(line.db, mailing_id, now=line.clock())
    line.relay.on_message = lambda _message: None
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert len(set(line.sent_to())) == len(line.sent_to()) == 10


def test_what_people_did_is_noted_in_sentences(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    line.pump(mailing_id, window=1, until=lambda: True)
    control.pause(line.db, mailing_id, now=line.clock())
    assert line.view(mailing_id).reason == "Paused by hand."
    control.cancel(line.db, mailing_id, now=line.clock())
    assert line.view(mailing_id).reason == "Cancelled by hand."


def test_a_pause_with_words_of_its_own_still_says_that_it_was_by_hand(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    line.pump(mailing_id, window=1, until=lambda: True)
    control.pause(line.db, mailing_id, now=line.clock(), reason="A typo in the title.")
    assert line.view(mailing_id).reason == "Paused by hand: A typo in the title."


def test_a_cancelled_mailing_balances_and_its_issue_is_held(line: Line) -> None:
    line.readers(10)
    mailing_id = line.start(batch=4)
    line.on_message("r1@example.org", lambda: control.cancel(line.db, mailing_id, now=line.clock()))
    assert line.pump(mailing_id, window=3).state is MailingState.CANCELLED
    assert line.states(mailing_id) == {DeliveryState.SENT: 3, DeliveryState.CANCELLED: 7}
    assert line.issue_state() is IssueState.HELD
    assert line.pumpable() == []


def test_who_got_the_issue_in_a_cancelled_mailing_does_not_get_it_again(line: Line) -> None:
    line.readers(6)
    line.relay.answers_to("r1@example.org", SILENT)
    first_id = line.start()
    line.pump(first_id)
    control.cancel(line.db, first_id, now=line.clock())
    with line.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.SCHEDULED, approved_hash="a" * 64))
    second_id = line.start()
    assert second_id != first_id
    assert line.pump(second_id).sent == 4
    assert line.view(second_id).balance.excluded_by_reason == {
        "got this issue already": 1,
        "may have got this issue already": 1,
    }


def test_intents_outlast_a_power_cut_before_their_bytes_leave(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    issue_id = approved_issue_row(sqlite_database, newsletter_id)
    line = Line(sqlite_database, clock, tmp_path / "journals", newsletter_id, issue_id)
    line.readers(3)
    mailing_id = line.start()
    levels: list[int] = []
    before_sending: list[int] = []

    def note_level(connection: Connection) -> None:
        levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    event.listen(sqlite_database.engine, "commit", note_level)
    line.relay.on_message = lambda _: before_sending.append(levels[-1])
    line.pump(mailing_id, window=2)
    assert before_sending == [2, 2, 2]  # FULL


def test_until_stops_after_the_window_in_flight(line: Line) -> None:
    line.readers(10)
    mailing_id = line.start()
    report = line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 3, window=2)
    assert (report.sent, report.state) == (4, MailingState.RUNNING)
    assert line.states(mailing_id) == {DeliveryState.SENT: 4, DeliveryState.PENDING: 6}
    assert line.pump(mailing_id).state is MailingState.FINISHED


@pytest.mark.parametrize("as_sent", [True, False])
def test_a_doubt_is_settled_by_hand_even_when_the_mailing_is_finished(line: Line, as_sent: bool) -> None:
    ids = line.readers(1)
    line.relay.answers_to("r0@example.org", SILENT)
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.FINISHED
    control.settle(line.db, mailing_id, ids[0], as_sent=as_sent, now=line.clock())
    assert line.pumpable() == ([] if as_sent else [mailing_id])
    line.pump(mailing_id)
    assert line.states(mailing_id) == {DeliveryState.SENT: 1}
    assert line.view(mailing_id).state is MailingState.FINISHED
    assert len(line.relay.sent) == (0 if as_sent else 1)
    with pytest.raises(NotFoundError):
        control.settle(line.db, mailing_id, ids[0], as_sent=True, now=line.clock())


def test_control_refuses_what_makes_no_sense(line: Line) -> None:
    line.readers(1)
    mailing_id = line.start()
    line.pump(mailing_id)
    for act in (control.pause, control.resume, control.cancel):
        with pytest.raises(StateError, match="finished"):
            act(line.db, mailing_id, now=line.clock())
    with pytest.raises(NotFoundError):
        control.pause(line.db, 999, now=line.clock())
