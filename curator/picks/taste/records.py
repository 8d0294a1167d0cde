"""What each site and each feed was worth to the editors, without what an item did to it itself."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from curator.picks.taste.features import Floats, Whole
from curator.picks.taste.values import Facts, Kind
from curator.picks.taste.words import FEED, SITE, site

# A site speaks for itself after two items or so; until then it counts as any other.
_PRIOR = 2.0


@dataclass(frozen=True)
class Record:
    """How many items of a site or feed were offered, how many of them picked, and how many ran in all."""

    offered: int = 0
    picked: int = 0
    ran: int = 0


@dataclass(frozen=True, eq=False)
class Records:
    """The records by name, and what each item that they were made from had a part in, by its mark.

    `sums` holds a row a name: offered, picked, ran, weight of the positives, weight of all. `own` holds the same for
    each of `marks` (sorted), and `rows` in which names it counts (site and feed, -1 for none), so that an item is never
    judged by what was decided about it itself.
    """

    names: tuple[str, ...]
    sums: Floats
    base: float
    marks: NDArray[np.uint64]
    own: Floats
    rows: Whole

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    def record(self, name: str, facts: Facts) -> Record:
        """Returns the record of a site or feed by its term, without this item."""
        row = self._numbers.get(name, -1)
        offered, picked, ran = self._others(np.array([row]), [facts])[0, :3]
        return Record(offered=round(offered), picked=round(picked), ran=round(ran))

    def lift(self, facts: Sequence[Facts]) -> tuple[Floats, Floats]:
        """Returns for each item the log of its site's pick rate over the usual one, and how much the site was seen."""
        numbers = np.array([self._numbers.get(SITE + site(each.url), -1) for each in facts], dtype=np.int64)
        sums = self._others(numbers, facts)
        # Sums of many weights leave dust where exactly nothing is left.
        good, seen = (np.where(sums[:, part] < 1e-9, 0.0, sums[:, part]) for part in (3, 4))
        return np.log((good + self.base * _PRIOR) / (seen + _PRIOR) / self.base), seen

    def _others(self, numbers: Whole, facts: Sequence[Facts]) -> Floats:
        """Returns the sums of these names, each without what its item itself added to it; name -1 has none."""
        unknown = np.zeros((1, self.sums.shape[1]))
        sums = np.concatenate([self.sums, unknown])[numbers]
        if not len(self.marks):
            return sums
        asked = marks(facts)
        places = np.minimum(np.searchsorted(self.marks, asked), len(self.marks) - 1)
        is_known = self.marks[places] == asked
        counts_here = (self.rows[places] == numbers[:, None]).any(axis=1)
        return np.asarray(sums - np.where((is_known & counts_here & (numbers >= 0))[:, None], self.own[places], 0.0))


def records(
    facts: Sequence[Facts], kinds: Sequence[Kind | None], weights: Floats, *, since: datetime | None = None
) -> Records:
    """Returns the records of these items; a kind of None is an item that was offered and that nobody picked.

    What was first seen before `since` was offered among items that are forgotten, so it has a part in no rate.
    """
    own = np.array(
        [
            (
                kind is not Kind.BACK_ISSUE and not _is_before(each, since),
                kind is Kind.PICK and not _is_before(each, since),
                kind is not None and kind.ran,
                weight if kind is not None and kind.is_positive else 0.0,
                weight,
            )
            for each, kind, weight in zip(facts, kinds, weights, strict=True)
        ],
        dtype=np.float64,
    ).reshape(-1, 5)
    names, rows = _named(facts)
    sums = np.zeros((len(names) + 1, 5))  # the last row takes in what has no name
    for column in range(rows.shape[1]):
        np.add.at(sums, rows[:, column], own)
    every = marks(facts)
    order = np.argsort(every, kind="stable")
    base = float(own[:, 3].sum() / own[:, 4].sum())  # both sides are there, or nothing is learned
    return Records(names=names, sums=sums[:-1], base=base, marks=every[order], own=own[order], rows=rows[order])


def _is_before(facts: Facts, since: datetime | None) -> bool:
    return since is not None and facts.first_seen_at is not None and facts.first_seen_at < since


def marks(facts: Sequence[Facts]) -> NDArray[np.uint64]:
    """Returns 64 bits of each item's key."""
    digests = b"".join(hashlib.blake2b(each.key.encode("utf-8", "replace"), digest_size=8).digest() for each in facts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _named(facts: Sequence[Facts]) -> tuple[tuple[str, ...], Whole]:
    """Returns the names of all sites and feeds, sorted, and a row an item with the numbers of its two."""
    pairs = [(SITE + site(each.url), FEED + each.feed) for each in facts]
    names = tuple(sorted({name for pair in pairs for name in pair} - {SITE, FEED}))
    number = {name: row for row, name in enumerate(names)}
    rows = [(number.get(of_site, -1), number.get(of_feed, -1)) for of_site, of_feed in pairs]
    return names, np.array(rows, dtype=np.int64).reshape(-1, 2)
