"""How long an editor takes for an item."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.picks import pace
from tests.picks.desk import NOW


def test_breaks_do_not_count() -> None:
    sitting = [NOW + timedelta(seconds=8 * number) for number in range(15)]
    evening = [at + timedelta(hours=9) for at in sitting]
    assert pace.per_item(evening + sitting) == timedelta(seconds=8)


def test_after_a_few_deeds_nobody_has_a_pace() -> None:
    assert pace.per_item([]) == timedelta(seconds=5)
    assert pace.per_item([NOW + timedelta(seconds=60 * number) for number in range(20)]) == timedelta(seconds=5)


@given(st.lists(st.datetimes(), max_size=60))
def test_a_pace_is_between_nothing_and_two_minutes(moments: list) -> None:
    assert timedelta() <= pace.per_item(moments) <= timedelta(minutes=2)
