"""Calls that may take too long: each in a thread of its own, which is left behind when it is late."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Asking(Generic[T]):
    """One call that has begun. Its thread never keeps the process alive."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._answer: list[T] = []
        self._error: Exception | None = None
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def answer(self, *, within_s: float) -> T | None:
        """Returns what the call returned or raises what it raised; None when it takes longer (from its start)."""
        self._thread.join(max(0.0, self._began + within_s - time.monotonic()))
        if self._error is not None:
            raise self._error
        return self._answer[0] if self._answer else None

    def _run(self) -> None:
        try:
            self._answer.append(self._call())
        except Exception as error:
            self._error = error
