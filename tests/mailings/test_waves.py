"""A large mailing leaves in waves, the recently engaged first, with a pause to watch after each."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState
from curator.mailings import control, send, store, waves
from curator.mailings.pacer import Pacer
from curator.mailings.pacing import Limits
from curator.mailings.sender import Sender
from curator.mailings.tables import Batch, Delivery
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from curator.mailings.waves import Mark
from tests.builders import change_newsletters
from tests.mailings.line import Line

LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
PAUSE = timedelta(minutes=15)


def _readers(line: Line, count: int) -> list[int]:
    """Many readers, in two statements."""
    people = [
        {
            "address": f"r{n}@example.org",
            "address_key": f"r{n}@example.org",
            "name": "",
            "source": "",
            "created_at": LONG_AGO,
        }
        for n in range(count)
    ]
    with line.db.write() as session:
        session.execute(insert(Subscriber), people)
        ids = list(session.scalars(select(Subscriber.id).order_by(Subscriber.id)))
        ties = [
            {
                "subscriber_id": id_,
                "newsletter_id": line.newsletter_id,
                "state": SubscriptionState.ACTIVE,
                "changed_at": LONG_AGO,
            }
            for id_ in ids
        ]
        session.execute(insert(Subscription), ties)
    change_newsletters(line.db, wave_minutes=15)
    return ids


def _engage(line: Line, ids: list[int], *, at: datetime) -> None:
    with line.db.write() as session:
        session.execute(update(Subscriber).where(Subscriber.id.in_(ids)).values(engaged_at=at))


def _by_wave(line: Line, mailing_id: int) -> dict[int, set[int]]:
    with line.db.read() as session:
        rows = session.execute(
            select(Delivery.wave, Delivery.subscriber_id).where(Delivery.mailing_id == mailing_id)
        ).all()
    return {wave: {id_ for one, id_ in rows if one == wave} for wave, _ in rows}


def test_the_recently_engaged_are_in_the_first_waves(line: Line) -> None:
    ids = _readers(line, 1_000)
    _engage(line, ids[500:510], at=line.clock() - timedelta(days=1))
    _engage(line, ids[100:200], at=line.clock() - timedelta(days=30))
    _engage(line, ids[300:350], at=line.clock() - timedelta(days=300))
    mailing_id = line.start(chunk=300, batch=50)
    by_wave = _by_wave(line, mailing_id)
    assert by_wave[1] == set(ids[500:510])
    assert by_wave[2] == set(ids[100:200])
    assert len(by_wave[3]) == 890


def test_readers_who_clicked_in_the_same_moment_do_not_swell_a_wave(line: Line) -> None:
    ids = _readers(line, 1_000)
    _engage(line, ids, at=line.clock())
    assert {wave: len(found) for wave, found in _by_wave(line, line.start()).items()} == {1: 10, 2: 100, 3: 890}


def test_where_nobody_engaged_yet_waves_are_a_spread_sample(line: Line) -> None:
    ids = _readers(line, 2_000)
    by_wave = _by_wave(line, line.start())
    assert {wave: len(found) for wave, found in by_wave.items()} == {1: 20, 2: 200, 3: 1_780}
    halves = Counter(id_ <= ids[999] for id_ in by_wave[2])
    assert halves == {True: 100, False: 100}


def test_a_wave_with_too_few_engaged_is_filled_up(line: Line) -> None:
    ids = _readers(line, 1_000)
    _engage(line, ids[:4], at=line.clock())
    by_wave = _by_wave(line, line.start())
    assert set(ids[:4]) < by_wave[1]
    assert 8 <= len(by_wave[1]) <= 13
    assert 95 <= len(by_wave[2]) <= 105


def test_each_wave_leaves_after_a_pause_and_the_page_can_say_why(line: Line) -> None:
    _readers(line, 1_000)
    mailing_id = line.start(batch=100)
    assert line.view(mailing_id).wave == 1
    assert line.pump(mailing_id, window=50).sent == 10
    view = line.view(mailing_id)
    assert (view.waits_until, view.waits_for) == (line.clock() + PAUSE, "watching how wave 1 (10 readers) is taken")
    assert (line.pumpable(), line.pump(mailing_id).sent) == ([], 0)
    line.clock.advance(PAUSE)
    assert line.pumpable() == [mailing_id]
    assert line.pump(mailing_id, window=50).sent == 100
    assert line.view(mailing_id).waits_for == "watching how wave 2 (100 readers) is taken"
    line.clock.advance(PAUSE)
    report = line.pump(mailing_id, window=50)
    assert (report.sent, report.state) == (890, MailingState.FINISHED)
    assert line.states(mailing_id) == {DeliveryState.SENT: 1_000}
    assert len(set(line.sent_to())) == 1_000


def test_a_wave_is_watched_to_the_end_whatever_a_person_does_meanwhile(line: Line) -> None:
    _readers(line, 1_000)
    mailing_id = line.start(batch=100)
    line.pump(mailing_id, window=50)
    control.pause(line.db, mailing_id, now=line.clock())
    control.resume(line.db, mailing_id, now=line.clock())
    assert (line.pumpable(), line.pump(mailing_id).sent) == ([], 0)
    line.clock.advance(PAUSE)
    assert line.pump(mailing_id, window=50).sent == 100


def test_what_was_deferred_does_not_keep_the_next_wave_waiting(line: Line) -> None:
    ids = _readers(line, 1_000)
    _engage(line, ids[:10], at=line.clock())
    line.relay.answers_to("r3@example.org", LATER, LATER, LATER)
    mailing_id = line.start(batch=100)
    line.pump(mailing_id, window=50)
    assert line.view(mailing_id).wave == 2


def test_who_waits_for_the_turn_of_a_slow_domain_keeps_the_next_wave_waiting(line: Line) -> None:
    _readers(line, 1_000)
    mailing_id = line.start(batch=100)
    slow = Pacer(limits=Limits(domains={"example.org": 0.5}))
    assert line.pump(mailing_id, window=50, pacer=slow).sent == 1
    for sent in range(2, 11):
        assert line.view(mailing_id).wave == 1
        line.clock.advance(timedelta(seconds=2))
        line.pump(mailing_id, window=50, pacer=slow)
        assert len(line.relay.sent) == sent
    view = line.view(mailing_id)
    assert (view.wave, view.waits_until) == (2, line.clock() + PAUSE)


def test_turns_that_were_missed_keep_no_wave_waiting_for_ever(line: Line) -> None:
    ids = _readers(line, 1_000)
    _engage(line, ids[:10], at=line.clock())
    line.relay.answers_to("r3@example.org", LATER, LATER, LATER)
    mailing_id = line.start(batch=100)
    slow = Pacer(limits=Limits(domains={"example.org": 0.5}))
    line.pump(mailing_id, window=50, pacer=slow)
    line.clock.advance(timedelta(hours=1))
    line.pump(mailing_id, window=50)
    assert (line.states(mailing_id)[DeliveryState.DEFERRED], line.view(mailing_id).wave) == (1, 2)


def test_a_killed_pump_leaves_the_next_wave_to_the_following_one(line: Line) -> None:
    _readers(line, 1_000)
    mailing_id = line.start(batch=100)
    sender = Sender(line.db, mailing_id, line.clock, 50)
    held = sender._claim("test:1")
    assert held is not None
    assert held.wave == 1
    assert not send.open_wave(line.db, mailing_id, now=line.clock())
    with line.db.write() as session:
        session.execute(update(Batch).where(Batch.wave == 1).values(state="done", owner=None, lease_until=None))
    assert line.pumpable() == [mailing_id]
    assert send.open_wave(line.db, mailing_id, now=line.clock())
    assert line.view(mailing_id).wave == 2


def test_small_mailings_tests_and_newsletters_without_a_pause_have_no_waves() -> None:
    assert waves.has_waves(1_000, wave_minutes=15, is_test=False)
    assert not waves.has_waves(999, wave_minutes=15, is_test=False)
    assert not waves.has_waves(1_000, wave_minutes=0, is_test=False)
    assert not waves.has_waves(1_000, wave_minutes=15, is_test=True)


@given(st.integers(1_000, 10_000_000), st.floats(0, 1))
def test_waves_hold_at_least_their_share_whoever_engaged(readers: int, engaged_share: float) -> None:
    engaged = int(readers * engaged_share)
    plan = waves.plan(readers, ever_engaged=engaged, mark=lambda place: Mark(LONG_AGO, place))
    assert plan.waves == (1, 2, 3)
    for mark, share, least in zip(plan.marks, plan.shares, (readers // 100, readers * 11 // 100), strict=True):
        first = mark.id if mark else engaged + (readers - engaged) * share / 1_000
        assert first >= least


def test_the_rest_of_a_cancelled_mailing_never_leaves_in_whatever_wave(line: Line) -> None:
    _readers(line, 1_000)
    mailing_id = line.start(batch=100)
    line.pump(mailing_id, window=50)
    control.cancel(line.db, mailing_id, now=line.clock())
    assert line.states(mailing_id) == {DeliveryState.SENT: 10, DeliveryState.CANCELLED: 990}
    with line.db.read() as session:
        assert store.next_wave(session, mailing_id, now=line.clock()) is not None
    assert not send.open_wave(line.db, mailing_id, now=line.clock())
