"""How good an order is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.taste.measure import ndcg_at, precision_at, recall_at

ORDER = [True, False, True, False, False, True]


def test_measures_of_a_small_order() -> None:
    assert recall_at(ORDER, 3) == pytest.approx(2 / 3)
    assert precision_at(ORDER, 3) == pytest.approx(2 / 3)
    assert precision_at(ORDER, 10) == pytest.approx(0.3)
    assert ndcg_at(ORDER, 3) == pytest.approx((1 + 0.5) / (1 + 0.6309298 + 0.5))


def test_nothing_to_find_is_nothing_found() -> None:
    assert recall_at([False], 5) == ndcg_at([], 5) == precision_at([], 5) == 0.0


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 30))
def test_the_best_order_has_all_and_no_order_has_more(hits: list[bool], k: int) -> None:
    best = sorted(hits, reverse=True)
    for measure in (recall_at, precision_at, ndcg_at):
        assert 0 <= measure(hits, k) <= measure(best, k) <= 1
    if any(hits):
        assert ndcg_at(best, k) == pytest.approx(1.0)
