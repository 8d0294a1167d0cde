"""Items as numbers: counts of terms, their weights (TF-IDF), and a few figures beside the words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator.picks.taste.values import Facts
from curator.picks.taste.words import is_repository, terms

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Figures beside the words, in the order of their columns. They are scaled so that the regression, which holds all
# weights down alike, holds them down as it does a word of a short title.
FIGURES = ("lift", "familiar", "repository", "sources", "points", "comments")
_SCALE = np.array([0.3, 0.1, 1.0, 0.3, 0.2, 0.1])


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each term occurs in each item: item `row`'s are `columns[starts[row]:starts[row + 1]]`."""

    starts: Whole
    columns: Whole
    counts: Floats

    @property
    def rows(self) -> Whole:
        """The row of each entry."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def of(self, rows: Sequence[int]) -> "Counts":
        """Returns the counts of these rows only."""
        found = [slice(self.starts[row], self.starts[row + 1]) for row in rows]
        return joined([(self.columns[each], self.counts[each]) for each in found])

    def renumbered(self, new: Whole) -> "Counts":
        """Returns the same under other column numbers; columns whose new number is negative are left out."""
        columns = new[self.columns]
        kept = columns >= 0
        sizes = np.bincount(self.rows[kept], minlength=len(self.starts) - 1)
        return Counts(_starts(sizes), columns[kept], self.counts[kept])

    def weighed(self, idf: Floats) -> Floats:
        """Returns the weight of each entry: (1 + log count) x idf, each item's weights scaled to length 1."""
        weights = (1.0 + np.log(self.counts)) * idf[self.columns]
        lengths = np.sqrt(np.bincount(self.rows, weights=weights**2, minlength=len(self.starts) - 1))
        return np.asarray(weights / np.where(lengths > 0, lengths, 1.0)[self.rows])


class Lexicon:
    """Numbers terms as it meets them, and remembers each item it read: a walk over many weeks reads each item once."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}
        self._read: dict[Facts, tuple[Whole, Floats]] = {}

    def __len__(self) -> int:
        """Tells how many items were read."""
        return len(self._read)

    def counted(self, facts: Sequence[Facts]) -> Counts:
        """Returns the counts of these items."""
        return joined([self._row(each) for each in facts])

    def names(self) -> list[str]:
        """Returns the terms by their column."""
        return list(self._columns)

    def _row(self, facts: Facts) -> tuple[Whole, Floats]:
        known = self._read.get(facts)
        if known is None:
            found = Counter(terms(facts))
            numbers = [self._columns.setdefault(term, len(self._columns)) for term in found]
            known = self._read[facts] = _row(numbers, list(found.values()))
        return known


def counted(facts: Sequence[Facts], columns: Mapping[str, int]) -> Counts:
    """Returns the counts of these items over known terms; other terms count for nothing."""
    rows = []
    for each in facts:
        found = [(columns[term], count) for term, count in Counter(terms(each)).items() if term in columns]
        rows.append(_row([column for column, _ in found], [count for _, count in found]))
    return joined(rows)


def figures(facts: Sequence[Facts], lift: Floats, familiar: Floats, centre: Floats) -> Floats:
    """Returns the figures beside the words, a row an item; `lift` and `familiar` come from the record of its site.

    What is counted counts by how far it is from `centre`, its usual size, and what nobody counted is the usual: else
    back issues, of which no counts are known, would teach that few points are good.
    """
    found = _counted_figures(facts) - centre
    is_repo = np.array([is_repository(each.url) for each in facts], dtype=np.float64)
    beside = np.column_stack([lift, np.log1p(familiar), is_repo, np.where(np.isnan(found), 0.0, found)])
    return np.asarray(beside * _SCALE)


def usual(facts: Sequence[Facts]) -> Floats:
    """Returns the usual size of sources, points and comments among the items of which they are known."""
    found = _counted_figures(facts)
    known = ~np.isnan(found)
    return np.asarray(np.where(known, found, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _counted_figures(facts: Sequence[Facts]) -> Floats:
    raw = [(_less_one(each.sources), each.points, each.comments) for each in facts]
    return np.log1p(np.maximum(np.array(raw, dtype=np.float64).reshape(-1, 3), 0.0))


def _less_one(sources: int | None) -> int | None:
    return None if sources is None else sources - 1


def _row(numbers: list[int], counts: list[int]) -> tuple[Whole, Floats]:
    return np.array(numbers, dtype=np.int64), np.array(counts, dtype=np.float64)


def joined(rows: Sequence[tuple[Whole, Floats]]) -> Counts:
    """Returns the counts of rows, each given by its columns and counts."""
    sizes = np.array([len(columns) for columns, _ in rows], dtype=np.int64)
    if not rows:
        return Counts(_starts(sizes), np.zeros(0, np.int64), np.zeros(0))
    return Counts(_starts(sizes), np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows]))


def _starts(sizes: NDArray[np.integer]) -> Whole:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])
