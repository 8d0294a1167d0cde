"""Work side by side: all of it, and a crash in one ends the others before it is raised."""

from collections.abc import Callable
from threading import Barrier, get_ident

import pytest

from curator.mailings.side_by_side import side_by_side


def never() -> bool:
    return False


def test_what_each_returns_comes_back_in_order_and_all_run_at_once() -> None:
    meeting = Barrier(3)

    def work(number: int, _until: Callable[[], bool]) -> int:
        meeting.wait(10)
        return number * 10

    assert side_by_side(work, count=3, until=never) == [10, 20, 30]


def test_one_alone_stays_in_the_thread_that_asked() -> None:
    assert side_by_side(lambda _number, _until: get_ident(), count=1, until=never) == [get_ident()]


def test_the_time_that_is_over_is_over_for_all() -> None:
    assert side_by_side(lambda _number, until: until(), count=3, until=lambda: True) == [True, True, True]


def test_a_crash_in_one_ends_the_others_and_is_raised_after_them() -> None:
    ended = []
    meeting = Barrier(3)

    def work(number: int, until: Callable[[], bool]) -> None:
        meeting.wait(10)
        if number == 2:
            raise ZeroDivisionError
        while not until():
            pass
        ended.append(number)

    with pytest.raises(ZeroDivisionError):
        side_by_side(work, count=3, until=never)
    assert sorted(ended) == [1, 3]
