"""The readers' script: who clicks, whose scanner looks, who leaves, and that they lean towards the top."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from curator.demo.script import Click, Place, script

PLACES = [Place(number, number % 2 == 1) for number in range(1, 31)]
numbers = st.integers(0, 2**32)


@given(numbers, st.integers(3, 400), st.integers(1, 40))
def test_whoever_is_scanned_or_leaves_clicks_nothing_and_nobody_clicks_a_link_twice(
    seed: int, readers: int, places: int
) -> None:
    plan = script(Random(seed), range(readers), [Place(number, is_title=False) for number in range(places)])
    assert plan.scanned != plan.leaver
    assert plan.clickers.isdisjoint({plan.scanned, plan.leaver})
    assert len(plan.clicks) == len(set(plan.clicks))
    each = Counter(click.reader for click in plan.clicks)
    assert all(count <= 3 for count in each.values())


@given(numbers)
def test_the_same_random_gives_the_same_script_in_any_process(seed: int) -> None:
    assert script(Random(seed), range(50), PLACES) == script(Random(seed), range(50), PLACES)


@given(numbers)
def test_every_readers_first_click_comes_before_anybodys_second(seed: int) -> None:
    plan = script(Random(seed), range(100), PLACES)
    nth: Counter[int] = Counter()
    turns = []
    for click in plan.clicks:
        turns.append(nth[click.reader])
        nth[click.reader] += 1
    assert turns == sorted(turns)


def test_about_a_third_click_and_they_lean_towards_the_top_and_to_titles() -> None:
    plan = script(Random(1), range(3000), PLACES)
    assert 900 < len(plan.clickers) < 1100
    clicks = Counter(click.link for click in plan.clicks)
    assert sum(clicks[number] for number in range(1, 11)) > 2 * sum(clicks[number] for number in range(21, 31))
    titles = sum(count for number, count in clicks.items() if number % 2)
    assert titles > 1.5 * (clicks.total() - titles)


def test_nobody_leaves_where_nobody_is_to() -> None:
    assert script(Random(1), range(9), PLACES, has_leaver=False).leaver is None


def test_a_click_is_of_one_reader_and_one_link() -> None:
    assert Click(1, 2) != Click(2, 1)
