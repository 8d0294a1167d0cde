"""Start and pump over the twin of a relay, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.errors import StateError, TransportError
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import begin, control, freeze, store
from curator.mailings.tables import Delivery
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.mailings.line import Line

REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
LOST = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))
OURS = TransportError("The mail relay refuses the message: 554 5.7.1 looks like spam", code=554)


# --- start


def test_a_mailing_reaches_every_reader_once_and_balances(line: Line) -> None:
    line.readers(45)
    mailing_id = line.start(batch=20)
    assert line.issue_state() is IssueState.SENDING
    report = line.pump(mailing_id, window=7)
    assert (report.sent, report.state) == (45, MailingState.FINISHED)
    assert sorted(line.sent_to()) == sorted(f"r{n}@example.org" for n in range(45))
    assert line.states(mailing_id) == {DeliveryState.SENT: 45}
    assert line.issue_state() is IssueState.SENT
    assert line.relay.connections == 1
    assert list(line.journal_dir.iterdir()) == []
    assert line.pumpable() == []


def test_starting_twice_gives_the_same_mailing(line: Line) -> None:
    line.readers(3)
    assert line.start() == line.start()


def test_only_what_was_approved_as_it_stands_is_sent(line: Line) -> None:
    line.readers(1)
    with line.db.write() as session:
        session.execute(update(Issue).values(approved_hash="b" * 64))
    with pytest.raises(StateError, match="changed after its approval"):
        line.start()
    with line.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.DRAFT, approved_hash=None))
    with pytest.raises(StateError, match="Approve it first"):
        line.start()


def test_an_approved_issue_can_be_sent_without_a_schedule(line: Line) -> None:
    line.readers(1)
    with line.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.APPROVED))
    assert line.pump(line.start()).state is MailingState.FINISHED


def test_an_issue_without_readers_is_refused_before_anything_is_written(line: Line) -> None:
    with pytest.raises(StateError, match="No confirmed subscribers"):
        line.start()
    with line.db.read() as session:
        assert store.mailings(session) == []
    assert line.issue_state() is IssueState.SCHEDULED


def test_the_suppressed_are_excluded_with_their_reason(line: Line) -> None:
    line.readers(3)
    line.suppress("r1@example.org")
    mailing_id = line.start()
    line.pump(mailing_id)
    assert line.sent_to() == ["r0@example.org", "r2@example.org"]
    assert line.view(mailing_id).balance.excluded_by_reason == {"suppressed: complained": 1}


def test_a_mailing_of_which_everybody_is_excluded_finishes_at_once(line: Line) -> None:
    line.readers(1)
    line.suppress("r0@example.org")
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.EXCLUDED: 1}


def test_building_goes_on_after_a_stop_and_doubles_nobody(line: Line) -> None:
    line.readers(25)
    mailing_id = begin.begin(line.db, line.issue_id, now=line.clock())
    assert freeze.freeze_chunk(line.db, mailing_id, now=line.clock(), chunk=10, batch=4)
    assert line.view(mailing_id).state is MailingState.BUILDING
    assert line.pumpable() == [mailing_id]
    assert line.start(chunk=10, batch=4) == mailing_id
    assert line.states(mailing_id) == {DeliveryState.PENDING: 25}
    assert line.pump(mailing_id).sent == 25


def test_the_pump_goes_on_with_a_building_that_was_stopped(line: Line) -> None:
    line.readers(5)
    mailing_id = begin.begin(line.db, line.issue_id, now=line.clock())
    assert line.pump(mailing_id).sent == 5


def test_who_signs_up_during_the_building_is_not_in_it(line: Line) -> None:
    line.readers(10)
    mailing_id = begin.begin(line.db, line.issue_id, now=line.clock())
    freeze.freeze_chunk(line.db, mailing_id, now=line.clock(), chunk=5)
    subscriber_rows(line.db, line.newsletter_id, ["late@example.org"])
    line.start(chunk=5)
    assert line.states(mailing_id) == {DeliveryState.PENDING: 10}


def test_accounts_that_do_not_balance_pause_the_mailing(line: Line) -> None:
    ids = line.readers(3)
    mailing_id = begin.begin(line.db, line.issue_id, now=line.clock())
    freeze.freeze_chunk(line.db, mailing_id, now=line.clock())
    with line.db.write() as session:
        session.execute(delete(Delivery).where(Delivery.subscriber_id == ids[0]))
    line.start()
    assert line.view(mailing_id).state is MailingState.PAUSED
    assert "3 candidates were counted, 2 stand" in line.view(mailing_id).reason


# --- answers


def test_a_refused_address_is_a_bounce_and_stops_nobody_else(line: Line) -> None:
    line.readers(3)
    line.relay.answers_to("r1@example.org", REFUSED, is_after_dot=False)
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.SENT: 2, DeliveryState.REFUSED: 1}
    with line.db.read() as session:
        (row,) = store.deliveries(session, mailing_id, states=[DeliveryState.REFUSED])
    assert (row.address, row.code, row.reason) == ("r1@example.org", 550, "5.1.1 no such user")


def test_a_deferred_message_is_tried_again_later_and_holds_the_end_open(line: Line) -> None:
    line.readers(2)
    line.relay.answers_to("r1@example.org", LATER, LATER)
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.RUNNING
    assert line.states(mailing_id) == {DeliveryState.SENT: 1, DeliveryState.DEFERRED: 1}
    assert line.pumpable() == []
    line.clock.advance(timedelta(minutes=5))
    assert line.pumpable() == [mailing_id]
    line.pump(mailing_id)
    line.clock.advance(timedelta(minutes=9))
    assert line.pumpable() == []
    line.clock.advance(timedelta(minutes=1))
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.sent_to() == ["r0@example.org", "r1@example.org"]


def test_trouble_of_our_own_pauses_the_mailing_and_counts_against_nobody(line: Line) -> None:
    line.readers(4)
    line.relay.answers_to("r1@example.org", OURS)
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.PAUSED
    assert "looks like spam. Mend it and resume, or suppress subscriber" in line.view(mailing_id).reason
    assert line.states(mailing_id) == {DeliveryState.SENT: 1, DeliveryState.PENDING: 3}
    control.resume(line.db, mailing_id, now=line.clock())
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.SENT: 4}


def test_a_refused_sign_in_pauses_the_mailing_and_blames_no_reader(line: Line) -> None:
    line.readers(1)
    line.relay.refusals = [TransportError("The mail relay refuses our user name or password: 535", code=535)]
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.PAUSED
    assert line.view(mailing_id).reason == "The mail relay refuses our user name or password: 535"


def test_a_relay_that_is_away_is_tried_again_with_growing_waits(line: Line) -> None:
    line.readers(2)
    line.relay.refusals = [LOST, LOST]
    mailing_id = line.start()
    assert "cannot be reached" in line.pump(mailing_id).trouble
    assert line.view(mailing_id).retry_at == line.clock() + timedelta(seconds=30)
    assert line.pump(mailing_id).sent == 0
    line.clock.advance(timedelta(seconds=30))
    line.pump(mailing_id)
    assert line.view(mailing_id).retry_at == line.clock() + timedelta(seconds=60)
    assert line.states(mailing_id) == {DeliveryState.PENDING: 2}
    line.clock.advance(timedelta(seconds=60))
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.view(mailing_id).retry_at is None


def test_a_connection_that_the_relay_closed_between_messages_is_opened_anew(line: Line) -> None:
    line.readers(3)
    line.relay.answers_to("r2@example.org", LOST, is_after_dot=False)
    assert line.pump(line.start()).sent == 3
    assert line.relay.connections == 2


def test_a_message_without_an_answer_is_in_doubt_and_never_sent_again(line: Line) -> None:
    line.readers(3)
    line.relay.answers_to("r1@example.org", SILENT)
    mailing_id = line.start()
    line.pump(mailing_id)
    assert line.states(mailing_id) == {
        DeliveryState.SENT: 1,
        DeliveryState.IN_DOUBT: 1,
        DeliveryState.PENDING: 1,
    }
    line.clock.advance(timedelta(minutes=1))
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.SENT: 2, DeliveryState.IN_DOUBT: 1}


def test_an_address_that_cannot_be_written_is_refused_without_asking_the_relay(line: Line) -> None:
    subscriber_rows(line.db, line.newsletter_id, ["two words@example.org", "ok@example.org"])
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}


def test_a_revision_that_makes_no_message_pauses_the_mailing(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, text="reader&#64;slot.invalid")
    line = Line(database, clock, tmp_path / "journals", newsletter_id, issue_id)
    line.readers(2)
    mailing_id = line.start()
    assert line.pump(mailing_id).state is MailingState.PAUSED
    assert line.states(mailing_id) == {DeliveryState.PENDING: 2}


def test_a_journal_that_cannot_be_written_stops_the_sending_before_anything_leaves(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    line.journal_dir.write_text("a file where the folder should be")
    assert "No journal can be written" in line.pump(mailing_id).trouble
    assert line.relay.sent == []
    assert line.view(mailing_id).retry_at is not None


# --- the last moment


def test_who_leaves_while_the_mailing_runs_gets_nothing_more(line: Line) -> None:
    ids = line.readers(6)

    def leave() -> None:
        line.suppress("r3@example.org")
        with line.db.write() as session:
            session.execute(
                update(Subscription).where(Subscription.subscriber_id == ids[4]).values(state=SubscriptionState.ENDED)
            )
            session.execute(delete(Subscriber).where(Subscriber.id == ids[5]))

    line.on_message("r0@example.org", leave)
    mailing_id = line.start()
    assert line.pump(mailing_id, window=3).state is MailingState.FINISHED
    assert line.sent_to() == ["r0@example.org", "r1@example.org", "r2@example.org"]
    assert line.view(mailing_id).balance.excluded_by_reason == {
        "suppressed: complained": 1,
        "unsubscribed": 1,
        "erased": 1,
    }
