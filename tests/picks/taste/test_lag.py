"""How long a newsletter takes from first sight to print."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.picks.taste.lag import Lag, lag
from tests.picks.taste.invented import NOW


def lag_of(*days: float) -> Lag:
    return lag((NOW, NOW + timedelta(days=each)) for each in days)


def test_a_newsletter_has_its_own_median() -> None:
    assert lag_of(*[60.0] * 90).median == timedelta(days=60)
    assert lag_of(*[2.0] * 90).median == timedelta(days=2)


def test_without_prints_the_usual_lag_of_a_weekly_counts() -> None:
    assert lag_of().median == timedelta(days=7)
    assert lag_of().prints == 0


def test_what_was_printed_before_it_was_seen_says_nothing() -> None:
    assert lag_of(-3.0, -100.0) == lag_of()


def test_a_slow_newsletter_keeps_things_up_that_a_fast_one_lets_sink() -> None:
    slow, fast = lag_of(*[60.0] * 50), lag_of(*[2.0] * 50)
    assert slow.freshness(timedelta(days=20)) > 0.8
    assert fast.freshness(timedelta(days=20)) < 0.2


@given(st.lists(st.floats(-10, 1000), max_size=40), st.lists(st.floats(-5, 2000), min_size=2, max_size=2))
def test_freshness_falls_with_age_and_stays_between_none_and_one(days: list[float], ages: list[float]) -> None:
    found = lag_of(*days)
    younger, older = (found.freshness(timedelta(days=age)) for age in sorted(ages))
    assert 0 < older <= younger <= 1
    assert found == lag_of(*days[::-1])
