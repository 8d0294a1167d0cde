"""When issues are due: the slots of a cadence on the wall clock of its zone."""

import calendar
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from curator.errors import InvalidError
from curator.languages import ENGLISH, Speech, msgid
from curator.languages.tags import base
from curator.newsletters.values import Cadence, Rhythm

_DAY = timedelta(days=1)
# A slot's moment can lie on another local date than its wished one only by a gap's length, which was a whole day when
# Samoa crossed the date line in 2011.
_LOOK_BACK = 2 * _DAY


@dataclass(frozen=True)
class Slot:
    """One due issue. `key` is the wished local date and time ("2026-11-10T07:00"), `at` the moment that it falls on."""

    key: str
    at: datetime


def next_slot(cadence: Cadence, *, after: datetime) -> Slot:
    """Returns the first slot strictly after `after`; InvalidError names the field that makes it impossible.

    A local date has at most one slot. A wished time that a clock change leaves out takes the first moment after the
    gap; one that comes twice takes the first only. The weeks of a rhythm go on before `anchor_on` as after it.
    """
    zone = checked_zone(cadence.zone)
    _check_days(cadence)
    start = after.astimezone(zone).date() - _LOOK_BACK
    for on in _dates(cadence, start):
        at = _moment(datetime.combine(on, cadence.at), zone)
        if at > after:
            return Slot(f"{on.isoformat()}T{cadence.at:%H:%M}", at)
    raise AssertionError("a checked cadence has dates for ever")


def describe(cadence: Cadence, speech: Speech = ENGLISH) -> str:
    """Returns the cadence in words: "every Tuesday at 07:00 Europe/London"."""
    when = {"time": speech.time(cadence.at), "zone": cadence.zone}
    match cadence.rhythm:
        case Rhythm.WEEKLY:
            return _weekly(cadence, speech, when)
        case Rhythm.MONTHLY:
            # For translators: %(day)s is "1st" in English and "1" in every other language.
            message = msgid("on the %(day)s of every month at %(time)s %(zone)s")
            if cadence.month_day > 28:
                message = msgid("on the %(day)s of every month (or its last day) at %(time)s %(zone)s")
            day = _ordinal(cadence.month_day) if base(speech.lang) == "en" else speech.number(cadence.month_day)
            return speech.gettext(message, day=day, **when)
        case _:
            assert_never(cadence.rhythm)


def _weekly(cadence: Cadence, speech: Speech, when: Mapping[str, str]) -> str:
    weekdays = sorted(set(cadence.weekdays))
    days = speech.joined([speech.weekday(day) for day in weekdays])
    if cadence.every_n_weeks > 1:
        return speech.counted(
            "every %(num)s week on %(days)s at %(time)s %(zone)s",
            "every %(num)s weeks on %(days)s at %(time)s %(zone)s",
            cadence.every_n_weeks,
            days=days,
            **when,
        )
    if len(weekdays) == 7:
        return speech.gettext("every day at %(time)s %(zone)s", **when)
    return speech.gettext("every %(days)s at %(time)s %(zone)s", days=days, **when)


def checked_zone(name: str) -> ZoneInfo:
    """Returns the zone of that name; raises InvalidError with field "zone" when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError("zone", f"{name!r} is not a time zone; choose one like Europe/London.") from error


def _check_days(cadence: Cadence) -> None:
    if not 1 <= cadence.every_n_weeks <= 52:
        raise InvalidError("every_n_weeks", f"Every {cadence.every_n_weeks} weeks is no rhythm; choose from 1 to 52.")
    if not 1 <= cadence.month_day <= 31:
        raise InvalidError("month_day", f"A month has no day {cadence.month_day}; choose from 1 to 31.")
    if any(day not in range(7) for day in cadence.weekdays):
        raise InvalidError("weekdays", "A week has the days 0 (Monday) to 6 (Sunday).")
    if cadence.rhythm is Rhythm.WEEKLY and not cadence.weekdays:
        raise InvalidError("weekdays", "Choose at least one weekday.")


def _dates(cadence: Cadence, start: date) -> Iterator[date]:
    """Yields the wished dates from `start` on, in order, for ever."""
    match cadence.rhythm:
        case Rhythm.WEEKLY:
            return _weekly_dates(cadence, start)
        case Rhythm.MONTHLY:
            return _monthly_dates(cadence.month_day, start)
        case _:
            assert_never(cadence.rhythm)


def _weekly_dates(cadence: Cadence, start: date) -> Iterator[date]:
    first = _monday(cadence.anchor_on)
    for days in itertools.count():
        on = start + days * _DAY
        weeks = (_monday(on) - first).days // 7
        if weeks % cadence.every_n_weeks == 0 and on.weekday() in cadence.weekdays:
            yield on


def _monthly_dates(month_day: int, start: date) -> Iterator[date]:
    for months in itertools.count(start.year * 12 + start.month - 1):
        year, month = divmod(months, 12)
        on = date(year, month + 1, min(month_day, calendar.monthrange(year, month + 1)[1]))
        if on >= start:
            yield on


def _monday(on: date) -> date:
    return on - on.weekday() * _DAY


def _moment(wished: datetime, zone: ZoneInfo) -> datetime:
    """Returns the moment of a wall-clock time: the first of two in a fold, the end of a gap (PEP 495)."""
    at = wished.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wished:
        return at
    # In a gap the later offset (fold=1) gives a moment before the change and the earlier one (fold=0) a moment after.
    before, behind = wished.replace(tzinfo=zone, fold=1).astimezone(UTC), at
    offset = behind.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(behind - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            behind = middle
        else:
            before = middle
    return behind


def _ordinal(number: int) -> str:
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
