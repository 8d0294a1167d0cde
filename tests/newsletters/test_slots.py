"""Which slot comes next: one after the other, past an outage, past a date that has its issue."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from curator.newsletters.cadence import Slot, next_slot
from curator.newsletters.slots import first_slot, in_words, is_missed, missed_note, step
from curator.newsletters.values import Cadence, Rhythm

_LIMIT = timedelta(hours=24)
_TUESDAYS = Cadence(rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(7), anchor_on=date(2026, 1, 6), weekdays=(1,))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _present(after: str) -> Slot:
    return next_slot(_TUESDAYS, after=utc(after))


def test_a_slot_on_time_is_followed_by_the_next_one() -> None:
    taken = step(_TUESDAYS, _present("2026-11-09 00:00"), now=utc("2026-11-07 07:00"), limit=_LIMIT)
    assert (taken.to.key, taken.missed) == ("2026-11-17T07:00", ())


def test_a_slot_that_is_late_within_the_limit_is_not_missed() -> None:
    taken = step(_TUESDAYS, _present("2026-11-09 00:00"), now=utc("2026-11-11 07:00"), limit=_LIMIT)
    assert (taken.to.key, taken.missed) == ("2026-11-17T07:00", ())


def test_a_slot_older_than_the_limit_is_missed_and_said() -> None:
    now = utc("2026-11-13 07:00")
    taken = step(_TUESDAYS, _present("2026-11-09 00:00"), now=now, limit=_LIMIT)
    assert taken.to.key == "2026-11-17T07:00"
    assert missed_note(taken.missed, now=now) == (
        "The slot of Tue 10 Nov 07:00 was missed by 3 days, so nothing was drafted. Start the issue by hand."
    )


def test_a_long_outage_passes_over_every_slot_but_one_within_the_limit() -> None:
    now = utc("2026-11-10 20:00")
    taken = step(_TUESDAYS, _present("2026-10-19 00:00"), now=now, limit=_LIMIT)
    assert taken.to.key == "2026-11-10T07:00"
    assert missed_note(taken.missed, now=now) == (
        "3 slots from Tue 20 Oct 07:00 to Tue 3 Nov 07:00 were missed, so nothing was drafted. Start the issue by hand."
    )


def test_a_moment_at_the_limit_is_not_missed_yet() -> None:
    at = utc("2026-11-10 07:00")
    assert not is_missed(at, now=at + _LIMIT, limit=_LIMIT)
    assert is_missed(at, now=at + _LIMIT + timedelta(seconds=1), limit=_LIMIT)


def test_a_changed_hour_does_not_use_a_date_twice() -> None:
    later = replace(_TUESDAYS, at=time(9))
    now = utc("2026-11-08 12:00")
    assert first_slot(later, now=now, drafted=None).key == "2026-11-10T09:00"
    assert first_slot(later, now=now, drafted="2026-11-10T07:00").key == "2026-11-17T09:00"


def test_spans_are_told_in_hours_and_from_two_days_on_in_days() -> None:
    assert in_words(timedelta(hours=1, minutes=59)) == "1 hour"
    assert in_words(timedelta(hours=47)) == "47 hours"
    assert in_words(timedelta(hours=71)) == "2 days"
