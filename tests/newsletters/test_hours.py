"""The hours in which mail may leave, in any zone, over clock changes and midnight."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InvalidError
from curator.newsletters.hours import SendWindow, is_open, next_opening, send_window

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/London",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Cairo",
    ]
)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
MOMENTS = st.integers(0, 3 * 366 * 86_400).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(0, seconds))
WINDOWS = st.tuples(MINUTES, MINUTES, ZONES).filter(lambda each: each[0] != each[1]).map(lambda each: SendWindow(*each))


def _local(zone: str, *at: int, fold: int = 0) -> datetime:
    return datetime(*at, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[misc]  # five numbers


@given(WINDOWS, MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it_is(window: SendWindow, at: datetime) -> None:
    opening = next_opening(window, after=at)
    assert at < opening <= at + timedelta(days=2)
    assert is_open(window, opening)
    minutes = int((opening - at) / timedelta(minutes=7))
    whole = at.replace(second=0, microsecond=0)
    assert not any(is_open(window, whole + timedelta(minutes=7 * n)) for n in range(1, minutes))


@given(WINDOWS, MOMENTS)
def test_the_wall_clock_decides(window: SendWindow, at: datetime) -> None:
    turned = SendWindow(window.closes, window.opens, window.zone)
    assert is_open(window, at) is not is_open(turned, at), "hours and their rest share every moment between them"


def test_hours_of_a_day_and_hours_over_midnight() -> None:
    day, night = SendWindow(time(8), time(20), "Europe/London"), SendWindow(time(22), time(6), "Europe/London")
    evening = _local("Europe/London", 2026, 11, 16, 20, 0)
    assert not is_open(day, evening)
    assert is_open(day, evening - timedelta(minutes=1))
    assert next_opening(day, after=evening) == _local("Europe/London", 2026, 11, 17, 8, 0)
    assert next_opening(night, after=evening) == _local("Europe/London", 2026, 11, 16, 22, 0)
    assert is_open(night, _local("Europe/London", 2026, 11, 17, 5, 59))


def test_an_hour_that_a_clock_change_leaves_out_opens_behind_the_gap() -> None:
    window = SendWindow(time(1, 30), time(4), "Europe/London")
    opening = next_opening(window, after=_local("Europe/London", 2026, 3, 29, 0, 0))
    assert opening == datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "01:00 UTC is when the clocks jump to 02:00"


def test_hours_that_a_day_leaves_out_altogether_come_on_the_next() -> None:
    window = SendWindow(time(1), time(2), "Europe/London")
    opening = next_opening(window, after=_local("Europe/London", 2026, 3, 29, 0, 0))
    assert opening == _local("Europe/London", 2026, 3, 30, 1, 0)


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    window = SendWindow(time(1, 10), time(1, 20), "Europe/London")
    second = _local("Europe/London", 2026, 10, 25, 1, 10, fold=1)
    assert next_opening(window, after=_local("Europe/London", 2026, 10, 25, 1, 20, fold=0)) == second


def test_no_hours_mean_any_time_and_an_unknown_zone_is_refused() -> None:
    assert send_window(None, None, zone="UTC") is None
    assert str(send_window(time(8), time(20), zone="Europe/London")) == "08:00 to 20:00 Europe/London"
    with pytest.raises(InvalidError, match="not a time zone"):
        next_opening(SendWindow(time(8), time(9), "Mars/Olympus"), after=datetime(2026, 1, 1, tzinfo=UTC))
