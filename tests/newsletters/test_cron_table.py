"""The table that decided against CronTrigger: 2,112 triggers over a year, each slot against a plain oracle."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from curator.newsletters.cadence import next_slot
from curator.newsletters.values import Cadence, Rhythm

# Eleven rules of clock change: at 02:00 and at midnight, by a half hour and by two, north and south, on Fridays too.
_ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Chatham",
)
_EVERY_DAY = tuple(range(7))
_DAY_SETS = (*((day,) for day in range(7)), _EVERY_DAY)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_END = datetime(2027, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)

Trigger = tuple[str, tuple[int, ...], int]
_TRIGGERS: tuple[Trigger, ...] = tuple(
    (zone, days, hour) for zone in _ZONES for days in _DAY_SETS for hour in range(24)
)


@cache
def _moments(zone: str) -> dict[tuple[date, int], datetime]:
    """Maps each local date and hour to the first minute of the year whose wall clock is not before it.

    The oracle knows no rule of gaps and folds: it walks the year's clock in steps of 15 minutes and looks.
    """
    seen: dict[tuple[date, int], datetime] = {}
    local_zone = ZoneInfo(zone)
    at, end = _START - timedelta(days=2), _END + timedelta(days=2)
    furthest = at.astimezone(local_zone).replace(tzinfo=None)
    while at < end:
        wall = at.astimezone(local_zone).replace(tzinfo=None)
        hour = furthest.replace(minute=0) if furthest.minute == 0 else _next_hour(furthest)
        while hour <= wall:
            seen.setdefault((hour.date(), hour.hour), at)
            hour += timedelta(hours=1)
        furthest = max(furthest, wall + _MINUTE)
        at += timedelta(minutes=15)
    return seen


def _next_hour(wall: datetime) -> datetime:
    return wall.replace(minute=0) + timedelta(hours=1)


@cache
def _windows(zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """Returns nine days around each clock change of the year; elsewhere no trigger has a reason to go wrong."""
    days = [_START + timedelta(days=number) for number in range(366)]
    changes = [day for day, after in pairwise(days) if _offset(day, zone) != _offset(after, zone)]
    return tuple((day - timedelta(days=1), day + timedelta(days=9)) for day in changes)


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()


def _wished(trigger: Trigger, start: datetime, end: datetime) -> list[datetime]:
    zone, days, hour = trigger
    moments = _moments(zone)
    return sorted(
        at for (on, wished), at in moments.items() if wished == hour and on.weekday() in days and start < at <= end
    )


Next = Callable[[Trigger, datetime], datetime]


def _fired(trigger: Trigger, following: Next, start: datetime, end: datetime) -> Iterator[datetime]:
    at = following(trigger, start)
    while at <= end:
        yield at
        at = following(trigger, at)


def _anomalies(following: Next) -> list[Trigger]:
    return [
        trigger
        for trigger in _TRIGGERS
        for start, end in _windows(trigger[0])
        if list(_fired(trigger, following, start, end)) != _wished(trigger, start, end)
    ]


def _ours(trigger: Trigger, after: datetime) -> datetime:
    zone, days, hour = trigger
    cadence = Cadence(rhythm=Rhythm.WEEKLY, zone=zone, at=time(hour), anchor_on=_START.date(), weekdays=days)
    return next_slot(cadence, after=after).at


@cache
def _cron(trigger: Trigger) -> CronTrigger:
    zone, days, hour = trigger
    return CronTrigger(day_of_week=",".join(map(str, days)), hour=hour, timezone=ZoneInfo(zone))


def _cron_next(trigger: Trigger, after: datetime) -> datetime:
    local = after.astimezone(ZoneInfo(trigger[0]))
    fire = _cron(trigger).get_next_fire_time(local, local)
    assert fire is not None
    return fire.astimezone(UTC)


def test_the_table_has_2112_triggers_and_every_zone_changes_its_clock() -> None:
    assert len(_TRIGGERS) == 2112
    assert all(len(_windows(zone)) == 2 for zone in _ZONES)


def test_our_slots_have_no_anomaly() -> None:
    assert _anomalies(_ours) == []


def test_cron_trigger_has_anomalies_so_it_is_not_used() -> None:
    assert len(_anomalies(_cron_next)) > 20


def test_cron_trigger_loses_the_week_of_a_midnight_in_a_gap() -> None:
    sunday = ("Asia/Beirut", (6,), 0)
    before = datetime(2026, 3, 25, tzinfo=UTC)
    assert _cron_next(sunday, before) > datetime(2026, 4, 4, tzinfo=UTC)
    assert _ours(sunday, before) == datetime(2026, 3, 28, 22, tzinfo=UTC)
