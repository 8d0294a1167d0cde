"""Tells how fast a mailing goes and about when it is done. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(minutes=10)
"""What the rate is taken from: long enough that a batch more or less does not make it jump."""


@dataclass(frozen=True)
class Course:
    """How a running mailing has gone so far.

    `recent` is how many deliveries were settled since `recent_since`; `settled` all of them, the last of which at
    `last_at`. `rested` are the waves' pauses so far, `pauses` those to come (one that goes on is in `waits_until`).
    `has_days` says that its last wait was for the next day, because a day's limit was used up.
    """

    started_at: datetime
    settled: int
    left: int
    recent: int
    recent_since: datetime
    last_at: datetime | None = None
    waits_until: datetime | None = None
    rested: timedelta = timedelta()
    pauses: timedelta = timedelta()
    has_days: bool = False


@dataclass(frozen=True)
class Eta:
    """Messages a minute, and about when the last one leaves; None as long as nobody can tell."""

    per_minute: float
    done_at: datetime | None
    has_pauses: bool = False


def recent_since(started_at: datetime, waits_until: datetime | None, *, now: datetime) -> datetime:
    """Returns from when on the rate is taken: not from before the start or a wait that is over."""
    waited = waits_until if waits_until is not None and waits_until <= now else started_at
    return max(started_at, waited, now - RECENT)


def eta(course: Course, *, now: datetime) -> Eta:
    """Returns the rate of late (while it waits: of the time before) and when the rest is gone at that rate.

    Where a day's limit holds it up the rate says nothing about the end: what it waits for tells the days instead.
    """
    waits = course.waits_until is not None and course.waits_until > now
    per_minute = 0.0 if waits else _rate(course.recent, now - course.recent_since)
    expected = per_minute or _rate_before(course)
    has_pauses = bool(course.pauses) or waits
    if not expected or not course.left or course.has_days:
        return Eta(per_minute, None, has_pauses)
    begins = course.waits_until if waits and course.waits_until is not None else now
    return Eta(per_minute, begins + timedelta(minutes=course.left / expected) + course.pauses, has_pauses)


def _rate_before(course: Course) -> float:
    if course.last_at is None:
        return 0.0
    return _rate(course.settled, course.last_at - course.started_at - course.rested)


def _rate(number: int, took: timedelta) -> float:
    minutes = took.total_seconds() / 60
    return number / minutes if minutes > 0 else 0.0
