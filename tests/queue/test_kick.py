"""Kicks: whoever kicks is never failed by a broker that is away, and does not wait for it again and again."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from curator.queue.kick import Kicker, KickError, Lane, PatientKicker
from curator.queue.memory import MemoryKicker
from tests.conftest import FakeClock


def test_a_kick_reaches_the_broker_as_often_as_it_was_asked_for(clock: FakeClock) -> None:
    broker = MemoryKicker()
    PatientKicker(lambda: broker, clock).kick(Lane.SENDING, 3)
    assert broker.hints == [Lane.SENDING] * 3


def test_the_broker_is_dialled_at_the_first_kick_and_once(clock: FakeClock) -> None:
    dialled = []

    def connect() -> Kicker:
        dialled.append(1)
        return MemoryKicker()

    patient = PatientKicker(connect, clock)
    assert dialled == []
    patient.kick(Lane.REST)
    patient.kick(Lane.REST)
    assert dialled == [1]


def test_a_broker_that_is_away_fails_nobody_and_is_spared_for_five_seconds(clock: FakeClock) -> None:
    broker = MemoryKicker()
    patient = PatientKicker(lambda: broker, clock)
    broker.is_away = True
    with capture_logs():
        patient.kick(Lane.SENDING)
    broker.is_away = False
    clock.advance(timedelta(seconds=4))
    patient.kick(Lane.SENDING)
    assert broker.hints == []
    clock.advance(timedelta(seconds=1))
    patient.kick(Lane.SENDING)
    assert broker.hints == [Lane.SENDING]


def test_the_log_says_once_a_minute_that_the_broker_is_away(clock: FakeClock) -> None:
    broker = MemoryKicker()
    broker.is_away = True
    patient = PatientKicker(lambda: broker, clock)
    with capture_logs() as logs:
        for _ in range(13):
            patient.kick(Lane.REST)
            clock.advance(timedelta(seconds=10))
    assert [log["event"] for log in logs] == ["broker is away, workers look by themselves"] * 3


def test_hints_leave_again_although_the_machines_clock_was_set_back(clock: FakeClock) -> None:
    broker = MemoryKicker()
    broker.is_away = True
    patient = PatientKicker(lambda: broker, clock)
    with capture_logs():
        patient.kick(Lane.REST)
    broker.is_away = False
    clock.advance(timedelta(days=-1))
    patient.kick(Lane.REST)
    assert broker.hints == [Lane.REST]


def test_a_check_tells_what_a_kick_keeps_to_itself(clock: FakeClock) -> None:
    broker = MemoryKicker()
    broker.is_away = True
    with pytest.raises(KickError):
        PatientKicker(lambda: broker, clock).check()
