"""Walks through the last quarter of the own archive, week by week. It imports numpy: for the child process only."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from curator.db import Database, Session
from curator.errors import InvalidError
from curator.picks.labels import shape
from curator.picks.labels import store as labels
from curator.picks.ranking.values import Runs
from curator.picks.scoreboard import store
from curator.picks.scoreboard.values import Score
from curator.picks.taste import stored
from curator.picks.taste.lag import lag
from curator.picks.taste.replay import WEEK, Backtest, Printed, Rules, monday_of, replay
from curator.picks.taste.values import Facts

QUARTER = timedelta(weeks=13)
DUE_AFTER = timedelta(days=7)

# What the first weeks' models learn from.
_BEFORE = timedelta(weeks=26)
_FEWEST_WEEKS = timedelta(weeks=2)
_TOO_LONG = "It was begun and did not come to its end, most likely for want of time. The next try is in a week."


def is_due(session: Session, newsletter_id: int, *, now: datetime) -> bool:
    """Tells whether this version of the engine was never measured, or not for a week."""
    found = next((each for each in store.scores(session, newsletter_id) if each.engine == stored.VERSION), None)
    return found is None or now - found.made_at >= DUE_AFTER


def measure(db: Database, newsletter_id: int, *, runs: Runs, now: datetime, seed: int) -> Score:
    """Measures and keeps how the last quarter's weeks would have been ranked, and returns it.

    Each week's items are ranked by a model that knows only what ran before its Monday. A crash leaves the note that it
    did not come to its end, so that a walk that takes too long is tried once a week and not in every round.
    """
    since = monday_of(now - QUARTER)
    _keep(db, newsletter_id, Score(stored.VERSION, now, since, now, note=_TOO_LONG))
    with db.read() as session:
        ran = runs(session, newsletter_id)
        items = labels.items(session, [run.item_id for run in ran], known_by=_end_of_week)
        pool = _pool(session, since - _BEFORE)
    printed = [Printed(shape.facts(items[run.item_id]), run.at, run.issue) for run in ran if run.item_id in items]
    horizon = shape.horizon(lag(shape.prints(items, ran)))
    score = _score(pool, printed, horizon=horizon, since=since, now=now, seed=seed)
    _keep(db, newsletter_id, score)
    return score


def _end_of_week(at: datetime) -> datetime:
    """Returns when an item's week is over and ranked: who told it later was not known then."""
    return monday_of(at) + WEEK


def _keep(db: Database, newsletter_id: int, score: Score) -> None:
    with db.write() as session:
        store.put(session, newsletter_id, score)


def _pool(session: Session, since: datetime) -> list[Facts]:
    ids = store.seen_since(session, since)
    known = labels.items(session, ids, known_by=_end_of_week)
    return [shape.facts(known[id_]) for id_ in ids if id_ in known]


def _score(
    pool: list[Facts], printed: list[Printed], *, horizon: timedelta, since: datetime, now: datetime, seed: int
) -> Score:
    empty = Score(stored.VERSION, now, since, now)
    if not pool or pool[0].first_seen_at is None:
        return replace(empty, note="There are no items to measure on yet.")
    if not any(each.at >= since for each in printed):
        return replace(empty, note="Nothing was sent in the last quarter, so there is nothing to measure on.")
    warm_up = max(since - monday_of(pool[0].first_seen_at), _FEWEST_WEEKS)
    rules = Rules(horizon=horizon, warm_up=warm_up, seed=seed)
    try:
        found = replay(pool, printed, rules=rules, dice=random.Random(seed))  # noqa: S311 - it orders a baseline, and a seed has to repeat it
    except InvalidError:
        why = "No item that feeds brought in a whole week of the last quarter ran, so there is nothing to measure on."
        return replace(empty, note=why)
    return _told(found, empty)


def _told(found: Backtest, empty: Score) -> Score:
    return replace(
        empty,
        weeks=found.weeks,
        untaught=found.untaught,
        picks=round(found.picks_a_week * found.weeks),
        items_a_week=found.items_a_week,
        figures={
            name: {"recall": each.recall_at_20, "ndcg": each.ndcg_at_20, "precision": each.p_at_10}
            for name, each in found.figures.items()
        },
        won=dict(found.won),
        lost=dict(found.lost),
    )
