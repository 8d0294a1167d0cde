"""The slots to come with some of them let go: a law, and both edges of summer time."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

import hypothesis.strategies as st
from hypothesis import given

from curator.newsletters.cadence import next_slot
from curator.newsletters.slots import coming, first_slot, following, on_date
from curator.newsletters.values import Cadence, Rhythm

_CADENCES = st.builds(
    Cadence,
    rhythm=st.sampled_from(Rhythm),
    zone=st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    anchor_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    every_n_weeks=st.integers(1, 5),
    month_day=st.integers(1, 31),
)
_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(cadence=_CADENCES, after=_MOMENTS, gone=st.sets(st.integers(0, 9)))
def test_what_is_left_of_the_slots_comes_in_order_and_misses_nothing_else(
    cadence: Cadence, after: datetime, gone: set[int]
) -> None:
    slots = coming(cadence, after=after, number=10)
    assert all(one.at < two.at for one, two in itertools.pairwise(slots))
    assert slots[0].at > after
    skipped = {on_date(slot.key) for place, slot in enumerate(slots) if place in gone}
    left, at = [], after
    while len(left) < 10 - len(gone):
        left.append(following(cadence, after=at, skipped=skipped))
        at = left[-1].at
    assert left == [slot for place, slot in enumerate(slots) if place not in gone]


@given(cadence=_CADENCES, after=_MOMENTS)
def test_with_nothing_let_go_the_cadence_is_as_it_was(cadence: Cadence, after: datetime) -> None:
    assert following(cadence, after=after) == next_slot(cadence, after=after)
    assert first_slot(cadence, now=after, drafted=None) == next_slot(cadence, after=after)


def test_slots_keep_their_wall_clock_over_both_changes_of_the_clocks() -> None:
    tuesdays = Cadence(
        rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(7), anchor_on=date(2026, 1, 6), weekdays=(1,)
    )
    autumn = coming(tuesdays, after=datetime(2026, 10, 18, tzinfo=UTC), number=2)
    assert [slot.at.hour for slot in autumn] == [6, 7]
    spring = coming(tuesdays, after=datetime(2027, 3, 22, tzinfo=UTC), number=2)
    assert [slot.at.hour for slot in spring] == [7, 6]
    assert all(slot.key.endswith("T07:00") for slot in autumn + spring)


def test_a_time_that_spring_leaves_out_is_let_go_like_any_other() -> None:
    early = Cadence(
        rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(1, 30), anchor_on=date(2026, 1, 6), weekdays=(6,)
    )
    (change, later) = coming(early, after=datetime(2027, 3, 22, tzinfo=UTC), number=2)
    assert (change.key, change.at) == ("2027-03-28T01:30", datetime(2027, 3, 28, 1, tzinfo=UTC))
    assert following(early, after=change.at - timedelta(days=1), skipped={"2027-03-28"}) == later
