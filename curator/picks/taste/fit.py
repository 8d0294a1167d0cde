"""Learning a taste: a logistic regression over terms and a few figures."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from curator.picks.taste.features import Counts, Floats, Lexicon, Whole, figures, usual
from curator.picks.taste.likes import Liked, Likes, likes
from curator.picks.taste.lines import Line, lines, moment, newest, waiting, without_copies
from curator.picks.taste.model import Taste
from curator.picks.taste.records import Records, records
from curator.picks.taste.values import Example, Facts, Untaught

FEWEST = 3
# What nobody picked two weeks after it came up counts as a no, even where the newsletter often runs things later.
SETTLES = timedelta(days=14)
# Bounds of a refit: what a newsletter runs in twenty years, what its feeds bring in a year, and the terms of both.
_MOST_POSITIVES, _MOST_NEGATIVES, _MOST_TERMS = 12_000, 24_000, 150_000
# The inverse of how far weights are held down; 3 to 30 rank alike on the development data.
_STRENGTH = 10.0


def fit(
    examples: Iterable[Example],
    pool: Iterable[Facts],
    *,
    now: datetime,
    seed: int,
    settles: timedelta = SETTLES,
    lexicon: Lexicon | None = None,
    whole_since: datetime | None = None,
) -> Taste | Untaught:
    """Returns the taste of what is known by `now`, or why there is none yet.

    `pool` holds items that were on offer and about which nothing was decided. That is a no for those first seen more
    than `settles` ago; the others still wait for the editor, and are not looked at, as is whatever was decided after
    `now`. From `whole_since` on the pool leaves out nothing: only of what came since can a rate be told. The same input
    in any order gives the same taste. `lexicon` only saves reading items again that an earlier call read.
    """
    pool = list(pool)
    every = lines(examples, pool, now=now, settles=settles)
    positives = [line for line in every if line.is_positive]
    negatives = without_copies([line for line in every if not line.is_positive])
    untaught = _untaught(len(positives), len(negatives))
    if untaught is not None:
        return untaught
    told = _records(every + waiting(pool, every, now=now, settles=settles), since=whole_since)
    kept = newest(positives, _MOST_POSITIVES) + newest(negatives, _MOST_NEGATIVES)
    kept.sort(key=lambda line: line.facts.key)
    return _fitted(kept, told, Lexicon() if lexicon is None else lexicon, now=now, seed=seed)


def _untaught(positives: int, negatives: int) -> Untaught | None:
    if positives < FEWEST:
        some = f"There are {positives} picked or saved items"
        told = {0: "There are no picks", 1: "There is 1 picked or saved item"}.get(positives, some)
        return Untaught(f"{told} to learn from yet. From {FEWEST} on, the order follows what you pick.")
    if negatives < FEWEST:
        return Untaught("Everything so far was picked, so there is nothing yet to tell your picks from.")
    return None


def _records(found: Sequence[Line], *, since: datetime | None) -> Records:
    return records([line.facts for line in found], [line.kind for line in found], _weights(found), since=since)


def _weights(found: Sequence[Line]) -> Floats:
    return np.array([line.weight for line in found], dtype=np.float64)


def _fitted(kept: Sequence[Line], told: Records, lexicon: Lexicon, *, now: datetime, seed: int) -> Taste:
    facts = [line.facts for line in kept]
    is_positive = np.array([line.is_positive for line in kept])
    counts = lexicon.counted(facts)
    terms, frequency, columns = _vocabulary(lexicon.names(), counts.columns)
    counts = counts.renumbered(columns)
    idf = np.log((1.0 + len(kept)) / (1.0 + frequency)) + 1.0
    centre = usual(facts)
    beside = figures(facts, *told.lift(facts), centre)
    weights = _balanced(_weights(kept), is_positive)
    coef, intercept = _regression(_matrix(counts, idf, beside), is_positive, weights, seed=seed)
    return Taste(
        terms=tuple(terms),
        idf=idf,
        coef=coef[: len(terms)],
        beside=coef[len(terms) :],
        centre=centre,
        intercept=intercept,
        records=told,
        likes=_likes(kept, counts),
        fitted_at=now,
        positives=int(is_positive.sum()),
        negatives=int((~is_positive).sum()),
    )


def _vocabulary(names: Sequence[str], columns: Whole) -> tuple[list[str], Floats, Whole]:
    """Returns the terms that two items or more have, sorted; in how many each is; and the new number of each column."""
    frequency = np.bincount(columns, minlength=len(names))
    kept = np.flatnonzero(frequency > 1).tolist()
    if len(kept) > _MOST_TERMS:
        kept = sorted(kept, key=lambda column: (-frequency[column], names[column]))[:_MOST_TERMS]
    ordered = np.array(sorted(kept, key=names.__getitem__), dtype=np.int64)
    new = np.full(len(names), -1, dtype=np.int64)
    new[ordered] = np.arange(len(ordered))
    return [names[column] for column in ordered], frequency[ordered].astype(np.float64), new


def _balanced(weights: Floats, is_positive: NDArray[np.bool_]) -> Floats:
    """Returns the weights with those of the positives changed so that both sides weigh the same."""
    good, bad = float(weights[is_positive].sum()), float(weights[~is_positive].sum())
    return np.asarray(np.where(is_positive, weights * (bad / good), weights))


def _matrix(counts: Counts, idf: Floats, beside: Floats) -> object:
    """Returns terms and figures side by side, sparse: both libraries are loaded only where something is learned."""
    from scipy.sparse import csr_matrix, hstack

    words = csr_matrix((counts.weighed(idf), counts.columns, counts.starts), shape=(len(beside), len(idf)))
    words.sort_indices()
    return hstack([words, csr_matrix(beside)], format="csr")


def _regression(matrix: object, is_positive: NDArray[np.bool_], weights: Floats, *, seed: int) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_STRENGTH, solver="liblinear", max_iter=200, random_state=seed)
    model.fit(matrix, is_positive, sample_weight=weights)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def _likes(kept: Sequence[Line], counts: Counts) -> Likes:
    rows = [row for row, line in enumerate(kept) if line.ran]
    picks = [Liked(kept[row].facts.key, kept[row].facts.title, kept[row].issue) for row in rows]
    return likes(picks, np.array([moment(kept[row].at) for row in rows]), counts.of(rows))
