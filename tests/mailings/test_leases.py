"""Several senders at once: leases and fences keep them apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import update

from curator.mailings import control, send, store
from curator.mailings.tables import Batch, Delivery
from curator.mailings.values import DeliveryState, MailingState, PumpReport
from tests.mailings.line import Line


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
