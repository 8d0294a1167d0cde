"""Learns anew what a newsletter and its sections like. It imports numpy: only the child process calls it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.db import Database, Session
from curator.newsletters import store as newsletters
from curator.picks.aside import store as aside
from curator.picks.labels import shape
from curator.picks.labels import store as labels
from curator.picks.labels.values import Known
from curator.picks.ranking import store
from curator.picks.ranking.values import Learned, Runs
from curator.picks.taste import stored
from curator.picks.taste.features import Lexicon
from curator.picks.taste.fit import fit
from curator.picks.taste.lag import Lag, lag
from curator.picks.taste.model import Taste
from curator.picks.taste.values import Example, Untaught

DUE_AFTER = timedelta(days=1)
ENOUGH_NEW = 10
"""Decisions after which a refit does not wait for the next day: an editor's sitting shows in the next list."""

# What nobody wanted is remembered for a season, also where everything runs within days.
_REMEMBERED = timedelta(days=90)


def is_due(session: Session, newsletter_id: int, *, now: datetime) -> bool:
    """Tells whether a newsletter was never learned, not since a day, or has ten decisions that are not learned."""
    standing = store.standing(session, newsletter_id)
    if standing is None or now - standing.made_at >= DUE_AFTER:
        return True
    return labels.decided_since(session, newsletter_id, standing.made_at) >= ENOUGH_NEW


def refit(db: Database, newsletter_id: int, *, runs: Runs, now: datetime, seed: int) -> int:
    """Learns a newsletter's taste and those of its sections from all that is known now; returns the new version.

    It reads, learns with no transaction open, and writes; a crash leaves the last version. What cannot be learned yet
    is kept as the reason why. The same rows and seed give the same models.
    """
    with db.read() as session:
        sections = newsletters.newsletter(session, newsletter_id).sections
        ran = runs(session, newsletter_id)
        deeds = labels.deeds(session, newsletter_id)
        items = labels.items(session, [*(deed.item_id for deed in deeds), *(run.item_id for run in ran)])
        known_lag = lag(shape.prints(items, ran))
        remembered = _remembered(session, newsletter_id, known_lag, now=now)
    told = list(shape.examples(deeds, items, ran))
    wanted: list[tuple[int | None, list[Example]]] = [(None, [example for example, _ in told])]
    wanted += [(section.id, shape.of_section(told, section.id)) for section in sections]
    whole_since = shape.whole_since(remembered, since=_since(known_lag, now=now))
    pool, settles, lexicon = [shape.facts(known) for known in remembered], shape.settles(remembered, now=now), Lexicon()

    def learned_of(section_id: int | None, examples: list[Example]) -> Learned:
        taste = fit(examples, pool, now=now, seed=seed, settles=settles, lexicon=lexicon, whole_since=whole_since)
        return _learned(section_id, taste, examples, known_lag)

    learned = [learned_of(section_id, examples) for section_id, examples in wanted]
    with db.write() as session:
        return store.put_models(session, newsletter_id, learned, now=now)


def _remembered(session: Session, newsletter_id: int, known_lag: Lag, *, now: datetime) -> list[Known]:
    mutes = aside.mutes(session, newsletter_id)
    found = labels.offered(session, newsletter_id, since=_since(known_lag, now=now), mutes=mutes)
    # Nobody said no to the other tellings of what was picked, which are hidden with it.
    told = labels.taken(session, newsletter_id).story_ids
    return labels.with_sources(session, [known for known in found if known.story_id not in told])


def _since(known_lag: Lag, *, now: datetime) -> datetime:
    return now - max(shape.horizon(known_lag), _REMEMBERED)


def _learned(section_id: int | None, taste: Taste | Untaught, examples: Sequence[Example], known_lag: Lag) -> Learned:
    days = known_lag.median / timedelta(days=1) if known_lag.prints else None
    if isinstance(taste, Untaught):
        liked = len({example.facts.key for example in examples if example.kind.is_positive})
        return Learned(section_id, None, taste.reason, examples=len(examples), positives=liked, lag_days=days)
    seen = taste.positives + taste.negatives
    return Learned(section_id, stored.to_bytes(taste), examples=seen, positives=taste.positives, lag_days=days)
