"""SET ASIDE -> ITEM: what was passed over or put off is offered again when there is a reason."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.picks import muting
from curator.picks import store as picks
from curator.picks.aside import store as aside
from curator.picks.ranking import store as ranking
from curator.picks.resurface import store
from curator.picks.resurface.choose import choose
from curator.picks.resurface.values import ComesBack, News, SetAside
from curator.picks.trends import store as trends

MOST_A_WEEK = 5
"""Items that come back to a newsletter within a week: a hint is read, a second inbox is not."""

# What was passed over half a year ago is past; a lag beyond it is no lag.
_SINCE = timedelta(days=180)
_WEEK = timedelta(days=7)


def refresh(db: Database, *, now: datetime) -> int:
    """Brings items back to every newsletter, each at most once and `MOST_A_WEEK` a week; returns how many.

    It comes back as it was before: neither passed over nor put off, with a line in the log that takes that back. Each
    newsletter is a transaction, and a second call changes nothing.
    """
    with db.read() as session:
        ids = store.newsletter_ids(session)
    return sum(_of_newsletter(db, newsletter_id, now=now) for newsletter_id in ids)


def _of_newsletter(db: Database, newsletter_id: int, *, now: datetime) -> int:
    with db.read() as session:
        left = MOST_A_WEEK - store.came_back_since(session, newsletter_id, since=now - _WEEK)
        found = _set_aside(session, newsletter_id, now=now) if left > 0 else []
        news = _news(session, newsletter_id, found, now=now) if found else News()
    chosen = choose(found, news, now=now, most=left)
    if not chosen:
        return 0
    with db.write() as session:
        # Somebody may have picked it or its story meanwhile, or have said why they pass it over.
        still = {each.item_id for each in _set_aside(session, newsletter_id, now=now)}
        return sum(_bring_back(session, newsletter_id, each, now=now) for each in chosen if each.item_id in still)


def _set_aside(session: Session, newsletter_id: int, *, now: datetime) -> list[SetAside]:
    found = store.set_aside(session, newsletter_id, since=now - _SINCE, now=now)
    mutes = aside.mutes(session, newsletter_id)
    return [each for each in found if muting.mute_of(each.feed_id, each.title, mutes) is None]


def _news(session: Session, newsletter_id: int, found: list[SetAside], *, now: datetime) -> News:
    standing = ranking.standing(session, newsletter_id)
    days = None if standing is None else standing.lag_days
    return News(
        rising=tuple(topic.label for topic in trends.rising(session, newsletter_id)),
        shipped=store.shipped(session, [each.item_id for each in found], since=now - _WEEK),
        lag=None if days is None else timedelta(days=days),
    )


def _bring_back(session: Session, newsletter_id: int, one: ComesBack, *, now: datetime) -> bool:
    """Takes back what set an item aside. False where it came back before."""
    if not store.bring_back(session, newsletter_id, one, now=now):
        return False
    until = aside.wake(session, newsletter_id, one.item_id)
    reason = picks.remove_skip(session, newsletter_id, one.item_id)
    if reason is not None:
        _record(session, one, "offered again", {"newsletter": newsletter_id, "reason": reason.value}, now=now)
    elif until is not None:
        _record(session, one, "brought back", {"newsletter": newsletter_id, "until": until.isoformat()}, now=now)
    return True


def _record(session: Session, one: ComesBack, verb: str, before: Mapping[str, Any], *, now: datetime) -> None:
    activity.record(
        session,
        at=now,
        actor=None,
        verb=verb,
        subject="item",
        subject_id=one.item_id,
        before=before,
        after={"why": one.why},
    )
