"""The slots of a cadence: named days, both clock changes, laws that hold for every cadence."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InvalidError
from curator.newsletters.cadence import Slot, describe, next_slot
from curator.newsletters.values import Cadence, Rhythm


def weekly(*weekdays: int, at: str = "07:00", zone: str = "UTC", every: int = 1, anchor: str = "2026-01-05") -> Cadence:
    return Cadence(
        rhythm=Rhythm.WEEKLY,
        zone=zone,
        at=time.fromisoformat(at),
        anchor_on=date.fromisoformat(anchor),
        weekdays=weekdays,
        every_n_weeks=every,
    )


def monthly(day: int, *, at: str = "07:00", zone: str = "UTC") -> Cadence:
    return Cadence(
        rhythm=Rhythm.MONTHLY, zone=zone, at=time.fromisoformat(at), anchor_on=date(2026, 1, 1), month_day=day
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cadence: Cadence, after: str, count: int) -> list[Slot]:
    found = [next_slot(cadence, after=utc(after))]
    while len(found) < count:
        found.append(next_slot(cadence, after=found[-1].at))
    return found


def keys(cadence: Cadence, after: str, count: int) -> list[str]:
    return [slot.key for slot in slots(cadence, after, count)]


def test_a_weekly_cadence_takes_each_of_its_weekdays() -> None:
    assert keys(weekly(1, 4), "2026-11-16 09:00", 3) == ["2026-11-17T07:00", "2026-11-20T07:00", "2026-11-24T07:00"]


def test_a_slot_is_strictly_after_the_given_moment() -> None:
    assert next_slot(weekly(1), after=utc("2026-11-17 06:59:59")).at == utc("2026-11-17 07:00")
    assert next_slot(weekly(1), after=utc("2026-11-17 07:00")).at == utc("2026-11-24 07:00")


def test_the_wall_clock_of_the_zone_decides() -> None:
    summer, winter = weekly(0, zone="Europe/London"), weekly(0, zone="Europe/London")
    assert next_slot(summer, after=utc("2026-07-01 00:00")).at == utc("2026-07-06 06:00")
    assert next_slot(winter, after=utc("2026-12-01 00:00")).at == utc("2026-12-07 07:00")


def test_every_second_week_is_counted_from_the_week_of_the_anchor() -> None:
    # The anchor is a Thursday; its week began on Monday 16 November.
    cadence = weekly(0, 6, every=2, anchor="2026-11-19")
    assert keys(cadence, "2026-11-15 00:00", 4) == [
        "2026-11-16T07:00",
        "2026-11-22T07:00",
        "2026-11-30T07:00",
        "2026-12-06T07:00",
    ]


def test_the_weeks_before_the_anchor_have_the_same_rhythm() -> None:
    assert keys(weekly(0, every=3, anchor="2026-11-16"), "2026-09-01 00:00", 3) == [
        "2026-09-14T07:00",
        "2026-10-05T07:00",
        "2026-10-26T07:00",
    ]


def test_every_second_week_goes_on_over_a_year_of_53_weeks() -> None:
    cadence = weekly(0, every=2, anchor="2026-12-14")
    assert keys(cadence, "2026-12-20 00:00", 2) == ["2026-12-28T07:00", "2027-01-11T07:00"]


def test_a_short_month_takes_its_last_day() -> None:
    assert keys(monthly(31), "2027-01-15 00:00", 4) == [
        "2027-01-31T07:00",
        "2027-02-28T07:00",
        "2027-03-31T07:00",
        "2027-04-30T07:00",
    ]
    assert next_slot(monthly(30), after=utc("2028-02-01 00:00")).key == "2028-02-29T07:00"


def test_a_time_in_a_gap_takes_the_first_moment_after_it() -> None:
    # Berlin goes from 02:00 to 03:00 on 29 March 2026.
    slot = next_slot(weekly(6, at="02:30", zone="Europe/Berlin"), after=utc("2026-03-28 00:00"))
    assert slot == Slot("2026-03-29T02:30", utc("2026-03-29 01:00"))
    assert slot.at.astimezone(ZoneInfo("Europe/Berlin")).hour == 3


def test_midnight_in_a_gap_does_not_lose_its_week() -> None:
    # Beirut has no 00:00 on 29 March 2026: CronTrigger lets that Sunday go.
    cadence = weekly(6, at="00:00", zone="Asia/Beirut")
    assert keys(cadence, "2026-03-20 00:00", 3) == ["2026-03-22T00:00", "2026-03-29T00:00", "2026-04-05T00:00"]


def test_a_whole_day_in_a_gap_still_gives_its_slot() -> None:
    # Samoa had no 30 December 2011, a Friday.
    slot = next_slot(weekly(4, zone="Pacific/Apia", anchor="2011-01-03"), after=utc("2011-12-28 00:00"))
    assert slot == Slot("2011-12-30T07:00", utc("2011-12-30 10:00"))


def test_a_time_that_comes_twice_is_taken_the_first_time_only() -> None:
    # Berlin has 02:30 twice on 25 October 2026: at 00:30 and at 01:30 UTC.
    cadence = weekly(5, 6, 0, at="02:30", zone="Europe/Berlin")
    assert [slot.at for slot in slots(cadence, "2026-10-24 12:00", 2)] == [
        utc("2026-10-25 00:30"),
        utc("2026-10-26 01:30"),
    ]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe", "UTC\0", "x" * 300])
def test_a_zone_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidError, match="not a time zone") as caught:
        next_slot(weekly(0, zone=name), after=utc("2026-11-16 09:00"))
    assert caught.value.field == "zone"


@pytest.mark.parametrize(
    ("cadence", "field"),
    [
        (weekly(), "weekdays"),
        (weekly(7), "weekdays"),
        (weekly(0, every=0), "every_n_weeks"),
        (weekly(0, every=53), "every_n_weeks"),
        (monthly(0), "month_day"),
        (monthly(32), "month_day"),
    ],
)
def test_a_cadence_that_has_no_days_is_refused_by_field(cadence: Cadence, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        next_slot(cadence, after=utc("2026-11-16 09:00"))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (weekly(1, zone="Europe/London"), "every Tuesday at 07:00 Europe/London"),
        (weekly(4, 1), "every Tuesday and Friday at 07:00 UTC"),
        (weekly(0, 2, 4), "every Monday, Wednesday and Friday at 07:00 UTC"),
        (weekly(*range(7)), "every day at 07:00 UTC"),
        (weekly(3, every=2, at="18:30"), "every 2 weeks on Thursday at 18:30 UTC"),
        (monthly(1), "on the 1st of every month at 07:00 UTC"),
        (monthly(22), "on the 22nd of every month at 07:00 UTC"),
        (monthly(11), "on the 11th of every month at 07:00 UTC"),
        (monthly(31), "on the 31st of every month (or its last day) at 07:00 UTC"),
    ],
)
def test_a_cadence_is_told_in_words(cadence: Cadence, words: str) -> None:
    assert describe(cadence) == words


_ZONES = ("UTC", "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "America/Havana", "Asia/Tehran")
_CADENCES = st.builds(
    Cadence,
    rhythm=st.sampled_from(Rhythm),
    zone=st.sampled_from(_ZONES),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
    anchor_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    every_n_weeks=st.integers(1, 6),
    month_day=st.integers(1, 31),
)
_MOMENTS = st.integers(0, 8 * 365 * 86_400).map(lambda second: utc("2021-01-01") + timedelta(seconds=second))


@given(_CADENCES, _MOMENTS)
def test_slots_go_up_and_no_local_date_has_two(cadence: Cadence, after: datetime) -> None:
    found = [next_slot(cadence, after=after)]
    found += [next_slot(cadence, after=found[0].at)]
    found += [next_slot(cadence, after=found[1].at)]
    assert after < found[0].at < found[1].at < found[2].at
    dates = [slot.key[:10] for slot in found]
    assert dates == sorted(set(dates))


@given(_CADENCES, _MOMENTS, st.integers(0, 86_400 * 40))
def test_no_slot_lies_between_a_moment_and_its_next_slot(cadence: Cadence, after: datetime, seconds: int) -> None:
    slot = next_slot(cadence, after=after)
    between = min(after + timedelta(seconds=seconds), slot.at - timedelta(microseconds=1))
    assert next_slot(cadence, after=max(after, between)) == slot


@settings(max_examples=30)
@given(_CADENCES, _MOMENTS)
def test_a_year_of_slots_has_every_wished_date(cadence: Cadence, after: datetime) -> None:
    first = next_slot(cadence, after=after)
    end = first.at + timedelta(days=366)
    found = list(itertools.takewhile(lambda slot: slot.at < end, _from(cadence, first)))
    days = [date.fromisoformat(slot.key[:10]) for slot in found]
    wished = [day for day in _days(days[0], days[-1]) if _is_wished(cadence, day)]
    assert days == wished


def _from(cadence: Cadence, slot: Slot) -> Iterator[Slot]:
    while True:
        yield slot
        slot = next_slot(cadence, after=slot.at)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _is_wished(cadence: Cadence, day: date) -> bool:
    if cadence.rhythm is Rhythm.MONTHLY:
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return day.day == min(cadence.month_day, last.day)
    anchor = cadence.anchor_on - timedelta(days=cadence.anchor_on.weekday())
    return day.weekday() in cadence.weekdays and (day - anchor).days // 7 % cadence.every_n_weeks == 0
