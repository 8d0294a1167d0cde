"""A share of the places for items that the model would not show, so that it can find out where it errs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

SHARE = 0.1


class Dice(Protocol):
    """The part of `random.Random` that is needed; the caller makes it, seeded."""

    def randrange(self, stop: int, /) -> int:
        """Returns a whole number from 0 to below `stop`."""
        ...


@dataclass(frozen=True)
class Slot(Generic[T]):
    """A place of the order. `propensity` is the chance that this thing had to be shown: what its clicks and passes are
    divided by when they are learned from.
    """

    shown: T
    is_exploring: bool
    propensity: float


def explored(ranked: Sequence[T], *, slots: int, dice: Dice, share: float = SHARE) -> list[Slot[T]]:
    """Returns the first `slots` of an order with a tenth of the places, at least one of ten, given to others.

    The exploring places are spread evenly, never the first, and filled from the rest of the order with an equal chance
    for each. What is too short to leave anything out is shown whole and as it stands.
    """
    slots = min(slots, len(ranked))
    many = min(math.floor(slots * share + 1e-9), len(ranked) - slots)
    kept, others = list(ranked[: slots - many]), list(ranked[slots - many :])
    chosen = [others.pop(dice.randrange(len(others))) for _ in range(many)]
    chance = many / (len(ranked) - (slots - many)) if many else 0.0
    return list(_woven(kept, chosen, chance))


def _woven(kept: Sequence[T], chosen: Sequence[T], chance: float) -> Iterator[Slot[T]]:
    total = len(kept) + len(chosen)
    # The last place of each of so many equal stretches.
    exploring = {total * (number + 1) // len(chosen) - 1 for number in range(len(chosen))}
    ours, others = iter(kept), iter(chosen)
    for place in range(total):
        if place in exploring:
            yield Slot(next(others), is_exploring=True, propensity=chance)
        else:
            yield Slot(next(ours), is_exploring=False, propensity=1.0)
