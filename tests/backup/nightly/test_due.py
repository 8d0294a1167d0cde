"""When a backup is due, and which files are put out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from curator.backup.nightly import due
from curator.backup.nightly.values import Night, Nights, NightState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLOT = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda since: SLOT + since)
NOW = SLOT + 10 * timedelta(minutes=1)
ASKED = Night(SLOT, NightState.ASKED, SLOT)
GOOD = replace(ASKED, state=NightState.GOOD, backup_at=SLOT + timedelta(minutes=1))
FAILED = replace(ASKED, state=NightState.FAILED, tries=1, ended_at=SLOT, why="No room.")


def is_due(nights: Nights, *, now: datetime = NOW, hour: int = 3) -> bool:
    return due.is_due(nights, due.slot_at(now, hour=hour), now=now)


@given(now=MOMENTS, hour=st.integers(0, 23))
def test_the_slot_is_the_last_time_that_it_was_the_hour(now: datetime, hour: int) -> None:
    slot = due.slot_at(now, hour=hour)
    assert timedelta() <= now - slot < DAY
    assert (slot.hour, slot.minute, slot.second, slot.microsecond) == (hour, 0, 0, 0)


def test_the_hour_is_one_of_utc() -> None:
    there = timezone(timedelta(hours=9))
    assert due.slot_at(datetime(2026, 11, 16, 12, 30, tzinfo=there), hour=3) == SLOT
    assert due.slot_at(datetime(2026, 11, 16, 11, 30, tzinfo=there), hour=3) == SLOT - DAY


def test_it_is_due_at_its_hour_once_and_at_once_when_there_never_was_one() -> None:
    assert is_due(Nights())
    assert not is_due(Nights(GOOD, GOOD, SLOT))
    assert not is_due(Nights(GOOD, GOOD, SLOT), now=SLOT + DAY - HOUR)
    assert is_due(Nights(GOOD, GOOD, SLOT), now=SLOT + DAY)


def test_a_night_that_is_asked_for_or_being_made_is_asked_for_until_it_is_over() -> None:
    assert is_due(Nights(ASKED, None, SLOT))
    assert is_due(Nights(replace(ASKED, state=NightState.RUNNING, tries=1), None, SLOT))


def test_one_that_failed_is_tried_again_after_pauses_of_up_to_an_hour() -> None:
    pauses = [5, 10, 20, 40, 60, 60]
    for tries, minutes in enumerate(pauses, start=1):
        failed = replace(FAILED, tries=tries)
        assert not is_due(Nights(failed, None, SLOT), now=SLOT + timedelta(minutes=minutes - 1))
        assert is_due(Nights(failed, None, SLOT), now=SLOT + timedelta(minutes=minutes))


def test_another_hour_makes_no_second_backup_of_a_night_and_leaves_no_night_out() -> None:
    nights = Nights(GOOD, GOOD, SLOT)
    assert not is_due(nights, now=SLOT + 12 * HOUR, hour=22)
    assert is_due(nights, now=SLOT.replace(hour=22), hour=22)


@given(st.lists(MOMENTS, unique=True), st.integers(1, 9))
def test_the_newest_stay_and_the_rest_goes(moments: list[datetime], keep: int) -> None:
    seconds = {moment.replace(microsecond=0) for moment in moments}
    names = [due.name_at(moment) for moment in seconds]
    stay = {due.name_at(moment) for moment in sorted(seconds)[-keep:]}
    assert set(names) - set(due.too_old(names, keep=keep)) == stay


def test_no_file_but_a_nights_backup_ever_goes() -> None:
    others = ["curator-20261116T030000Z.backup", "curator-nightly-x.backup", ".curator-backup-x", "taxes.pdf"]
    assert due.too_old([*others, due.name_at(SLOT), due.name_at(NOW)], keep=1) == [due.name_at(SLOT)]
