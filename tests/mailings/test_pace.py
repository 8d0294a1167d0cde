"""Mail leaves no faster than its transport and its domains allow, whoever sends and however often it is begun anew."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.db import Session
from curator.mailings import control
from curator.mailings.ledger import store as ledger
from curator.mailings.tables import Delivery
from curator.mailings.values import Answer, Claim, DeliveryState, MailingState, Outgoing, Verdict
from tests.mailings.line import Line
from tests.mailings.paced import Paced

LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")


@pytest.fixture
def paced(line: Line) -> Paced:
    return Paced(line)


# --- the transport


def test_a_sending_limit_of_1_sends_exactly_1_a_second(paced: Paced) -> None:
    paced.transport(per_second=1.0)
    paced.line.readers(5)
    mailing_id = paced.line.start(batch=2)
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.seconds() == [0, 1, 2, 3, 4]


def test_each_second_brings_its_slice(paced: Paced) -> None:
    paced.transport(per_second=7.0)
    paced.line.readers(20)
    assert paced.pump(paced.line.start()).state is MailingState.FINISHED
    assert paced.seconds() == [0] * 7 + [1] * 7 + [2] * 6


def test_without_limits_nothing_is_written_or_asked(paced: Paced) -> None:
    paced.transport()
    paced.line.readers(30)
    assert paced.pump(paced.line.start()).sent == 30
    assert (paced.buckets(), paced.today(), set(paced.seconds())) == (set(), 0, {0.0})


def test_a_sender_that_is_begun_anew_does_not_burst(paced: Paced) -> None:
    paced.transport(per_second=3.0)
    paced.line.readers(9)
    mailing_id = paced.line.start()
    for sent in (3, 6, 9):
        paced.pump(mailing_id, until=lambda sent=sent: len(paced.left) >= sent)
    assert paced.seconds() == [0] * 3 + [1] * 3 + [2] * 3


def test_senders_on_one_transport_share_its_bucket(paced: Paced) -> None:
    relay = paced.transport(per_second=2.0)
    paced.line.readers(8)
    mailing_id = paced.line.start(batch=2)

    def pump_too(message: Outgoing) -> None:
        relay.on_message = paced.note
        paced.note(message)
        paced.pump(mailing_id, window=1)

    relay.on_message = pump_too
    assert paced.pump(mailing_id, window=1).state is MailingState.FINISHED
    seconds = paced.seconds()
    assert all(seconds.count(second) <= 2 for second in seconds)
    assert len(set(paced.line.sent_to())) == len(seconds) == 8


def test_a_wait_of_more_than_a_moment_is_the_mailings_and_says_why(paced: Paced) -> None:
    paced.transport(per_second=0.1)
    paced.line.readers(2)
    mailing_id, began = paced.line.start(), paced.line.clock()
    assert paced.pump(mailing_id).sent == 1
    row = paced.mailing(mailing_id)
    assert row.waits_until == began + timedelta(seconds=10)
    assert row.waits_for == "its transport takes one message in 10 seconds"
    assert paced.line.pumpable() == []
    assert paced.pump(mailing_id).sent == 0
    paced.line.clock.advance(timedelta(seconds=10))
    assert paced.line.pumpable() == [mailing_id]
    assert paced.pump(mailing_id).state is MailingState.FINISHED


def test_a_pause_takes_hold_while_a_sender_rests(paced: Paced) -> None:
    relay = paced.transport(per_second=1.0)
    paced.line.readers(3)
    mailing_id = paced.line.start()

    def pause(message: Outgoing) -> None:
        paced.note(message)
        control.pause(paced.line.db, mailing_id, now=paced.line.clock())

    relay.on_message = pause
    assert paced.pump(mailing_id).state is MailingState.PAUSED
    assert paced.line.states(mailing_id) == {DeliveryState.SENT: 1, DeliveryState.PENDING: 2}


# --- domains


def test_a_slow_domain_holds_nobody_else_up_and_puts_each_of_its_readers_off_once(
    paced: Paced, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off: list[int] = []
    real = ledger.put_off

    def counting(
        session: Session,
        held: Claim,
        turns: dict[int, datetime],
        waits: Mapping[int, DeliveryState],
        *,
        reason: str,
        now: datetime,
    ) -> None:
        put_off.extend(turns)
        real(session, held, turns, waits, reason=reason, now=now)

    monkeypatch.setattr(ledger, "put_off", counting)
    paced.transport(domains={"slow.example": 5.0})
    paced.readers(30, domain="slow.example")
    paced.readers(40, domain="quick.example")
    mailing_id = paced.line.start(batch=25)
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.seconds("quick.example") == [0.0] * 40
    slow = paced.seconds("slow.example")
    assert slow[:5] == [0.0] * 5
    assert 5.0 <= slow[-1] <= 6.0
    assert all(sum(at <= each < at + 1 for each in slow) <= 5 + 5 for at in slow)
    assert len(put_off) == len(set(put_off)) == 25
    assert paced.attempts(mailing_id) == {1}, "being put off is no try"


def test_who_waits_for_a_turn_is_told_from_who_was_put_off_by_the_relay(paced: Paced) -> None:
    paced.transport(domains={"slow.example": 1.0})
    paced.readers(3, domain="slow.example")
    mailing_id = paced.line.start()
    paced.pump(mailing_id, until=lambda: bool(paced.left))
    with paced.line.db.read() as session:
        query = select(Delivery.reason, Delivery.due_at).order_by(Delivery.subscriber_id)
        rows = list(session.execute(query))
    began = paced.line.clock()
    assert [row.due_at for row in rows] == [None, began + timedelta(seconds=1), began + timedelta(seconds=2)]
    assert {row.reason for row in rows[1:]} == {"waits for its turn at slow.example"}


def test_turns_that_were_missed_during_a_pause_are_not_made_up_for_at_once(paced: Paced) -> None:
    paced.transport(domains={"slow.example": 2.0})
    paced.readers(12, domain="slow.example")
    mailing_id = paced.line.start()
    paced.pump(mailing_id, until=lambda: bool(paced.left))
    paced.line.clock.advance(timedelta(hours=1))
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    slow = paced.seconds()
    assert all(sum(at <= each < at + 1 for each in slow) <= 4 for at in slow)
    assert len(slow) == 12


def test_a_reader_whom_the_relay_put_off_takes_a_turn_again(paced: Paced) -> None:
    relay = paced.transport(domains={"slow.example": 1.0})
    paced.readers(1, domain="slow.example")
    relay.answers_to("r0@slow.example", LATER)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    paced.line.clock.advance(timedelta(minutes=5))
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.attempts(mailing_id) == {2}


def test_each_transport_has_buckets_of_its_own(paced: Paced) -> None:
    paced.transport(domains={"slow.example": 1.0}, per_second=100.0)
    paced.readers(2, domain="slow.example")
    paced.pump(paced.line.start())
    assert paced.buckets() == {("", ""), ("", "slow.example")}
