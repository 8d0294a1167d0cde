"""Which of the items that were set aside come back, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from curator.picks.resurface.choose import choose
from curator.picks.resurface.values import ComesBack, News, SetAside, Shipped

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def aside(
    item_id: int, title: str = "Tides", *, came: float = 30, at: float = 20, is_put_off: bool = False
) -> SetAside:
    """An item that came 30 days ago and was passed over 20 days ago."""
    return SetAside(item_id, title, 1, NOW - timedelta(days=came), NOW - timedelta(days=at), is_put_off=is_put_off)


def chosen(*given: SetAside, most: int = 9, **news: object) -> list[ComesBack]:
    return choose(given, News(**news), now=NOW, most=most)  # type: ignore[arg-type]  # the test's own news


def test_without_news_nothing_comes_back() -> None:
    assert chosen(aside(1), aside(2, is_put_off=True)) == []


def test_an_own_episode_that_came_later_brings_it_back() -> None:
    new = Shipped("The sea in a model", NOW - timedelta(days=1), 0.4)
    assert chosen(aside(1), shipped={1: new}) == [ComesBack(1, "your new episode is about it: The sea in a model")]
    assert chosen(aside(1, at=0.5), shipped={1: new}) == [], "it was passed over knowing the episode"


def test_a_rising_topic_brings_back_what_was_passed_over_before_it_rose() -> None:
    rising = ("vector databases", "tides")
    told = chosen(aside(1, "Of TIDES and models"), aside(2, "Tidesmen"), aside(3, "Tides", at=3), rising=rising)
    assert told == [ComesBack(1, "rising topic: tides")]


@pytest.mark.parametrize(("lag", "comes_back"), [(28, True), (31, False), (22, False), (15, False), (3, False)])
def test_the_newsletters_own_lag_brings_it_back_once_it_is_over(lag: int, comes_back: bool) -> None:
    # It came 30 days ago and was passed over 20 days ago.
    assert bool(chosen(aside(1), lag=timedelta(days=lag))) is comes_back


def test_episodes_come_before_topics_and_topics_before_the_lag_and_never_more_than_there_is_room_for() -> None:
    given = [
        aside(1, "Waves", came=29),
        aside(2, "Waves", came=29, is_put_off=True),
        aside(3, "Tides"),
        aside(4, "Sand"),
        aside(5, "Sand"),
    ]
    news = {
        "lag": timedelta(days=28),
        "rising": ("tides",),
        "shipped": {4: Shipped("Dunes", NOW, 0.2), 5: Shipped("Dunes", NOW, 0.6)},
    }
    assert [each.item_id for each in chosen(*given, **news)] == [5, 4, 3, 2, 1]
    assert [each.item_id for each in chosen(*given, **news, most=2)] == [5, 4]
    assert chosen(*given, **news, most=0) == []
    assert chosen(*reversed(given), **news) == chosen(*given, **news)
