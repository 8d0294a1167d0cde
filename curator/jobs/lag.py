"""How late a clock's ticks begin: the time between two beginnings of one tick, less its interval."""

import threading
import time
from collections.abc import Callable


class Lags:
    """Notes when ticks begin; many threads may. `monotonic` tells seconds that only go on."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._worst_s = 0.0

    def begin(self, tick: str, *, every_s: float) -> None:
        """Notes that a tick begins."""
        with self._lock:
            at = self._monotonic()
            before = self._began.get(tick)
            self._began[tick] = at
            if before is not None:
                self._worst_s = max(self._worst_s, at - before - every_s)

    def worst_s(self) -> float:
        """Returns by how many seconds the latest was late since this was last asked."""
        with self._lock:
            worst, self._worst_s = self._worst_s, 0.0
        return worst
