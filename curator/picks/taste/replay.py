"""Walks through the past week by week: what a model of each Monday would have put on top of the week that followed."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from statistics import fmean

from curator.errors import InvalidError
from curator.picks.taste.features import Lexicon
from curator.picks.taste.fit import SETTLES, fit
from curator.picks.taste.measure import ndcg_at, precision_at, recall_at
from curator.picks.taste.values import Example, Facts, Kind, Untaught

WEEK = timedelta(days=7)
# Undecided items to learn from: the newest so many. A longer memory of what was not run teaches little.
_REMEMBERED = 24_000
# Items that the lexicon keeps before it starts anew, so that memory stays flat over a long pool.
_READ = 48_000


@dataclass(frozen=True)
class Printed:
    """A link that an issue ran on a day. The title is the editor's, which is what a back issue tells."""

    facts: Facts
    at: datetime
    issue: str = ""


@dataclass(frozen=True)
class Rules:
    """What counts as a hit, and what the model may see.

    A hit ran within `horizon` after it was first seen, or up to `grace` before. A link that ran before the model's
    Monday is known and never offered. Without `uses_points` the model sees neither points nor comments.
    """

    horizon: timedelta
    grace: timedelta = timedelta(0)
    warm_up: timedelta = 12 * WEEK
    uses_points: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Figures:
    """Means over the weeks in which something was to be found."""

    recall_at_20: float
    ndcg_at_20: float
    p_at_10: float


@dataclass(frozen=True)
class Backtest:
    """What a walk found. `figures` holds the model and each baseline; `won` in how many weeks the model's nDCG is above
    a baseline's, and `lost` in how many below; `untaught` how many weeks had no model yet and took the newest.
    """

    weeks: int
    untaught: int
    items_a_week: float
    picks_a_week: float
    figures: Mapping[str, Figures]
    won: Mapping[str, int]
    lost: Mapping[str, int]


def replay(pool: Iterable[Facts], printed: Sequence[Printed], *, rules: Rules, dice: random.Random) -> Backtest:
    """Returns how well each Monday's model ranks the items first seen in its week, beside the baselines.

    `pool` comes in the order of first sight, each item with its moment; it is read once and not kept. A model has seen
    what ran before its Monday and nothing later, an item is ranked by a model that has not learned from it, and every
    order of a week is over the same items. Raises InvalidError where the pool goes back in time, or has no week to
    measure.
    """
    past = _Past(printed)
    weeks: list[Mapping[str, Sequence[bool]]] = []
    untaught = 0
    start: datetime | None = None
    for monday, items in _weeks(pool):
        start = start or monday
        fresh = past.fresh(items, monday, grace=rules.grace)
        hits = {facts.key: past.is_hit(facts, rules) for facts in fresh}
        if monday - start >= rules.warm_up and any(hits.values()):
            score = past.scorer(monday, rules)
            untaught += score is None
            weeks.append(_orders(fresh, hits, score=score or _newest, dice=dice))
        past.add(items)
    if not weeks:
        raise InvalidError("pool", "There is no week to measure: the pool is too short, or no item of it ever ran.")
    return _result(weeks, untaught)


def monday_of(at: datetime) -> datetime:
    """Returns the beginning of the week of a moment, in UTC."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


_Score = Callable[[Sequence[Facts]], Sequence[float]]


class _Past:
    """What ran when, and the items that came up by now."""

    def __init__(self, printed: Sequence[Printed]) -> None:
        self._runs: dict[str, list[Printed]] = {}
        for each in sorted(printed, key=lambda each: (each.at, each.facts.key)):
            self._runs.setdefault(each.facts.key, []).append(each)
        self._ran_later: dict[str, Facts] = {}
        self._others: deque[Facts] = deque(maxlen=_REMEMBERED)
        self._lexicon = Lexicon()

    def fresh(self, items: Sequence[Facts], monday: datetime, *, grace: timedelta) -> list[Facts]:
        """Returns the items that may be offered: one a key, none that ran or came up before."""
        one: dict[str, Facts] = {}
        for facts in items:
            ran = self._runs.get(facts.key)
            is_known = ran is not None and (ran[0].at < monday or _days(ran[0], facts) < -grace.days)
            if not is_known and facts.key not in self._ran_later:
                one.setdefault(facts.key, facts)
        return list(one.values())

    def is_hit(self, facts: Facts, rules: Rules) -> bool:
        """Whether the item ran within the horizon."""
        return any(
            -rules.grace.days <= _days(each, facts) <= rules.horizon.days for each in self._runs.get(facts.key, ())
        )

    def add(self, items: Sequence[Facts]) -> None:
        """Takes in a week that is over."""
        for facts in items:
            if facts.key in self._runs:
                self._ran_later.setdefault(facts.key, facts)
            else:
                self._others.append(facts)

    def scorer(self, monday: datetime, rules: Rules) -> _Score | None:
        """Returns how a model of this Monday scores, None when there is too little to learn from."""
        if len(self._lexicon) > _READ:
            self._lexicon = Lexicon()
        shown = _as_is if rules.uses_points else _without_points
        offered = [*self._others, *(facts for key, facts in self._ran_later.items() if not self._ran(key, monday))]
        taste = fit(
            self._examples(monday, shown),
            [shown(facts) for facts in offered],
            now=monday,
            seed=rules.seed,
            settles=min(SETTLES, rules.horizon),
            lexicon=self._lexicon,
            whole_since=self._others[0].first_seen_at if len(self._others) == _REMEMBERED else None,
        )
        if isinstance(taste, Untaught):
            return None
        return lambda fresh: taste.score([shown(facts) for facts in fresh]).tolist()

    def _ran(self, key: str, monday: datetime) -> bool:
        return self._runs[key][0].at < monday

    def _examples(self, monday: datetime, shown: Callable[[Facts], Facts]) -> Iterator[Example]:
        for key, ran in self._runs.items():
            first = ran[0]
            if first.at < monday:
                met = self._ran_later.get(key)
                kind = Kind.BACK_ISSUE if met is None else Kind.PICK
                yield Example(shown(met or first.facts), kind, first.at, issue=first.issue)


def _days(printed: Printed, facts: Facts) -> int:
    assert facts.first_seen_at is not None
    return (printed.at.date() - facts.first_seen_at.date()).days


def _as_is(facts: Facts) -> Facts:
    return facts


def _without_points(facts: Facts) -> Facts:
    return facts if facts.points is None and facts.comments is None else replace(facts, points=None, comments=None)


def _weeks(pool: Iterable[Facts]) -> Iterator[tuple[datetime, list[Facts]]]:
    last: datetime | None = None
    for monday, items in groupby(pool, key=_monday):
        if last is not None and monday < last:
            raise InvalidError("pool", "The pool goes back in time: its items must come in the order of their days.")
        last = monday
        yield monday, list(items)


def _monday(facts: Facts) -> datetime:
    if facts.first_seen_at is None:
        raise InvalidError("pool", f"An item of the pool has no day: {facts.title[:80] or facts.key[:80]}")
    return monday_of(facts.first_seen_at)


def _newest(fresh: Sequence[Facts]) -> list[float]:
    return [facts.first_seen_at.timestamp() if facts.first_seen_at else 0.0 for facts in fresh]


def _popular(fresh: Sequence[Facts]) -> list[float]:
    """Points where they are counted, else how many sources tell it."""
    return [float(facts.points if facts.points is not None else facts.sources or 0) for facts in fresh]


def _orders(
    fresh: Sequence[Facts], hits: Mapping[str, bool], *, score: _Score, dice: random.Random
) -> dict[str, list[bool]]:
    """Returns what each order of one week's items hits, place by place."""
    by_chance = [dice.random() for _ in fresh]
    scores = {"model": score(fresh), "random": by_chance, "newest": _newest(fresh), "points": _popular(fresh)}
    keys = [facts.key for facts in fresh]
    return {
        name: [hits[key] for _, key in sorted(zip((-each for each in found), keys, strict=True))]
        for name, found in scores.items()
    }


def _result(weeks: Sequence[Mapping[str, Sequence[bool]]], untaught: int) -> Backtest:
    gains = {name: [ndcg_at(week[name], 20) for week in weeks] for name in weeks[0]}
    others = [name for name in gains if name != "model"]
    pairs = {name: list(zip(gains["model"], gains[name], strict=True)) for name in others}
    return Backtest(
        weeks=len(weeks),
        untaught=untaught,
        items_a_week=round(fmean(len(week["model"]) for week in weeks), 1),
        picks_a_week=round(fmean(sum(week["model"]) for week in weeks), 1),
        figures={name: _figures([week[name] for week in weeks], gains[name]) for name in gains},
        won={name: sum(ours > theirs for ours, theirs in pairs[name]) for name in others},
        lost={name: sum(ours < theirs for ours, theirs in pairs[name]) for name in others},
    )


def _figures(orders: Sequence[Sequence[bool]], gains: Sequence[float]) -> Figures:
    return Figures(
        recall_at_20=round(fmean(recall_at(order, 20) for order in orders), 3),
        ndcg_at_20=round(fmean(gains), 3),
        p_at_10=round(fmean(precision_at(order, 10) for order in orders), 3),
    )
