"""In which order the inbox shows what is new: as chosen for the newsletter, else best first where there is a list."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import request, session

from curator.db import Session
from curator.newsletters.values import NewsletterSpec
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import STALE_AFTER, Standing
from curator.picks.values import InboxFilter, InboxOrder
from curator.web import here, words
from curator.web.desk.inbox_asked import Asked

# Under this the session cookie keeps for which newsletters the newest come first; the best are the usual.
_REMEMBERED = "newest first"
_MOST_REMEMBERED = 20


@dataclass(frozen=True)
class Order:
    """What the inbox says of its order: whether there is one to choose, and what it rests on."""

    is_choice: bool
    rests_on: str


def settled(db_session: Session, spec: NewsletterSpec, wanted: Asked) -> tuple[Asked, Order | None]:
    """Returns what was asked with the order that it gets, and what is said of it; None on tabs that have one alone."""
    if wanted.show is not InboxFilter.NEW:
        return replace(wanted, order=InboxOrder.NEWEST), None
    made_at = ranking.scored_at(db_session, spec.id)
    is_fresh = made_at is not None and here.now() - made_at < STALE_AFTER
    rests_on = _rests_on(ranking.standing(db_session, spec.id), made_at, spec.cadence.zone, is_fresh=is_fresh)
    order = _chosen(spec.id) if is_fresh else InboxOrder.NEWEST
    return replace(wanted, order=order), Order(is_choice=is_fresh, rests_on=rests_on)


def _chosen(newsletter_id: int) -> InboxOrder:
    """Returns the order that the address names and keeps it, else the one that was kept for the newsletter."""
    kept: list[int] = session.get(_REMEMBERED, [])
    asked = request.values.get("order", "")
    if asked not in list(InboxOrder):
        return InboxOrder.NEWEST if newsletter_id in kept else InboxOrder.BEST
    others = [each for each in kept if each != newsletter_id]
    now_kept = [newsletter_id, *others][:_MOST_REMEMBERED] if asked == InboxOrder.NEWEST else others
    if set(now_kept) != set(kept):
        session[_REMEMBERED] = now_kept
    return InboxOrder(asked)


def _rests_on(standing: Standing | None, made_at: datetime | None, zone: str, *, is_fresh: bool) -> str:
    if made_at is None:
        return "Nothing is learned yet: newest first by rules." if standing is None else _why_not(standing)
    if not is_fresh:
        since = words.day(made_at, zone, here.now())
        return f"The order was last made on {since}, which is too long ago: newest first until it is made again."
    if standing is None:
        return "Nothing is learned yet: what is fresh and told by several of your feeds comes first, by rules."
    if not standing.is_learned:
        return _why_not(standing)
    items = f"{standing.positives:,} picked or saved item{'' if standing.positives == 1 else 's'}"
    return f"Learned from {items}, last {_on(standing.made_at, zone)}."


def _why_not(standing: Standing) -> str:
    return f"By rules and freshness. {standing.note}".strip()


def _on(at: datetime, zone: str) -> str:
    """Returns "today", "yesterday", "on Monday", then "on Mon 16 Nov"."""
    days = (words.local_day(here.now(), zone) - words.local_day(at, zone)).days
    if days < 2:
        return "today" if days < 1 else "yesterday"
    return f"on {words.local_day(at, zone):%A}" if days < 7 else f"on {words.day(at, zone, here.now())}"
