"""Brings a newsletter's list up to date: learns when that is due, then scores. It imports numpy: for the child only."""

from dataclasses import dataclass
from datetime import datetime

from curator.db import Database
from curator.picks.ranking import learn, rank
from curator.picks.ranking.values import Runs


@dataclass(frozen=True)
class Renewed:
    """Whether something was learned just now, and how many items the list has."""

    is_refit: bool
    offers: int


def renew(db: Database, newsletter_id: int, *, runs: Runs, now: datetime, seed: int, is_asked: bool = False) -> Renewed:
    """Refits a newsletter's tastes when that is due (or `is_asked`), and scores what is on offer.

    A model of another version of Curator is learned anew at once. A crash leaves the last models and the last list.
    """
    with db.read() as session:
        is_refit = is_asked or learn.is_due(session, newsletter_id, now=now)
    if is_refit:
        learn.refit(db, newsletter_id, runs=runs, now=now, seed=seed)
    rescored = rank.rescore(db, newsletter_id, runs=runs, now=now, seed=seed)
    if rescored.is_stale and not is_refit:
        learn.refit(db, newsletter_id, runs=runs, now=now, seed=seed)
        return Renewed(is_refit=True, offers=rank.rescore(db, newsletter_id, runs=runs, now=now, seed=seed).offers)
    return Renewed(is_refit, rescored.offers)
