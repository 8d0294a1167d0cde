"""Which earlier picks an item is like: those that share the words that speak for it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curator.picks.taste.features import Counts, Floats, Whole

# The newest picks are the ones that an editor remembers.
MOST = 3_000
# A pick is like an item when it shares half of what its words speak for it, in two terms or more: where one word says
# it all, every pick with that word would be like it.
_SHARE, _TERMS = 0.5, 2
_TITLE = 120


@dataclass(frozen=True)
class Liked:
    """A pick that ran, in the issue that it ran in ("" when that is not known)."""

    key: str
    title: str
    issue: str


@dataclass(frozen=True, eq=False)
class Likes:
    """Picks, the newest first, with their terms: pick `row` has `columns[starts[row]:starts[row + 1]]`."""

    picks: tuple[Liked, ...]
    starts: Whole
    columns: Whole

    def near(self, key: str, parts: Mapping[int, float]) -> list[tuple[Liked, float]]:
        """Returns the picks that share two or more and at least half of `parts`, a weight a column, with how much.

        The newest first; never the item itself, whose key is `key`.
        """
        total = sum(parts.values())
        if total <= 0 or not self.picks:
            return []
        width = max(int(self.columns.max(initial=0)), *parts) + 1
        weights = np.zeros(width)
        weights[list(parts)] = list(parts.values())
        rows = np.repeat(np.arange(len(self.picks)), np.diff(self.starts))
        shared = np.bincount(rows, weights=weights[self.columns], minlength=len(self.picks))
        many = np.bincount(rows, weights=weights[self.columns] > 0, minlength=len(self.picks))
        near = np.flatnonzero((shared >= _SHARE * total) & (many >= _TERMS))
        return [(self.picks[row], float(shared[row])) for row in near if self.picks[row].key != key]


def likes(picks: Sequence[Liked], moments: Floats, counts: Counts) -> Likes:
    """Returns the newest of these picks; `moments` and `counts` have a row for each of them."""
    order = sorted(range(len(picks)), key=lambda row: (-moments[row], picks[row].key))[:MOST]
    rows = [counts.columns[counts.starts[row] : counts.starts[row + 1]] for row in order]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(row) for row in rows], dtype=np.int64)])
    columns = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    kept = tuple(Liked(picks[row].key, picks[row].title[:_TITLE], picks[row].issue) for row in order)
    return Likes(picks=kept, starts=starts, columns=columns)


def issue_most(near: Sequence[tuple[Liked, float]]) -> tuple[str, int]:
    """Returns the issue that most of these picks ran in, the newest of several, and how many they are."""
    count = Counter(liked.issue for liked, _ in near if liked.issue)
    return count.most_common(1)[0] if count else ("", 0)
