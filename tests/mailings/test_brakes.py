"""A mailing stops by itself before a provider stops the sender."""

import pytest

from curator.mailings import control, store
from curator.mailings.brakes import Tally, why_stop
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from tests.mailings.line import Line

REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")


@pytest.mark.parametrize(
    ("tally", "stops"),
    [
        (Tally(tried=100, hard_bounces=19), False),
        (Tally(tried=100, hard_bounces=20), True),
        (Tally(tried=500, hard_bounces=20), False),
        (Tally(tried=500, hard_bounces=21), True),
        (Tally(tried=100, complaints=2), False),
        (Tally(tried=100, complaints=3), True),
        (Tally(tried=3_000, complaints=3), False),
        (Tally(tried=3_000, complaints=4), True),
    ],
)
def test_it_stops_at_twenty_bounces_above_four_percent_or_three_complaints_above_a_thousandth(
    tally: Tally, stops: bool
) -> None:
    assert (why_stop(tally, forgiven=Tally()) is not None) is stops


def test_it_says_what_happened_and_what_to_do() -> None:
    why = why_stop(Tally(tried=500, hard_bounces=30), forgiven=Tally())
    assert why is not None
    assert "30 of 500 messages (6.0 %) bounced for good" in why
    assert "then resume, or cancel the rest" in why
    assert len(why) <= 500


def test_what_a_person_let_pass_does_not_stop_it_again() -> None:
    before = Tally(tried=100, hard_bounces=30)
    assert why_stop(before, forgiven=before) is None
    assert why_stop(Tally(tried=200, hard_bounces=49), forgiven=before) is None
    why = why_stop(Tally(tried=200, hard_bounces=50), forgiven=before)
    assert why is not None
    assert "20 of 100 messages (20.0 %) bounced for good since it was resumed" in why


def test_a_mailing_with_too_many_dead_addresses_stops_and_goes_on_when_resumed(line: Line) -> None:
    line.readers(60)
    for n in range(30):
        line.relay.answers_to(f"r{n}@example.org", REFUSED, is_after_dot=False)
    mailing_id = line.start()
    assert line.pump(mailing_id, window=10).state is MailingState.PAUSED
    assert line.states(mailing_id) == {DeliveryState.REFUSED: 20, DeliveryState.PENDING: 40}
    assert "20 of 20 messages (100.0 %) bounced for good" in line.view(mailing_id).reason
    control.resume(line.db, mailing_id, now=line.clock())
    assert line.pump(mailing_id, window=10).state is MailingState.FINISHED
    assert line.states(mailing_id) == {DeliveryState.REFUSED: 30, DeliveryState.SENT: 30}


def test_complaints_that_came_while_it_waited_stop_it_before_anything_more_leaves(line: Line) -> None:
    line.readers(10)
    mailing_id = line.start()
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 4, window=2)
    with line.db.write() as session:
        store.add_facts(session, mailing_id, complaints=2)
        store.add_facts(session, mailing_id, complaints=1)
    assert line.pump(mailing_id).state is MailingState.PAUSED
    assert len(line.relay.sent) == 4
    assert "3 of 4 messages (75.0 %) called this mail spam" in line.view(mailing_id).reason
    assert line.view(mailing_id).complaints == 3


def test_bounces_that_come_back_later_count_with_those_at_the_door(line: Line) -> None:
    line.readers(40)
    for n in range(10):
        line.relay.answers_to(f"r{n}@example.org", REFUSED, is_after_dot=False)
    mailing_id = line.start()
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 10, window=5)
    with line.db.write() as session:
        store.add_facts(session, mailing_id, hard_bounces=10)
    assert line.pump(mailing_id).state is MailingState.PAUSED


def test_pausing_and_resuming_by_hand_forgives_nothing_by_itself(line: Line) -> None:
    line.readers(40)
    for n in range(25):
        line.relay.answers_to(f"r{n}@example.org", REFUSED, is_after_dot=False)
    mailing_id = line.start()
    line.pump(mailing_id, until=lambda: True)
    control.pause(line.db, mailing_id, now=line.clock())
    control.resume(line.db, mailing_id, now=line.clock())
    line.pump(mailing_id, window=5)
    assert line.states(mailing_id)[DeliveryState.REFUSED] == 20
