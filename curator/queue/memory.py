"""A broker in memory: the tests' twin of the real one, which may be away, and whose hints may be lost or doubled."""

from collections.abc import Callable

from curator.queue.kick import KickError, Lane


class MemoryKicker:
    """Keeps hints until somebody hears them."""

    def __init__(self) -> None:
        self.hints: list[Lane] = []
        self.is_away = False

    def kick(self, lane: Lane, times: int = 1) -> None:
        """Notes the hints; raises KickError while the broker is away."""
        self.check()
        self.hints += [lane] * times

    def check(self) -> None:
        """Raises KickError while the broker is away."""
        if self.is_away:
            raise KickError("The broker is away.")

    def purge(self) -> None:
        """Loses every hint that nobody has heard yet."""
        self.hints.clear()

    def deliver(self, look: Callable[[Lane], None]) -> None:
        """Hands every hint to a worker, oldest first."""
        while self.hints:
            look(self.hints.pop(0))
