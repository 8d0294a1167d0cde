"""A day's limit is kept whoever sends, over kills and midnights; what is over it waits, or takes the spare."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest

from curator.errors import NotFoundError, TransportError
from curator.mailings import control, send, store
from curator.mailings.eta import eta
from curator.mailings.look_again import look_again
from curator.mailings.pacer import Pacer
from curator.mailings.pacing import Limits
from curator.mailings.progress import store as progress
from curator.mailings.values import Answer, DeliveryState, MailingState, Outgoing, Verdict
from curator.settings.transports import USUAL_TRANSPORT
from tests.builders import approved_issue_row, change_newsletters
from tests.mailings.line import Line
from tests.mailings.paced import Paced

LOST = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
MIDNIGHT = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.fixture
def paced(line: Line) -> Paced:
    return Paced(line)


class KilledError(BaseException):
    """What a kill looks like from inside: nothing behind it is run."""


def _another(paced: Paced) -> int:
    issue_id = approved_issue_row(paced.line.db, paced.line.newsletter_id, number=2)
    return send.start(paced.line.db, issue_id, now=paced.line.clock(), batch=3)


# --- one a day


def test_a_limit_of_1_a_day_sends_exactly_1_with_three_senders_at_once(paced: Paced) -> None:
    relay = paced.transport(per_day=1)
    paced.line.readers(9)
    mailing_id = paced.line.start(batch=3)

    def two_more(message: Outgoing) -> None:
        relay.on_message = paced.note
        paced.note(message)
        paced.pump(mailing_id)
        paced.pump(mailing_id)

    relay.on_message = two_more
    assert paced.pump(mailing_id).state is MailingState.RUNNING
    assert (len(paced.left), paced.today()) == (1, 1)
    for day in (2, 3, 4):
        paced.line.clock.at = MIDNIGHT + timedelta(days=day - 2)
        assert paced.line.pumpable() == [mailing_id]
        paced.pump(mailing_id)
        paced.pump(mailing_id)
        assert len(paced.left) == len(set(paced.line.sent_to())) == day
        assert paced.line.pumpable() == []


def test_a_limit_of_1_a_day_holds_for_senders_that_race(paced: Paced) -> None:
    relay = paced.transport(per_day=1, per_second=1000.0)
    paced.line.readers(30)
    mailing_id = paced.line.start(batch=2)
    way = paced.way(mailing_id)
    start = Barrier(4)

    def race() -> int:
        start.wait(timeout=30)
        return paced.pump(mailing_id, window=1, way=way).sent

    with ThreadPoolExecutor(4) as pool:
        sent = [each.result() for each in [pool.submit(race) for _ in range(4)]]
    assert (sum(sent), len(relay.sent), paced.today()) == (1, 1, 1)


def test_senders_that_race_over_a_relay_that_fails_use_the_day_up_and_no_more(paced: Paced) -> None:
    relay = paced.transport(per_day=12)
    for number in range(0, 40, 3):
        relay.answers_to(f"r{number}@example.org", LOST, is_after_dot=False)
    paced.line.readers(40)
    mailing_id = paced.line.start(batch=4)
    way = paced.way(mailing_id)

    def race() -> None:
        while paced.line.pumpable():
            paced.pump(mailing_id, window=3, way=way)

    for _ in range(40):
        with ThreadPoolExecutor(3) as pool:
            for each in [pool.submit(race) for _ in range(3)]:
                each.result()
        paced.line.clock.advance(timedelta(minutes=5))
        # One sender may see the day used up by what another is about to give back; the clock looks again.
        if paced.mailing(mailing_id).waits_until is not None and not _look_again(paced):
            break
    assert len(relay.sent) == len(set(paced.line.sent_to())) == paced.today() == 12


def test_a_sender_that_was_killed_before_anything_left_used_nothing_up(paced: Paced) -> None:
    relay = paced.transport(per_day=1)
    paced.line.readers(3)
    mailing_id = paced.line.start()

    def kill(_message: Outgoing) -> None:
        relay.on_message = paced.note
        raise KilledError

    relay.on_message = kill
    with pytest.raises(KilledError):
        paced.pump(mailing_id)
    assert paced.today() == 1
    for _ in range(3):
        paced.pump(mailing_id)
    assert (len(paced.line.sent_to()), paced.today()) == (1, 1)


def test_what_the_relay_never_took_is_not_counted(paced: Paced) -> None:
    relay = paced.transport(per_day=5)
    relay.answers_to("r1@example.org", *([LOST] * 2), is_after_dot=False)
    paced.line.readers(4)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    assert paced.today() == len(paced.line.sent_to())
    paced.line.clock.advance(timedelta(minutes=1))
    paced.pump(mailing_id)
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.today() == 4


def test_a_message_in_doubt_counts_as_sent(paced: Paced) -> None:
    relay = paced.transport(per_day=1)
    relay.answers_to("r0@example.org", SILENT)
    paced.line.readers(2)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    paced.line.clock.advance(timedelta(minutes=1))
    paced.pump(mailing_id)
    assert paced.line.states(mailing_id) == {DeliveryState.IN_DOUBT: 1, DeliveryState.PENDING: 1}


# --- what is over the limit


def test_what_is_over_a_new_senders_limit_waits_for_tomorrow_and_says_so(paced: Paced) -> None:
    paced.transport(warm_up_on=date(2026, 11, 16))
    paced.line.readers(60)
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id).sent == 50
    row = paced.mailing(mailing_id)
    assert row.waits_until == MIDNIGHT
    assert row.waits_for == "today's 50 messages of a new sender are used up; 10 wait for tomorrow"
    paced.line.clock.at = MIDNIGHT
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.today() == 10


def test_a_limit_that_is_just_enough_leaves_no_wait_behind(paced: Paced) -> None:
    paced.transport(per_day=3)
    paced.line.readers(3)
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert paced.mailing(mailing_id).waits_until is None


def test_a_limit_that_takes_weeks_promises_no_moment_but_says_how_many_days(paced: Paced) -> None:
    paced.transport(per_day=2)
    paced.line.readers(31)
    mailing_id = paced.line.start()
    for day in range(2):
        paced.line.clock.advance(timedelta(minutes=1))
        paced.pump(mailing_id)
        view, left = paced.line.view(mailing_id), 29 - 2 * day
        assert view.waits_for == f"today's 2 messages are used up; {left} wait and need about {15 - day} days more"
        for now in (paced.line.clock(), MIDNIGHT + timedelta(days=day, minutes=1)):
            with paced.line.db.read() as session:
                assert eta(progress.course(session, view, pause=timedelta(), now=now), now=now).done_at is None
        paced.line.clock.at = MIDNIGHT + timedelta(days=day)


def test_what_left_before_the_day_had_a_limit_gives_the_day_no_more_than_its_limit(paced: Paced) -> None:
    with paced.line.db.write() as session:
        Pacer(limits=Limits(per_day=4)).give_back(session, 2, taken_at=paced.line.clock(), is_own=True)
    assert paced.today() == 0


def test_the_older_mailing_goes_first_when_a_new_day_begins(paced: Paced) -> None:
    paced.transport(per_day=4)
    paced.line.readers(6)
    older = paced.line.start(batch=3)
    paced.pump(older)
    younger = _another(paced)
    assert paced.pump(younger).sent == 0
    paced.line.clock.at = MIDNIGHT
    assert paced.pump(younger).sent == 0
    assert "an older mailing goes first" in paced.mailing(younger).waits_for
    assert paced.pump(older).state is MailingState.FINISHED
    assert paced.pump(younger).sent == 0
    paced.line.clock.advance(timedelta(minutes=1))
    assert paced.pump(younger).sent == 2


def test_an_older_mailing_that_is_paused_holds_nobody_up(paced: Paced) -> None:
    paced.transport(per_day=4)
    paced.line.readers(6)
    older = paced.line.start()
    control.pause(paced.line.db, older, now=paced.line.clock())
    assert paced.pump(_another(paced)).sent == 4


def test_what_is_over_the_limit_takes_the_spare_the_same_day(paced: Paced) -> None:
    usual = paced.transport()
    fresh = paced.transport("fresh", per_day=2)
    paced.line.readers(6)
    change_newsletters(paced.line.db, transport="fresh", spare_transport=USUAL_TRANSPORT)
    mailing_id = paced.line.start(batch=3)
    assert paced.pump(mailing_id).sent == 2
    assert paced.line.pumpable() == [mailing_id]
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert (len(fresh.sent), len(usual.sent), paced.today("fresh")) == (2, 4, 2)


def test_when_the_spare_has_had_its_day_too_the_rest_waits(paced: Paced) -> None:
    paced.transport("fresh", per_day=2)
    spare = paced.transport("second", per_day=3)
    paced.line.readers(9)
    change_newsletters(paced.line.db, transport="fresh", spare_transport="second")
    mailing_id = paced.line.start()
    for _ in range(3):
        paced.pump(mailing_id)
    assert len(paced.left) == 5
    assert len(spare.sent) == 3
    assert paced.mailing(mailing_id).waits_for.endswith("4 wait for the next days")


def test_a_younger_mailing_takes_the_spare_only_once_the_day_is_used_up(paced: Paced) -> None:
    usual = paced.transport()
    fresh = paced.transport("fresh", per_day=8)
    paced.line.readers(5)
    change_newsletters(paced.line.db, transport="fresh", spare_transport=USUAL_TRANSPORT)
    older, younger = paced.line.start(batch=3), _another(paced)
    assert paced.pump(younger).sent == 0
    assert "an older mailing goes first" in paced.mailing(younger).waits_for
    assert paced.pump(older).state is MailingState.FINISHED
    paced.line.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        assert usual.sent == []
        paced.pump(younger)
    assert (len(fresh.sent), len(usual.sent)) == (8, 2)


# --- which transport


def test_a_newsletter_sends_over_the_transport_of_its_choice(paced: Paced) -> None:
    usual, bulk = paced.transport(), paced.transport("bulk")
    paced.line.readers(2)
    change_newsletters(paced.line.db, transport="bulk")
    assert paced.pump(paced.line.start()).state is MailingState.FINISHED
    assert (len(usual.sent), len(bulk.sent)) == (0, 2)


def test_a_transport_that_is_not_in_the_settings_any_more_pauses_the_mailing(paced: Paced) -> None:
    usual = paced.transport()
    paced.line.readers(2)
    change_newsletters(paced.line.db, transport="bulk")
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id).state is MailingState.PAUSED
    assert "name no transport 'bulk' any more" in paced.line.view(mailing_id).reason
    assert usual.sent == []
    paced.transport("bulk")
    control.resume(paced.line.db, mailing_id, now=paced.line.clock())
    assert paced.pump(mailing_id).state is MailingState.FINISHED


def test_a_spare_that_is_missing_pauses_the_mailing_when_it_is_needed(paced: Paced) -> None:
    paced.transport(per_day=1)
    paced.line.readers(2)
    change_newsletters(paced.line.db, spare_transport="gone")
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id).sent == 1
    assert paced.pump(mailing_id).state is MailingState.PAUSED


def test_a_mailing_that_is_not_there_has_no_way(paced: Paced) -> None:
    with pytest.raises(NotFoundError, match="mailing"):
        paced.way(77)


# --- hours


def test_outside_its_hours_a_mailing_waits_for_the_next_opening_and_says_so(paced: Paced) -> None:
    paced.transport()
    paced.line.readers(3)
    change_newsletters(paced.line.db, zone="Europe/London", send_from=time(10), send_until=time(20))
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id).sent == 0
    row = paced.mailing(mailing_id)
    assert row.waits_for == "its mail leaves from 10:00 to 20:00 Europe/London"
    assert row.waits_until == paced.line.clock() + timedelta(hours=1)
    paced.line.clock.advance(timedelta(hours=1))
    assert paced.pump(mailing_id).state is MailingState.FINISHED


def test_hours_that_end_while_a_mailing_runs_stop_it_after_the_window(paced: Paced) -> None:
    relay = paced.transport()
    paced.line.readers(4)
    change_newsletters(paced.line.db, send_from=time(8), send_until=time(9, 15))

    def dawdle(message: Outgoing) -> None:
        paced.note(message)
        paced.line.clock.advance(timedelta(minutes=8))

    relay.on_message = dawdle
    mailing_id = paced.line.start()
    assert paced.pump(mailing_id, window=1).sent == 2
    assert paced.mailing(mailing_id).waits_until == datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


# --- settings that are changed meanwhile


def _look_again(paced: Paced) -> list[int]:
    return look_again(paced.line.db, paced.routes, now=paced.line.clock())


def test_hours_that_are_changed_end_a_wait_for_them(paced: Paced) -> None:
    paced.transport()
    paced.line.readers(3)
    change_newsletters(paced.line.db, send_from=time(18), send_until=time(20))
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    assert (_look_again(paced), paced.line.pumpable()) == ([], [])
    change_newsletters(paced.line.db, send_from=time(7), send_until=time(20))
    assert (_look_again(paced), paced.line.pumpable()) == ([mailing_id], [mailing_id])
    assert _look_again(paced) == []
    assert paced.pump(mailing_id).state is MailingState.FINISHED


def test_a_days_limit_that_is_raised_ends_a_wait_for_the_next_day(paced: Paced) -> None:
    paced.transport(per_day=2)
    paced.line.readers(5)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    assert _look_again(paced) == []
    paced.transport(per_day=20)
    assert _look_again(paced) == [mailing_id]
    assert paced.mailing(mailing_id).waits_for == ""
    assert paced.pump(mailing_id).state is MailingState.FINISHED


def test_a_new_spare_ends_a_wait_for_the_next_day(paced: Paced) -> None:
    paced.transport(per_day=2)
    second = paced.transport("second")
    paced.line.readers(5)
    mailing_id = paced.line.start()
    paced.pump(mailing_id)
    change_newsletters(paced.line.db, spare_transport="second")
    assert _look_again(paced) == [mailing_id]
    assert paced.pump(mailing_id).state is MailingState.FINISHED
    assert len(second.sent) == 3


def test_the_watch_over_a_wave_goes_on_whatever_is_changed(paced: Paced) -> None:
    paced.transport()
    paced.line.readers(3)
    mailing_id = paced.line.start()
    with paced.line.db.write() as session:
        until = paced.line.clock() + timedelta(minutes=15)
        store.wait(session, mailing_id, until=until, why="watching how wave 1 (10 readers) is taken")
    assert (_look_again(paced), paced.line.pumpable()) == ([], [])
