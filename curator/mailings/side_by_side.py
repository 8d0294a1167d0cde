"""Runs the same work several times side by side; a crash in one ends the others first and is raised after."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

T = TypeVar("T")
Until = Callable[[], bool]


def side_by_side(work: Callable[[int, Until], T], *, count: int, until: Until) -> list[T]:
    """Runs `work(number, until)` for each number from 1 to `count`, in threads, and returns what each returned.

    The `until` that it is given is also true once another one raised: work that looks at it ends soon. What was raised
    first by number is raised when all have ended.
    """
    if count == 1:
        return [work(1, until)]
    has_crashed = Event()

    def guarded(number: int) -> T:
        try:
            return work(number, lambda: has_crashed.is_set() or until())
        except BaseException:
            has_crashed.set()
            raise

    with ThreadPoolExecutor(count) as threads:
        running = [threads.submit(guarded, number) for number in range(1, count + 1)]
        try:
            return [each.result() for each in running]
        except BaseException:
            # Also Ctrl-C here: the threads are waited for at the end of the block.
            has_crashed.set()
            raise
