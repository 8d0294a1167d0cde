"""What happens beside a fetch: its time runs out, a name is looked up. Threads are kept: to start one costs 90 µs."""

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

Act = Callable[[], None]


class Alarm:
    """One thread that does things at their moments."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._entries: list[tuple[float, int, list[Act]]] = []
        self._thread: threading.Thread | None = None

    def at(self, moment: float, act: Act) -> Callable[[], None]:
        """Has `act` done at a moment of the monotonic clock; returns what takes that back."""
        acts = [act]
        with self._changed:
            is_next = not self._entries or moment < self._entries[0][0]
            heapq.heappush(self._entries, (moment, next(self._numbers), acts))
            if self._thread is None or not self._thread.is_alive():  # the first time, and after a fork
                self._thread = threading.Thread(target=self._run, daemon=True, name="curator-alarm")
                self._thread.start()
            elif is_next:
                self._changed.notify()
        return acts.clear

    def _run(self) -> None:
        while True:
            for act in self._next():
                act()

    def _next(self) -> list[Act]:
        with self._changed:
            while True:
                wait_s = self._entries[0][0] - time.monotonic() if self._entries else None
                if wait_s is not None and (wait_s <= 0 or not self._entries[0][2]):
                    return heapq.heappop(self._entries)[2]
                self._changed.wait(wait_s)


class Helpers:
    """Threads that do one thing after the other for whoever asks; who waits too long leaves one behind."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[Act]] = []
        os.register_at_fork(after_in_child=self._idle.clear)

    def start(self, act: Act) -> threading.Event:
        """Starts `act` in a thread; the event is set when it is done."""
        done = threading.Event()

        def acted() -> None:
            try:
                act()
            finally:
                done.set()

        try:
            self._idle.pop().put(acted)
        except IndexError:
            acts: SimpleQueue[Act] = SimpleQueue()
            acts.put(acted)
            threading.Thread(target=self._run, args=(acts,), daemon=True, name="curator-helper").start()
        return done

    def _run(self, acts: "SimpleQueue[Act]") -> None:
        while True:
            acts.get()()
            self._idle.append(acts)


ALARM = Alarm()
HELPERS = Helpers()
