"""Finds what is about the same: an inverted index over own episodes and past picks, and the cosine of TF-IDF. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from curator.picks.related.about import Rarity, weights
from curator.picks.related.terms import is_pair
from curator.picks.related.values import About, Found, Match, RelatedKind, Subject

LEAST_SCORE = 0.08
"""Below it two texts share words and no matter; set, as the next, by looking at 100 pairs of articles and episodes."""

LEAST_EVIDENCE = 1.4
"""How much the shared words must say together, each between 0 (everybody's) and 1 (nobody else's).

Two rare words are enough ("radio telescopes"), two common ones are not ("visual guide").
"""

LEAST_SHOWN = 0.1
"""What readers are shown is to be nearer: an editor who looks for a link bears a doubtful one, a reader does not."""

MOST_OF_A_KIND = 6
"""Episodes, and picks, that are kept for an item: a page shows four, and some of them stand in its issue already."""

_MOST_TERMS = 4
# A passage of so many seconds: what is said within it belongs together.
_PASSAGE_S = 90.0

_Found = TypeVar("_Found")


class Index:
    """The targets, by term. What a subject shares with them is found without looking at the others."""

    def __init__(self, targets: Iterable[Subject], rarity: Rarity) -> None:
        self._rarity = rarity
        self._targets: list[Subject] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for target in targets:
            if target.kind is None:
                continue
            place = len(self._targets)
            self._targets.append(target)
            for term, weight in weights(target.about, rarity).items():
                self._postings[term].append((place, weight))

    def related(self, subject: Subject) -> list[Match]:
        """Returns what is related to a subject, the nearest first, at most `MOST_OF_A_KIND` of each kind.

        Never the subject itself, nor the same page or title under another item.
        """
        shared: dict[int, dict[str, float]] = defaultdict(dict)
        for term, weight in weights(subject.about, self._rarity).items():
            for place, other in self._postings.get(term, ()):
                shared[place][term] = weight * other
        scored = [(sum(terms.values()), place) for place, terms in shared.items() if self._is_telling(terms)]
        best = sorted(
            (-score, -self._targets[place].id, place)
            for score, place in scored
            if score >= LEAST_SCORE and not _is_same(subject, self._targets[place])
        )
        # Words and moment are looked for only of what is kept: that costs more than the score.
        kept = _first_of_each_kind(best, lambda found: self._targets[found[2]].kind)
        return [_match(subject, self._targets[place], -score, shared[place]) for score, _, place in kept]

    def _is_telling(self, shared: Mapping[str, float]) -> bool:
        rarest = self._rarity.of("")
        said = sum(self._rarity.of(term) / rarest for term in shared if not is_pair(term))
        return len(shared) > 1 and said >= LEAST_EVIDENCE


def bounded(matches: Iterable[Match]) -> list[Match]:
    """Returns the nearest of these, at most `MOST_OF_A_KIND` of each kind."""
    nearest = sorted(matches, key=lambda match: (-match.score, -match.other_id))
    return _first_of_each_kind(nearest, lambda match: match.kind)


def together(found: Found, *, but: Collection[int] = (), least: float = LEAST_SCORE) -> list[Match]:
    """Returns what is related to several items as to one, the nearest first; each thing once, and none of `but`.

    `least` is the score from which on it counts.
    """
    best: dict[int, Match] = {}
    for match in (each for matches in found.values() for each in matches if each.score >= least):
        if match.other_id in but:
            continue
        known = best.get(match.other_id)
        if known is None or match.score > known.score:
            best[match.other_id] = match
    return bounded(best.values())


def _first_of_each_kind(found: Iterable[_Found], kind_of: Callable[[_Found], RelatedKind | None]) -> list[_Found]:
    """Returns the first `MOST_OF_A_KIND` of each kind, in their order."""
    counted: Counter[RelatedKind | None] = Counter()
    kept: list[_Found] = []
    for each in found:
        kind = kind_of(each)
        counted[kind] += 1
        if counted[kind] <= MOST_OF_A_KIND:
            kept.append(each)
    return kept


def _is_same(one: Subject, other: Subject) -> bool:
    return one.id == other.id or bool(one.keys & other.keys)


def _match(subject: Subject, target: Subject, score: float, shared: Mapping[str, float]) -> Match:
    assert target.kind is not None
    terms = _reasons(shared)
    shown = tuple(subject.about[term].shown for term in terms)
    return Match(target.id, target.kind, round(score, 4), shown, _moment(target.about, shared))


def _reasons(shared: Mapping[str, float]) -> list[str]:
    """Returns the terms that say most; a word that stands in a pair of them is not said twice."""
    chosen: list[str] = []
    for term in sorted(shared, key=lambda term: (-shared[term] * (2 if is_pair(term) else 1), term)):
        said = {word for each in chosen if is_pair(each) for word in each.split()}
        if len(chosen) < _MOST_TERMS and not set(term.split()) <= said:
            chosen = [each for each in chosen if not (is_pair(term) and each in term.split())]
            chosen.append(term)
    return chosen


def _moment(told: About, shared: Mapping[str, float]) -> float | None:
    """Returns the second from which most of what is shared is told within a passage; None where no passage has two."""
    places = sorted((at, term) for term in shared for at in told[term].at_s)
    best, first = 0.0, None
    for place, (at, _) in enumerate(places):
        terms = {term for second, term in _passage(places, place, at)}
        worth = sum(shared[term] for term in terms)
        if len(terms) > 1 and worth > best + 1e-9:
            best, first = worth, at
    return first


def _passage(places: Sequence[tuple[float, str]], start: int, at: float) -> list[tuple[float, str]]:
    end = start
    while end < len(places) and places[end][0] <= at + _PASSAGE_S:
        end += 1
    return list(places[start:end])
