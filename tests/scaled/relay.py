"""A relay that takes so many messages a second from everybody together, so that there is time to kill somebody."""

import asyncio

from curator.demo.rehearsal.fates import Fate
from curator.demo.rehearsal.relay import Relay

# Slow enough that a mailing lasts about a minute however many connections bring it.
_EVERY_S = 1 / 55


class SlowRelay(Relay):
    """Refuses a few readers for good and is otherwise kind: here only processes and the broker misbehave."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._free_at = 0.0

    def fate(self, recipient: str) -> Fate | None:
        """Returns what befalls this try, as the seed says: refused or accepted."""
        fate = super().fate(recipient)
        return fate if fate is Fate.REFUSED else None

    def answer(self, transport: asyncio.Transport, answers: bytes) -> None:
        """Answers when everybody before has been answered."""
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + _EVERY_S
        loop.call_at(self._free_at, lambda: None if transport.is_closing() else transport.write(answers))
