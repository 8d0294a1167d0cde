"""The arithmetic of pace: whatever senders do, no span of time sees more than its rate and one burst."""

import math
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.mailings import pacing
from curator.mailings.pacing import WARM_UP, Limits

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
RATES = st.one_of(st.integers(1, 2000).map(float), st.floats(0.01, 2000, allow_nan=False))
STEPS_US = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=60)


def _moment(microseconds: int) -> datetime:
    return START + timedelta(microseconds=microseconds)


@given(RATES, STEPS_US, st.data())
def test_no_span_sees_more_than_its_rate_and_one_burst(rate: float, steps_us: list[int], data: st.DataObject) -> None:
    """Senders come at any moments and take any part; nothing but the stored moment outlasts one of them."""
    free_at, at_us, moments = None, 0, list[int]()
    for step_us in steps_us:
        at_us += step_us
        room = pacing.room(free_at, per_second=rate, now=_moment(at_us))
        count = data.draw(st.integers(0, min(room, 30))) if room else 0
        if count:
            free_at = pacing.taken(free_at, count, per_second=rate, now=_moment(at_us))
            moments += [at_us] * count
    for first in set(moments):
        for last in set(moments):
            if last >= first:
                seen = bisect_right(moments, last) - bisect_left(moments, first)
                assert seen <= rate * (last - first) / 1e6 + pacing.burst(rate)


@given(RATES, st.integers(0, 10**9))
def test_an_empty_bucket_says_to_the_microsecond_when_it_gives_again(rate: float, at_us: int) -> None:
    now = _moment(at_us)
    free_at = pacing.taken(None, pacing.room(None, per_second=rate, now=now), per_second=rate, now=now)
    wait_s = pacing.wait_s(free_at, per_second=rate, now=now)
    assert wait_s > 0
    assert pacing.room(free_at, per_second=rate, now=now) == 0
    assert pacing.room(free_at, per_second=rate, now=now + timedelta(seconds=wait_s)) > 0


def test_a_limit_of_one_gives_exactly_one_a_second() -> None:
    free_at, given_at = None, []
    for tenth in range(51):
        now = START + timedelta(seconds=tenth / 10)
        if pacing.room(free_at, per_second=1, now=now):
            assert pacing.room(free_at, per_second=1, now=now) == 1
            free_at = pacing.taken(free_at, 1, per_second=1, now=now)
            given_at.append(tenth / 10)
    assert given_at == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_whoever_is_a_little_late_keeps_the_beat_and_whoever_rested_gains_nothing() -> None:
    free_at = pacing.taken(None, 20, per_second=1000, now=START)
    late = START + timedelta(milliseconds=25)
    assert pacing.taken(free_at, 20, per_second=1000, now=late) == START + timedelta(milliseconds=40)
    rested = START + timedelta(hours=1)
    assert pacing.taken(free_at, 20, per_second=1000, now=rested) == rested + timedelta(milliseconds=20)


def test_a_bucket_that_a_wrong_clock_or_another_limit_filled_is_free_within_a_slice() -> None:
    assert pacing.wait_s(START + timedelta(days=300), per_second=14, now=START) == pytest.approx(1, abs=1e-3)


@given(RATES, st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(0, 20)), min_size=1, max_size=40))
def test_turns_at_a_domain_follow_each_other_at_its_rate(rate: float, asked: list[tuple[int, int]]) -> None:
    free_at, at_us, turns = None, 0, list[datetime]()
    for step_us, count in asked:
        at_us += step_us
        now = _moment(at_us)
        given = pacing.turns(free_at, count, per_second=rate, now=now)
        assert given.at_once + len(given.later) == count
        assert all(at > now for at in given.later)
        free_at = given.free_at
        turns += [now] * given.at_once + list(given.later)
    turns.sort()
    ahead = max(1, int(rate))
    for first in range(0, len(turns), 7):
        seen = bisect_right(turns, turns[-1]) - first
        assert seen <= rate * (turns[-1] - turns[first]).total_seconds() + ahead + 1


def test_a_domain_that_is_not_over_its_rate_delays_nobody() -> None:
    given = pacing.turns(None, 20, per_second=20, now=START)
    assert (given.at_once, given.later) == (20, ())
    more = pacing.turns(given.free_at, 2, per_second=20, now=START)
    assert more.later == (START + timedelta(seconds=1), START + timedelta(seconds=1.05))


def test_a_promised_turn_is_kept_for_a_moment_only() -> None:
    assert pacing.is_kept(START, now=START + timedelta(seconds=1))
    assert not pacing.is_kept(START, now=START + timedelta(seconds=1.1))


# --- the day


def test_a_new_sender_begins_with_few_and_doubles_in_the_end() -> None:
    limits = Limits(warm_up_on=date(2026, 12, 1))
    days = [pacing.day_limit(limits, date(2026, 12, 1) + timedelta(days=n)) for n in range(13)]
    assert days == [*WARM_UP, 200_000, 400_000, 800_000]
    assert pacing.day_limit(limits, date(2026, 11, 30)) == 50, "before it begins it is no warmer"
    assert pacing.day_limit(limits, date(2027, 2, 1)) is None


def test_a_warm_up_ends_at_the_days_limit() -> None:
    limits = Limits(per_day=3000, warm_up_on=date(2026, 12, 1))
    days = [pacing.day_limit(limits, date(2026, 12, 1) + timedelta(days=n)) for n in range(6)]
    assert days == [50, 100, 500, 1000, 2940, 2940], "one in fifty is kept for letters"
    assert pacing.day_limit(limits, date(2030, 1, 1)) == 2940


@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_a_warm_up_never_goes_back(first: date, second: date) -> None:
    limits = Limits(warm_up_on=date(2026, 6, 1), per_day=10**9)
    early, late = sorted((first, second))
    allowed = [pacing.day_limit(limits, on) for on in (early, late)]
    assert allowed[0] is not None
    assert allowed[1] is not None
    assert allowed[0] <= allowed[1]


@given(st.integers(1, 10**7), st.integers(-30, 60), st.none() | st.integers(1, 10**6))
def test_the_days_that_are_told_are_just_enough(count: int, day: int, per_day: int | None) -> None:
    after = date(2026, 6, 1) + timedelta(days=day)
    limits = Limits(warm_up_on=date(2026, 6, 1), per_day=max(per_day, count // 500) if per_day else None)
    days = pacing.days_for(limits, count, after=after)

    def room(days: int) -> float:
        allowed = [pacing.day_limit(limits, after + timedelta(days=n)) for n in range(1, days + 1)]
        return sum(math.inf if each is None else each for each in allowed)

    assert room(days - 1) < count <= room(days)


def test_the_next_day_begins_at_midnight_utc() -> None:
    assert pacing.next_day(START) == datetime(2026, 11, 17, tzinfo=UTC)
    assert Limits().has_none
    assert not Limits(domains={"gmail.com": 1.0}).has_none
