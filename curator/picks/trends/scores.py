"""How strongly a term rises: one figure from its counts now and in the past."""

from math import log, sqrt

from curator.picks.trends.values import Counts


def score(counts: Counts) -> float:
    """Returns how strongly a term rises: its weight by the surprise at it; 0 and below is not rising.

    The weight is the geometric mean of items and feeds, so that one busy feed cannot carry a term. The surprise is the
    logarithm of what came over what the past let expect.
    """
    return sqrt(counts.items * counts.feeds) * log(counts.items / expected(counts))


def expected(counts: Counts) -> float:
    """Returns how many items of the window the past lets expect; a term never told before counts as told once."""
    return (counts.past_items + 1) * counts.of_items / max(counts.past_of_items, 1)
