"""Start and pump over the twin of a relay, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy.engine import Connection

from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database
from curator.errors import NotFoundError, StateError, TransportError
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import control, freeze, send, store
from curator.mailings.tables import Batch, Delivery
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, DeliveryState, MailingState, MailingView, Outgoing, PumpReport, Verdict
from curator.tokens import Keys
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock

REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
LOST = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))
OURS = TransportError("The mail relay refuses the message: 554 5.7.1 looks like spam", code=554)


@dataclass
class Line:
    """One newsletter with an approved issue, its readers, a relay in memory and a clock."""

    db: Database
    clock: FakeClock
    journal_dir: Path
    newsletter_id: int
    issue_id: int
    relay: MemoryTransport = field(default_factory=MemoryTransport)

    def readers(self, count: int) -> list[int]:
        return subscriber_rows(self.db, self.newsletter_id, [f"r{n}@example.org" for n in range(count)])

    def start(self, *, chunk: int = 5000, batch: int = 500) -> int:
        return send.start(self.db, self.issue_id, now=self.clock(), chunk=chunk, batch=batch)

    def pump(self, mailing_id: int, *, until: Callable[[], bool] = lambda: False, window: int = 20) -> PumpReport:
        return send.pump(
            self.db,
            self.relay,
            mailing_id,
            owner="test:1",
            journal_dir=self.journal_dir,
            clock=self.clock,
            keys=Keys.from_secret("k" * 40),
            public_url="https://news.example",
            until=until,
            window=window,
        )

    def view(self, mailing_id: int) -> MailingView:
        with self.db.read() as session:
            return store.mailing(session, mailing_id)

    def states(self, mailing_id: int) -> dict[DeliveryState, int]:
        view = self.view(mailing_id)
        assert view.balance.is_even
        return view.balance.by_state

    def issue_state(self) -> IssueState:
        with self.db.read() as session:
            return issues.issue_row(session, self.issue_id).state

    def pumpable(self) -> list[int]:
        with self.db.read() as session:
            return store.pumpable_ids(session, now=self.clock())

    def sent_to(self) -> list[str]:
        return [message.recipient for message in self.relay.sent]

    def suppress(self, address: str) -> None:
        with self.db.write() as session:
            session.add(Suppression(address_key=address, reason=SuppressionReason.COMPLAINED, at=self.clock()))

    def on_message(self, wanted: str, act: Callable[[], None]) -> None:
        """Does something while the message to `wanted` is under way."""

        def hook(message: Outgoing) -> None:
            if message.recipient == wanted:
                act()

        self.relay.on_message = hook


@pytest.fixture
def line(database: Database, clock: FakeClock, tmp_path: Path) -> Line:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id)
    return Line(database, clock, tmp_path / "journals", newsletter_id, issue_id)


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
    mailing_id = send._begin(line.db, line.issue_id, now=line.clock())
    assert freeze.freeze_chunk(line.db, mailing_id, now=line.clock(), chunk=10, batch=4)
    assert line.view(mailing_id).state is MailingState.BUILDING
    assert line.pumpable() == [mailing_id]
    assert line.start(chunk=10, batch=4) == mailing_id
    assert line.states(mailing_id) == {DeliveryState.PENDING: 25}
    assert line.pump(mailing_id).sent == 25


def test_the_pump_goes_on_with_a_building_that_was_stopped(line: Line) -> None:
    line.readers(5)
    mailing_id = send._begin(line.db, line.issue_id, now=line.clock())
    assert line.pump(mailing_id).sent == 5


def test_who_signs_up_during_the_building_is_not_in_it(line: Line) -> None:
    line.readers(10)
    mailing_id = send._begin(line.db, line.issue_id, now=line.clock())
    freeze.freeze_chunk(line.db, mailing_id, now=line.clock(), chunk=5)
    subscriber_rows(line.db, line.newsletter_id, ["late@example.org"])
    line.start(chunk=5)
    assert line.states(mailing_id) == {DeliveryState.PENDING: 10}


def test_accounts_that_do_not_balance_pause_the_mailing(line: Line) -> None:
    ids = line.readers(3)
    mailing_id = send._begin(line.db, line.issue_id, now=line.clock())
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


def test_a_whole_batch_may_be_excluded(line: Line) -> None:
    line.readers(6)
    mailing_id = line.start(batch=2)
    line.suppress("r2@example.org")
    line.suppress("r3@example.org")
    assert line.pump(mailing_id, window=1).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.SENT: 4, DeliveryState.EXCLUDED: 2}


# --- control


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


# --- leases and fences


def test_two_senders_share_a_mailing_without_meeting(line: Line) -> None:
    line.readers(12)
    mailing_id = line.start(batch=4)
    other: list[PumpReport] = []

    def pump_too() -> None:
        line.relay.on_message = lambda _message: None
        other.append(line.pump(mailing_id))

    line.on_message("r1@example.org", pump_too)
    mine = line.pump(mailing_id, window=2)
    assert (other[0].sent, mine.sent) == (8, 4)
    assert len(set(line.sent_to())) == len(line.sent_to()) == 12
    assert line.view(mailing_id).state is MailingState.FINISHED


def test_a_sender_whose_fence_moved_stops_but_its_results_are_written(line: Line) -> None:
    line.readers(6)
    mailing_id = line.start()

    def lose_the_fence() -> None:
        with line.db.write() as session:
            session.execute(update(Batch).values(fence=Batch.fence + 1, owner="somebody else"))

    line.on_message("r1@example.org", lose_the_fence)
    assert line.pump(mailing_id, window=3).sent == 3
    assert line.states(mailing_id) == {DeliveryState.SENT: 3, DeliveryState.PENDING: 3}
    assert line.view(mailing_id).state is MailingState.RUNNING


def test_no_dot_leaves_after_the_lease(line: Line) -> None:
    line.readers(3)
    mailing_id = line.start()
    line.on_message("r1@example.org", lambda: setattr(line.clock, "at", line.clock() + timedelta(hours=1)))
    report = line.pump(mailing_id)
    assert "lease" in report.trouble
    assert line.sent_to() == ["r0@example.org"]
    assert line.states(mailing_id) == {DeliveryState.SENT: 1, DeliveryState.PENDING: 2}


def test_a_slow_relay_gets_no_new_message_in_the_second_half_of_a_lease(line: Line) -> None:
    line.readers(3)
    mailing_id = line.start()
    line.on_message("r0@example.org", lambda: setattr(line.clock, "at", line.clock() + timedelta(minutes=10)))
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert len(line.relay.sent) == 3
    with line.db.read() as session:
        assert session.query(Batch).one().fence == 2


def test_a_mailing_that_is_open_somewhere_does_not_finish(line: Line) -> None:
    ids = line.readers(2)
    mailing_id = line.start()
    line.pump(mailing_id, until=lambda: True)
    with line.db.write() as session:
        session.execute(update(Delivery).where(Delivery.subscriber_id == ids[0]).values(state=DeliveryState.INTENDED))
        session.execute(update(Batch).values(state="done"))
    assert not send.finish(line.db, mailing_id, now=line.clock())
    assert "do not balance" in line.view(mailing_id).reason


def test_the_list_of_mailings_shows_an_issues_own(line: Line) -> None:
    line.readers(2)
    line.pump(line.start())
    with line.db.read() as session:
        assert [view.state for view in store.mailings(session, issue_id=line.issue_id)] == [MailingState.FINISHED]


def test_the_live_mailings_are_found_behind_any_number_that_ended(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    with line.db.read() as session:
        assert [view.id for view in store.mailings(session, is_live=True, limit=1)] == [mailing_id]
    line.pump(mailing_id)
    with line.db.read() as session:
        assert store.mailings(session, is_live=True) == []


def test_every_message_has_a_message_id_of_its_own_and_the_readers_own_link(line: Line) -> None:
    line.readers(3)
    line.pump(line.start())
    parsed = [message_from_bytes(message.content) for message in line.relay.sent]
    assert len({each["Message-ID"] for each in parsed}) == 3
    assert len({each["List-Unsubscribe"] for each in parsed}) == 3


@pytest.mark.parametrize("interrupts", [False, True])
def test_senders_that_work_at_once_meet_nobody_twice(line: Line, interrupts: bool) -> None:
    line.readers(120)
    mailing_id = line.start(batch=10)

    def interrupt() -> None:
        control.pause(line.db, mailing_id, now=line.clock())
        control.resume(line.db, mailing_id, now=line.clock())

    if interrupts:
        line.relay.on_message = lambda message: interrupt() if message.recipient.startswith("r5") else None
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _number: line.pump(mailing_id, window=3), range(3)))
    assert not any(report.trouble for report in reports)
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert sorted(line.sent_to()) == sorted(f"r{n}@example.org" for n in range(120))
    assert line.states(mailing_id) == {DeliveryState.SENT: 120}


def test_two_that_start_an_issue_at_once_start_one_mailing(line: Line) -> None:
    line.readers(60)
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda _number: line.start(chunk=10, batch=5), range(4)))
    assert len(ids) == 1
    assert line.states(ids.pop()) == {DeliveryState.PENDING: 60}
