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
# A person who reads down the page opens a tab every two seconds or so. Nobody opens five different ones in three
# seconds, and nobody wants most of a mail in ten; a scanner opens all of it at once.
BURST_LINKS = 5
BURST = timedelta(seconds=3)
SWEEP = timedelta(seconds=10)
_SWEEP_PERCENT = 70


def robots(hits: Sequence[Hit], *, mail_links: int = 0) -> list[bool]:
    """Returns for each hit of one reader in one mailing whether it is a machine's.

    `mail_links` is how many links the mail has; 0, where that is not known, finds no sweep.
    """
    swept = sweep_links(mail_links)
    by_agent: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_agent[hit.agent].append(hit)
    caught = {hit for each in by_agent.values() for hit in _caught(each, swept)}
    return [hit.is_head or hit in caught for hit in hits]


def sweep_links(mail_links: int) -> int | None:
    """Returns how many different links of such a mail are most of it, and never fewer than a burst's."""
    return max(BURST_LINKS, -(-mail_links * _SWEEP_PERCENT // 100)) if mail_links else None


def _caught(hits: Sequence[Hit], swept: int | None) -> list[Hit]:
    caught = [*_near_canary(hits), *_bursts(hits, within=BURST, at_least=BURST_LINKS)]
    return caught if swept is None else caught + _bursts(hits, within=SWEEP, at_least=swept)


def _near_canary(hits: Iterable[Hit]) -> list[Hit]:
    met = [hit.at for hit in hits if hit.link == CANARY.number]
    return [hit for hit in hits if any(abs(hit.at - at) <= CANARY_REACH for at in met)]


def _bursts(hits: Iterable[Hit], *, within: timedelta, at_least: int) -> list[Hit]:
    """Returns the hits of every such span of time in which enough different links were opened."""
    ordered = sorted(hits, key=lambda hit: hit.at)
    links: Counter[int] = Counter()
    caught: list[Hit] = []
    first = judged = 0
    for last, hit in enumerate(ordered):
        links[hit.link] += 1
        while hit.at - ordered[first].at > within:
            links[ordered[first].link] -= 1
            first += 1
        if len(+links) >= at_least:
            caught += ordered[max(first, judged) : last + 1]
            judged = last + 1
    return caught
