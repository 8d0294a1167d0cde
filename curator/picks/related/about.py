"""What an item is about: its terms with how much it tells of each, and when. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from curator.picks.related.terms import Occurrence, is_pair, occurrences
from curator.picks.related.values import About, Part, Told

MOST_TERMS = 160
"""Terms of an item that are kept: an article has 60, an hour of talk thousands, of which the rarest say what it was."""

# Said three times or more a word is a topic of a conversation, once or twice it came up.
_FEWEST_SPOKEN = 3
_MOST_PLACES = 12


@dataclass(frozen=True)
class Rarity:
    """In how many of all items each term is."""

    items: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, term: str) -> float:
        """Returns the smoothed inverse document frequency, which is never 0: log((2 + N) / (1 + n))."""
        return math.log((2 + self.items) / (1 + self.counts.get(term, 0)))


@dataclass
class _Counted:
    """A term while a text is read."""

    weight: float = 0.0
    spoken: int = 0
    shown: str = ""
    at_s: list[float] = field(default_factory=list)


def about(parts: Iterable[Part], rarity: Rarity) -> dict[str, Told]:
    """Returns the terms of an item, at most `MOST_TERMS`: those that are both told of often and rare elsewhere."""
    counted: dict[str, _Counted] = {}
    for part in parts:
        for found in occurrences(part.text):
            _count(counted.setdefault(found.term, _Counted()), found, part)
    told = {term: _told(one) for term, one in counted.items() if not _is_in_passing(one, term)}
    best = sorted(told, key=lambda term: (-told[term].weight * rarity.of(term), term))
    return {term: told[term] for term in best[:MOST_TERMS]}


def weights(about: About, rarity: Rarity) -> dict[str, float]:
    """Returns an item's terms as a vector of length 1 (TF-IDF with a logarithmic TF)."""
    raw = {term: told.weight * rarity.of(term) for term, told in about.items()}
    length = math.sqrt(sum(weight * weight for weight in raw.values()))
    return {term: weight / length for term, weight in raw.items()} if length else {}


def _count(one: _Counted, found: Occurrence, part: Part) -> None:
    one.weight += part.weight
    one.spoken += part.is_spoken
    if not one.shown or _capitals(found.shown) < _capitals(one.shown):
        one.shown = found.shown
    if part.start_s is not None:
        one.at_s.append(_second(part, found.at))


def _is_in_passing(one: _Counted, term: str) -> bool:
    """What is only said, and seldom; a pair of words is no chance when it comes twice."""
    is_only_spoken = 0 < one.spoken * _SPOKEN >= one.weight - 1e-9
    return is_only_spoken and one.spoken < (_FEWEST_SPOKEN - is_pair(term))


_SPOKEN = 0.25
"""What a spoken word counts beside one that somebody wrote: an hour has ten thousand of them."""


def spoken(text: str, *, start_s: float | None, end_s: float | None) -> Part:
    """Returns what somebody says in a conversation as a part."""
    return Part(text, _SPOKEN, start_s, end_s, is_spoken=True)


def _told(one: _Counted) -> Told:
    return Told(round(math.log1p(one.weight), 3), one.shown, tuple(_spread(sorted(one.at_s))))


def _second(part: Part, at: int) -> float:
    """A speaker may go on for minutes: words are taken to come evenly."""
    start = part.start_s or 0.0
    if part.end_s is None or part.end_s <= start:
        return round(start, 1)
    return round(start + (part.end_s - start) * at / max(len(part.text), 1), 1)


def _spread(seconds: list[float]) -> list[float]:
    """Returns at most `_MOST_PLACES` of them, from the first to the last."""
    if len(seconds) <= _MOST_PLACES:
        return seconds
    step = (len(seconds) - 1) / (_MOST_PLACES - 1)
    return [seconds[round(place * step)] for place in range(_MOST_PLACES)]


def _capitals(shown: str) -> int:
    return sum(sign.isupper() for sign in shown)
