"""Decides whether a mailing leaves in waves, and who is in which: 1 %, 10 %, the rest; recently engaged first. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

SMALLEST_AUDIENCE = 1_000
"""Below it the first wave has fewer than ten readers: too few to tell anything by, and all is gone in a minute."""

_PER_MILLE = (10, 100)
"""How many of a thousand readers are in each wave but the last."""

SCATTERED_IN = 1_000
SCATTER = 617
"""Where too few ever engaged, a wave is filled up by id * 617 % 1000: as good as drawn, and the same after a kill.

617 shares no divisor with 1000, so that every thousand ids in a row give each number once.
"""


@dataclass(frozen=True)
class Mark:
    """The last of those who come first: whoever engaged later, or in the same moment with at least this id."""

    at: datetime
    id: int


@dataclass(frozen=True)
class WavePlan:
    """Who is in each wave but the last: up to a mark (None: everybody who ever engaged), and a share of the others.

    A share is of a thousand and takes those in earlier waves in.
    """

    marks: tuple[Mark | None, ...]
    shares: tuple[int, ...]

    @property
    def waves(self) -> tuple[int, ...]:
        """The numbers of all waves; the first is 1."""
        return tuple(range(1, len(self.marks) + 2))


def has_waves(readers: int, *, wave_minutes: int, is_test: bool) -> bool:
    """Tells whether a mailing to so many readers leaves in waves."""
    return wave_minutes > 0 and readers >= SMALLEST_AUDIENCE and not is_test


def plan(readers: int, *, ever_engaged: int, mark: Callable[[int], Mark | None]) -> WavePlan:
    """Returns who is in which wave. `mark` says where the n most recently engaged end, None when there are fewer."""
    ends = [-(-readers * sum(_PER_MILLE[: place + 1]) // 1000) for place in range(len(_PER_MILLE))]
    marks = tuple(mark(end) if end <= ever_engaged else None for end in ends)
    others = max(readers - ever_engaged, 1)
    shares = (-(-SCATTERED_IN * max(end - ever_engaged, 0) // others) for end in ends)
    return WavePlan(marks, tuple(min(share, SCATTERED_IN) for share in shares))
