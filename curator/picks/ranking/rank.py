"""Scores what is on offer and keeps the list. It imports numpy: only the child process calls it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from curator.db import Database, Session
from curator.newsletters import store as newsletters
from curator.newsletters.values import SectionSpec
from curator.picks import rules
from curator.picks import store as picks
from curator.picks.aside import store as aside
from curator.picks.labels import shape
from curator.picks.labels import store as labels
from curator.picks.labels.values import Known
from curator.picks.ranking import store
from curator.picks.ranking.order import Contender, fitting, offerable, ordered
from curator.picks.ranking.values import EXPLORED, Model, Offer, Runs
from curator.picks.taste import reasons, stored
from curator.picks.taste.lag import Lag, lag
from curator.picks.taste.model import Taste
from curator.picks.taste.values import StaleModelError
from curator.picks.tips import store as tips
from curator.picks.tips.values import reason as tip_reason
from curator.picks.trends import reasons as trends

_MOST_REASONS = 3
# A tip that nobody picked within a season is no news of a reader any more.
_TIPPED_FOR = timedelta(days=90)
# Half a point of log odds: a rising topic decides between equals, and lifts nothing that nobody wants.
_RISING = 0.5
# A reader found it and an editor let it in: twice as much, and the same however many did, for a crowd can be called up.
_TIPPED = 1.0
# Without a model an item loses half of its freshness a week, as the rules have it, and the own show comes first.
_HALF_LIFE_DAYS, _OWN_SHOW = 7.0, 1.0


@dataclass(frozen=True)
class Rescored:
    """How many items the list has, and whether a model was there that cannot be read: it has to be learned anew."""

    offers: int
    is_stale: bool = False


@dataclass(frozen=True)
class _Desk:
    """What is known of a newsletter when its list is made."""

    found: Sequence[Known]
    sections: Sequence[SectionSpec]
    models: Sequence[Model]
    lag: Lag
    rising: Mapping[int, str]
    own_feeds: frozenset[int]
    # How many readers sent in an item, by item.
    tipped: Mapping[int, int]

    def lift(self, item_id: int) -> float:
        """Returns what its topic and its readers add to an item's score."""
        return _RISING * (item_id in self.rising) + _TIPPED * (item_id in self.tipped)


def rescore(db: Database, newsletter_id: int, *, runs: Runs, now: datetime, seed: int) -> Rescored:
    """Scores what is on offer for a newsletter by its last models, and puts the list in the place of the last one.

    Without a model that can be read it goes by freshness, the own show and how many feeds tell it. It reads, scores
    with no transaction open, and writes; a crash leaves the last list.
    """
    with db.read() as session:
        desk = _desk(session, newsletter_id, runs, now=now)
    tastes, is_stale = _tastes(desk.models)
    whole = tastes.get(None)
    contenders = _by_taste(desk, whole, now=now) if whole is not None else _by_freshness(desk, now=now)
    # The same chance for a whole day: a list that is made anew does not shuffle what is looked at.
    dice = random.Random(f"{seed} {newsletter_id} {now.date()}")  # noqa: S311 - it shows items, and a seed has to repeat it
    front = ordered(contenders, dice=dice if whole is not None else None)
    sections = _sections(front, desk.sections, tastes)
    offers = [
        Offer(
            item_id=each.known.id,
            section_id=sections[place],
            score=round(each.score, 6),
            place=place + 1,
            reasons=_reasons(each, desk, whole, now=now),
            propensity=each.propensity,
            scored_at=now,
        )
        for place, each in enumerate(front)
    ]
    model_id = next((model.id for model in desk.models if model.section_id is None), None)
    with db.write() as session:
        put = store.put_candidates(session, newsletter_id, offers, model_id=model_id if whole is not None else None)
    return Rescored(put, is_stale)


def _desk(session: Session, newsletter_id: int, runs: Runs, *, now: datetime) -> _Desk:
    ran = runs(session, newsletter_id)
    known_lag = lag(shape.prints(labels.items(session, [run.item_id for run in ran]), ran))
    mutes, since = aside.mutes(session, newsletter_id), now - shape.horizon(known_lag)
    found = offerable(
        labels.offered(session, newsletter_id, since=since, mutes=mutes), labels.taken(session, newsletter_id)
    )
    return _Desk(
        found=labels.with_sources(session, found),
        sections=newsletters.newsletter(session, newsletter_id).sections,
        models=store.models(session, newsletter_id),
        lag=known_lag,
        rising=store.rising(session, newsletter_id),
        own_feeds=picks.own_feeds(session),
        tipped=tips.tipped_items(session, newsletter_id, since=now - _TIPPED_FOR),
    )


def _tastes(models: Sequence[Model]) -> tuple[dict[int | None, Taste], bool]:
    found: dict[int | None, Taste] = {}
    is_stale = False
    for model in models:
        if model.body is not None:
            try:
                found[model.section_id] = stored.from_bytes(model.body)
            except StaleModelError:
                is_stale = True
    return found, is_stale


def _by_taste(desk: _Desk, taste: Taste, *, now: datetime) -> list[Contender]:
    scores = taste.score([shape.facts(known) for known in desk.found]).tolist()
    return [
        Contender(known, score + _still_to_come(known, desk, now=now) + desk.lift(known.id))
        for known, score in zip(desk.found, scores, strict=True)
    ]


def _still_to_come(known: Known, desk: _Desk, *, now: datetime) -> float:
    """Returns the log of how likely an item of its age is still to come, as this newsletter's prints have it."""
    return log(desk.lag.freshness(now - known.first_seen_at))


def _by_freshness(desk: _Desk, *, now: datetime) -> list[Contender]:
    return [
        Contender(
            known,
            -log(2) * max((now - known.at) / timedelta(days=_HALF_LIFE_DAYS), 0.0)
            + log(known.sources)
            + _OWN_SHOW * (known.feed_id in desk.own_feeds)
            + desk.lift(known.id),
        )
        for known in desk.found
    ]


def _sections(
    front: Sequence[Contender], sections: Sequence[SectionSpec], tastes: Mapping[int | None, Taste]
) -> list[int | None]:
    facts = [shape.facts(each.known) for each in front]
    scores = {id_: taste.score(facts).tolist() for id_, taste in tastes.items() if id_ is not None}
    return [
        fitting(each.known, sections, tastes={id_: told[place] for id_, told in scores.items()})
        for place, each in enumerate(front)
    ]


def _reasons(contender: Contender, desk: _Desk, taste: Taste | None, *, now: datetime) -> tuple[str, ...]:
    known = contender.known
    told = [EXPLORED] if contender.propensity is not None else []
    told += [tip_reason(desk.tipped[known.id])] if known.id in desk.tipped else []
    if taste is not None:
        told += [reason.words for reason in reasons.reasons(taste, shape.facts(known), most=_MOST_REASONS)]
    else:
        told += ["an episode of your own show"] if known.feed_id in desk.own_feeds else []
        told += [f"told by {known.sources} of your feeds"] if known.sources > 1 else []
    if known.id in desk.rising:
        told.append(trends.reason(desk.rising[known.id]))
    return (*told, rules.age(known.at, now=now))
