"""A tenth of the places go to items that the model would not show."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from curator.picks.taste.explore import explored


def test_a_tenth_of_the_places_explore_and_know_their_chance() -> None:
    shown = explored(range(100), slots=20, dice=random.Random(1))
    assert len(shown) == len({each.shown for each in shown}) == 20
    exploring = [each for each in shown if each.is_exploring]
    assert [shown.index(each) for each in exploring] == [9, 19]
    assert [each.shown for each in shown if not each.is_exploring] == list(range(18))
    assert {each.propensity for each in exploring} == {2 / 82}
    assert {each.propensity for each in shown if not each.is_exploring} == {1.0}


def test_what_is_too_short_to_leave_anything_out_is_shown_as_it_stands() -> None:
    assert [each.shown for each in explored("abc", slots=20, dice=random.Random(1))] == ["a", "b", "c"]
    assert explored([], slots=5, dice=random.Random(1)) == []


def test_the_chance_that_is_told_is_the_chance_there_is() -> None:
    dice = random.Random(1)
    count = Counter(
        each.shown for _ in range(4000) for each in explored(range(30), slots=10, dice=dice) if each.is_exploring
    )
    assert set(count) == set(range(9, 30))
    assert max(abs(times / 4000 - 1 / 21) for times in count.values()) < 0.02


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 99))
def test_no_place_is_empty_or_taken_twice(items: int, slots: int, seed: int) -> None:
    shown = explored(range(items), slots=slots, dice=random.Random(seed))
    assert len({each.shown for each in shown}) == len(shown) == min(items, slots)
    assert all(0 < each.propensity <= 1 for each in shown)
    assert sum(each.is_exploring for each in shown) <= slots / 10
