"""How long a newsletter takes from first sight to print, and what an item of some age is worth to it therefore."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# With few prints the usual lag of weeklies counts as so many prints more.
_PRIOR_PRINTS = 10
_PRIOR_DAYS = 7.0
# What ran later than a year after it came up was found again, not waited for.
_LONGEST_DAYS = 365.0


@dataclass(frozen=True)
class Lag:
    """The lags of a newsletter in days, the shortest first, the prior's among them; `prints` is how many it printed."""

    days: tuple[float, ...]
    prints: int

    @property
    def median(self) -> timedelta:
        """The usual time from first sight to print."""
        return timedelta(days=_quantile(self.days, 0.5))

    def freshness(self, age: timedelta) -> float:
        """Returns how likely an item of this age is still to come, from 1 for a new one down to nearly 0.

        The share of prints that took longer. A newsletter that runs things after months keeps them up for months; one
        that runs them within days lets them sink within days.
        """
        days = max(age / timedelta(days=1), 0.0)
        longer = sum(each > days for each in self.days)
        return (longer + 0.5 / (1.0 + days)) / (len(self.days) + 0.5)


def lag(pairs: Iterable[tuple[datetime, datetime]]) -> Lag:
    """Returns the lag of a newsletter from pairs of first sight and print; what was printed before it was seen says
    nothing.
    """
    days = [(printed - seen) / timedelta(days=1) for seen, printed in pairs]
    told = [min(each, _LONGEST_DAYS) for each in days if each >= 0]
    # The prior spreads evenly from no time to two weeks, around its median of one.
    prior = [_PRIOR_DAYS * 2 * (number + 0.5) / _PRIOR_PRINTS for number in range(_PRIOR_PRINTS)]
    return Lag(days=tuple(sorted(told + prior)), prints=len(told))


def _quantile(ordered: tuple[float, ...], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
