"""How good an order is: recall, precision, and gain that counts less the further down a hit stands."""

from collections.abc import Sequence
from math import log2


def recall_at(hits: Sequence[bool], k: int) -> float:
    """Returns the share of all hits that stand among the first `k`; 0 when there are none."""
    total = sum(hits)
    return sum(hits[:k]) / total if total else 0.0


def precision_at(hits: Sequence[bool], k: int) -> float:
    """Returns the share of hits among the first `k` places, of which there are `k` however short the order is."""
    return sum(hits[:k]) / k


def ndcg_at(hits: Sequence[bool], k: int) -> float:
    """Returns the discounted gain of the first `k` over that of the best order (Järvelin and Kekäläinen 2002)."""
    gain = sum(1 / log2(place + 2) for place, hit in enumerate(hits[:k]) if hit)
    best = sum(1 / log2(place + 2) for place in range(min(k, sum(hits))))
    return gain / best if best else 0.0
