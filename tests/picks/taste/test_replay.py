"""The walk through the past is honest about time."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from curator.errors import InvalidError
from curator.picks.taste.replay import Backtest, Printed, Rules, replay
from curator.picks.taste.values import Facts
from tests.picks.taste.invented import FIRST_MONDAY, facts, pool, printed

RULES = Rules(horizon=timedelta(days=14), warm_up=timedelta(weeks=4))


def walked(items: list[Facts], ran: list[Printed], **rules: object) -> Backtest:
    return replay(items, ran, rules=replace(RULES, **rules), dice=random.Random(1))  # type: ignore[arg-type]


def test_the_model_finds_what_the_editor_likes_and_chance_does_not() -> None:
    found = walked(list(pool(weeks=10)), printed(weeks=10))
    assert (found.weeks, found.untaught, found.items_a_week, found.picks_a_week) == (6, 0, 60, 3)
    assert found.figures["model"].recall_at_20 == 1.0
    assert found.figures["model"].ndcg_at_20 > 0.9
    assert found.figures["random"].ndcg_at_20 < 0.6
    assert found.won["newest"] == 6
    assert set(found.figures) == {"model", "random", "newest", "points"}


def test_a_walk_is_the_same_every_time() -> None:
    items, ran = list(pool(weeks=6)), printed(weeks=6)
    assert walked(items, ran) == walked(items, ran[::-1])


def test_labels_of_later_teach_nothing() -> None:
    """Picks that run only after the last Monday leave every earlier model without anything to learn from."""
    items = list(pool(weeks=6))
    late = [replace(each, at=FIRST_MONDAY + timedelta(weeks=6)) for each in printed(weeks=6)]
    found = walked(items, late, horizon=timedelta(days=60))
    assert found.untaught == found.weeks == 2
    assert found.figures["model"] == found.figures["newest"]


def test_an_item_never_competes_with_itself() -> None:
    """What ran before, or came up before, is not offered again, so nothing is scored that was learned from."""
    items, ran = list(pool(weeks=6)), printed(weeks=6)
    again = [
        replace(each.facts, first_seen_at=FIRST_MONDAY + timedelta(weeks=5, days=6, hours=23, minutes=number))
        for number, each in enumerate(ran[:9])
    ]
    assert walked(items + again, ran) == walked(items, ran)


def test_what_ran_before_it_came_up_counts_only_with_grace() -> None:
    items, ran = list(pool(weeks=6)), printed(weeks=6)
    early = [replace(each, at=each.at - timedelta(days=3)) for each in ran]
    with_grace = walked(items, early, grace=timedelta(days=3))
    assert with_grace.picks_a_week > 0
    with pytest.raises(InvalidError, match="no week"):
        walked(items, early)


def test_points_are_seen_only_where_asked() -> None:
    items, ran = list(pool(weeks=6)), printed(weeks=6)
    hits = {each.facts.key for each in ran}
    telling = [
        replace(each, title=f"Thing {number}", url=None, feed="", points=500 if each.key in hits else 0)
        for number, each in enumerate(items)
    ]
    plain = [replace(each, facts=replace(each.facts, title="Thing", url=None, feed="")) for each in ran]
    seen = walked(telling, plain, uses_points=True).figures["model"].ndcg_at_20
    assert seen > walked(telling, plain).figures["model"].ndcg_at_20
    assert walked(telling, plain).figures["points"].ndcg_at_20 == 1.0


@pytest.mark.parametrize(
    ("items", "word"),
    [
        ([], "no week"),
        ([facts("No day")], "has no day"),
        (list(pool(weeks=3))[::-1], "back in time"),
    ],
)
def test_a_pool_that_cannot_be_walked_is_refused(items: list[Facts], word: str) -> None:
    with pytest.raises(InvalidError, match=word):
        walked(items, [])
