"""What is to be learned from which item: one line an item, made of all that was decided about it by a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from curator.picks.taste.values import Example, Facts, Kind
from curator.picks.taste.words import title_of

# What a decision weighs. A saved item may still be passed, a reader's click is not the editor's choice, and a back
# issue ran among items that nobody knows any more.
_WEIGHTS = {Kind.PICK: 1.0, Kind.BACK_ISSUE: 0.3, Kind.SAVED: 0.3, Kind.CLICKED: 0.2, Kind.PASSED: 1.0}
# Weak decisions hold for half a year; after that half of them is forgotten every half year.
_WEAK = (Kind.SAVED, Kind.CLICKED, Kind.PASSED)
_HOLDS = timedelta(days=180)
# An item is worth twice a pick at most, however often it was clicked, and one no at most.
_MOST_FOR, _MOST_AGAINST = 2.0, 1.0
_NOTHING = 1e-6


@dataclass(frozen=True)
class Line:
    """An item with what is to be learned from it; `kind` is None when nothing was decided."""

    facts: Facts
    kind: Kind | None
    weight: float
    at: datetime | None
    issue: str = ""

    @property
    def is_positive(self) -> bool:
        """Whether it speaks for the item."""
        return self.kind is not None and self.kind.is_positive

    @property
    def ran(self) -> bool:
        """Whether the item stood in an issue."""
        return self.kind is not None and self.kind.ran


def lines(examples: Iterable[Example], pool: Iterable[Facts], *, now: datetime, settles: timedelta) -> list[Line]:
    """Returns a line an item, by key.

    What was decided after `now` is not looked at, and of the pool only what was first seen more than `settles` before.
    """
    decided = _decided(examples, now=now)
    known = {line.facts.key for line in decided}
    every = decided + _undecided(pool, known, until=now - settles)
    return sorted((line for line in every if line.weight > _NOTHING), key=lambda line: line.facts.key)


def waiting(pool: Iterable[Facts], found: Iterable[Line], *, now: datetime, settles: timedelta) -> list[Line]:
    """Returns what of the pool still waits for the editor, by key: it was offered, and teaches nothing yet."""
    known = {line.facts.key for line in found}
    fresh = (each for each in pool if each.first_seen_at is not None and now - settles <= each.first_seen_at <= now)
    every = _undecided(fresh, known, until=None)
    return sorted((replace(line, weight=0.0) for line in every), key=lambda line: line.facts.key)


def without_copies(negatives: Sequence[Line]) -> list[Line]:
    """Returns the lines with one for each title: a story that floods in ten thousand copies is refused once."""
    one: dict[str, Line] = {}
    for line in sorted(negatives, key=lambda line: (line.kind is None, line.facts.key)):
        one.setdefault(title_of(line.facts), line)
    return list(one.values())


def newest(found: Sequence[Line], most: int) -> list[Line]:
    """Returns so many of the lines, the newest first."""
    return sorted(found, key=lambda line: (-moment(line.at), line.facts.key))[:most]


def moment(at: datetime | None) -> float:
    """Returns a moment as a number; what has none is older than all."""
    return at.timestamp() if at is not None else 0.0


def _decided(examples: Iterable[Example], *, now: datetime) -> list[Line]:
    by_key: dict[str, list[Example]] = {}
    for example in examples:
        if example.at <= now:
            by_key.setdefault(example.facts.key, []).append(example)
    return [_decision(told, now=now) for told in by_key.values()]


def _decision(told: Iterable[Example], *, now: datetime) -> Line:
    """The strongest decision counts, with the weights of those that agree with it."""
    ordered = sorted(told, key=_strength)
    first = ordered[0]
    is_for = first.kind.is_positive
    weight = sum(_weight(example, now) for example in ordered if example.kind.is_positive is is_for)
    most = _MOST_FOR if is_for else _MOST_AGAINST
    return Line(facts=first.facts, kind=first.kind, weight=min(weight, most), at=first.at, issue=first.issue)


_ORDER = {kind: place for place, kind in enumerate(Kind)}


def _strength(example: Example) -> tuple[object, ...]:
    return _ORDER[example.kind], -example.at.timestamp(), example.issue, repr(example.facts), example.weight


def _weight(example: Example, now: datetime) -> float:
    halves = (now - example.at) / _HOLDS - 1.0 if example.kind in _WEAK else 0.0
    faded: float = 0.5 ** max(halves, 0.0)
    return _WEIGHTS[example.kind] * max(example.weight, 0.0) * faded


def _undecided(pool: Iterable[Facts], known: set[str], *, until: datetime | None) -> list[Line]:
    """Of several with one key the first seen."""
    by_key: dict[str, Facts] = {}
    for facts in pool:
        is_late = until is not None and facts.first_seen_at is not None and facts.first_seen_at >= until
        if facts.key in known or is_late:
            continue
        other = by_key.setdefault(facts.key, facts)
        if other is not facts and (moment(facts.first_seen_at), repr(facts)) < (
            moment(other.first_seen_at),
            repr(other),
        ):
            by_key[facts.key] = facts
    return [Line(facts=facts, kind=None, weight=1.0, at=facts.first_seen_at) for facts in by_key.values()]
