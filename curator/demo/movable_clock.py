"""A clock that can be moved ahead, so that a run waits without waiting."""

from datetime import datetime, timedelta

from curator.clock import Clock


class MovableClock:
    """The real clock, moved ahead by what it was told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Returns the moment that it is taken to be."""
        return self._clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves on."""
        self._ahead += by
