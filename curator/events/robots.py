"""Which hits are a machine's: scanners open links to look at what is behind them. Pure.

Decided for all hits of one reader in one mailing together, from what they are and not from the order in which they
came: a record that arrives late changes the same flags that it would have changed in time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from curator.events.values import Hit
from curator.issues.slots import CANARY

# Whoever follows the link that no person sees follows the others within minutes.
CANARY_REACH = timedelta(minutes=10)
# No hand opens five different links in ten seconds; a scanner opens all of them at once.
BURST_LINKS = 5
BURST = timedelta(seconds=10)


def robots(hits: Sequence[Hit]) -> list[bool]:
    """Returns for each hit of one reader in one mailing whether it is a machine's."""
    by_agent: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_agent[hit.agent].append(hit)
    caught = {hit for each in by_agent.values() for hit in (*_near_canary(each), *_bursts(each))}
    return [hit.is_head or hit in caught for hit in hits]


def _near_canary(hits: Iterable[Hit]) -> list[Hit]:
    met = [hit.at for hit in hits if hit.link == CANARY.number]
    return [hit for hit in hits if any(abs(hit.at - at) <= CANARY_REACH for at in met)]


def _bursts(hits: Iterable[Hit]) -> list[Hit]:
    """Returns the hits of every ten seconds in which enough different links were opened."""
    ordered = sorted(hits, key=lambda hit: hit.at)
    links: Counter[int] = Counter()
    caught: list[Hit] = []
    first = judged = 0
    for last, hit in enumerate(ordered):
        links[hit.link] += 1
        while hit.at - ordered[first].at > BURST:
            links[ordered[first].link] -= 1
            first += 1
        if len(+links) >= BURST_LINKS:
            caught += ordered[max(first, judged) : last + 1]
            judged = last + 1
    return caught
