"""An item's words weighed by how rare they are (TF-IDF), as vectors of length one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

from curator.picks.stories.values import Telling
from curator.picks.trends.terms import content_words

Vector = Mapping[str, float]

# A text helps where titles are short, but feeds cut it at will: its words count less than the title's.
TEXT_WEIGHT = 0.3
TEXT_CHARS = 200
# Two words in a row that both titles have say more than the same words apart.
PAIR_WEIGHT = 0.5


@dataclass(frozen=True)
class Rarity:
    """In how many of so many items each word stands."""

    items_with: Mapping[str, int]
    of_items: int

    def of(self, word: str) -> float:
        """Returns the weight of a word: the rarer the heavier, and never 0."""
        return log(1 + self.of_items / (1 + self.items_with.get(word, 0)))


def rarity(tellings: Iterable[Telling]) -> Rarity:
    """Returns how rare words are in these items; a few hundred of the last days make a good measure."""
    counted: Counter[str] = Counter()
    number = 0
    for telling in tellings:
        counted.update(_weights(telling).keys())
        number += 1
    return Rarity(counted, number)


def vector(telling: Telling, rare: Rarity) -> Vector:
    """Returns an item's vector, empty when it says nothing."""
    weighed = {word: weight * rare.of(word) for word, weight in _weights(telling).items()}
    length = sqrt(sum(weight * weight for weight in weighed.values()))
    return {word: weight / length for word, weight in weighed.items()}


def _weights(telling: Telling) -> dict[str, float]:
    weights = dict.fromkeys(content_words(telling.text[:TEXT_CHARS]), TEXT_WEIGHT)
    title = content_words(telling.title)
    weights.update(dict.fromkeys(map(" ".join, pairwise(title)), PAIR_WEIGHT))
    weights.update(dict.fromkeys(title, 1.0))
    return weights
