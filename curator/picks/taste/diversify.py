"""An order in which neighbours differ: each place goes to the best that is not too like those above it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entrant:
    """What is put in order. `traits` is what likeness is judged by: words of the title, as a rule.

    "" for feed, domain or story is none, and none is never full.
    """

    key: str
    score: float
    feed: str = ""
    domain: str = ""
    story: str = ""
    traits: frozenset[Hashable] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Caps:
    """How many of one feed, domain and story an order may hold."""

    feed: int = 3
    domain: int = 3
    story: int = 1


def diversified(
    entrants: Iterable[Entrant], *, slots: int, caps: Caps | None = None, trade: float = 0.7, pool: int = 200
) -> list[Entrant]:
    """Returns up to `slots` entrants by maximal marginal relevance (Carbonell and Goldstein 1998), the caps held.

    `trade` is the share of the score against being unlike those above: 1 is by score alone. Scores are spread from 0 to
    1 by their rank among the best `pool` that the caps let in, so that only their order counts. Entrants in any order
    give the same answer; of several with one key the best scored counts.
    """
    left = _best(entrants, caps or Caps(), pool=max(pool, slots), slots=slots)
    worth = {each.key: 1.0 - place / max(len(left), 1) for place, each in enumerate(left)}
    nearest = dict.fromkeys(worth, 0.0)
    chosen: list[Entrant] = []
    count: Counter[tuple[str, str]] = Counter()
    while left and len(chosen) < slots:
        best = max(left, key=lambda each: (trade * worth[each.key] - (1 - trade) * nearest[each.key], worth[each.key]))
        chosen.append(best)
        count.update(_places(best))
        left = [each for each in left if each is not best and _has_room(each, count, caps or Caps())]
        for each in left:
            nearest[each.key] = max(nearest[each.key], likeness(best.traits, each.traits))
    return chosen


def likeness(one: frozenset[Hashable], other: frozenset[Hashable]) -> float:
    """Returns how much of the two is common, from 0 to 1 (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _best(entrants: Iterable[Entrant], caps: Caps, *, pool: int, slots: int) -> list[Entrant]:
    """Returns the best, the best first. One story in ten thousand copies takes no more room here than it may later."""
    kept: list[Entrant] = []
    keys: set[str] = set()
    count: Counter[tuple[str, str]] = Counter()
    for each in sorted(entrants, key=_order):
        if each.key not in keys and count[("story", each.story)] < caps.story:
            # A feed may have more in the running than it can place: the caps choose among them later.
            if any(count[place] >= 4 * max(slots, _cap(place, caps)) for place in _places(each)):
                continue
            keys.add(each.key)
            kept.append(each)
            count.update(_places(each))
    return kept[:pool]


def _order(entrant: Entrant) -> tuple[float, str, str, str, str]:
    return -entrant.score, entrant.key, entrant.feed, entrant.domain, entrant.story


def _places(entrant: Entrant) -> Sequence[tuple[str, str]]:
    places = (("feed", entrant.feed), ("domain", entrant.domain), ("story", entrant.story))
    return [place for place in places if place[1]]


def _cap(place: tuple[str, str], caps: Caps) -> int:
    return {"feed": caps.feed, "domain": caps.domain, "story": caps.story}[place[0]]


def _has_room(entrant: Entrant, count: Counter[tuple[str, str]], caps: Caps) -> bool:
    return all(count[place] < _cap(place, caps) for place in _places(entrant))
