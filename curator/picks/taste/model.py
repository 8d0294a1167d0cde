"""The taste itself: what terms and figures weigh, and the scores and contributions that follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from curator.picks.taste.features import FIGURES, Floats, counted, figures
from curator.picks.taste.likes import Likes
from curator.picks.taste.records import Records
from curator.picks.taste.values import Facts


@dataclass(frozen=True)
class Contribution:
    """What a term or figure adds to an item's score; `column` is the term's, and None for a figure of FIGURES.

    A figure may be called like a word: "points".
    """

    name: str
    weight: float
    column: int | None


@dataclass(frozen=True, eq=False)
class Taste:
    """What was learned. `terms` are sorted; `idf` and `coef` are theirs; `beside` are the weights of FIGURES.

    `centre` is the usual size of what is counted. `positives` and `negatives` tell how many items of either kind it was
    learned from.
    """

    terms: tuple[str, ...]
    idf: Floats
    coef: Floats
    beside: Floats
    centre: Floats
    intercept: float
    records: Records
    likes: Likes
    fitted_at: datetime
    positives: int
    negatives: int

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each term."""
        return {term: column for column, term in enumerate(self.terms)}

    def score(self, facts: Sequence[Facts]) -> Floats:
        """Returns the score of each item: the log of the odds that it is one to pick.

        The record of an item's site leaves out what was decided about the item itself. Its words cannot: whoever
        measures leaves out items that the model has learned from.
        """
        counts = counted(facts, self.columns)
        parts = counts.weighed(self.idf) * self.coef[counts.columns]
        words = np.bincount(counts.rows, weights=parts, minlength=len(facts))
        return np.asarray(words + self._figures(facts) @ self.beside + self.intercept)

    def contributions(self, facts: Facts) -> list[Contribution]:
        """Returns everything that makes up an item's score beside `intercept`, the largest first."""
        counts = counted([facts], self.columns)
        parts = counts.weighed(self.idf) * self.coef[counts.columns]
        found = [
            Contribution(self.terms[at], float(part), int(at)) for at, part in zip(counts.columns, parts, strict=True)
        ]
        beside = self._figures([facts])[0] * self.beside
        found += [Contribution(name, float(part), None) for name, part in zip(FIGURES, beside, strict=True)]
        return sorted(found, key=lambda each: (-each.weight, each.name, each.column is None))

    def _figures(self, facts: Sequence[Facts]) -> Floats:
        return figures(facts, *self.records.lift(facts), self.centre)
