"""Counts a mailing's events anew where its counters are in doubt: after a database was put back together by hand."""

from collections.abc import Mapping
from typing import TypeVar

from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.events import listen, store
from curator.events.recounting import store as recounting
from curator.events.tally import DayTally, LinkTally, Recount
from curator.events.values import EventKind

Key = TypeVar("Key")
T = TypeVar("T")

_ONCE = (EventKind.UNSUBSCRIBED, EventKind.OPENED)


def recount(db: Database, mailing_id: int) -> tuple[Recount, Recount]:
    """Lifts a mailing's counters to what its events come to; returns what they said before and say now.

    No counter is lowered: hits that name nobody have no event, and those of erased readers have none any more, while
    the sums of both stay. One transaction, which others who count for this mailing wait for. A second call changes
    nothing. Raises NotFoundError, and StateError where the events were deleted for their age.
    """
    with db.write() as session:
        if not store.hold(session, [mailing_id]):
            raise NotFoundError("mailing", mailing_id)
        if recounting.is_nameless(session, mailing_id):
            raise StateError(f"The events of mailing {mailing_id} were deleted for their age: only its sums are left.")
        before = recounting.of_counters(session, mailing_id)
        now = _highest(before, recounting.of_events(session, mailing_id))
        if now != before:
            recounting.put(session, mailing_id, now)
    listen.note_accepted_if_over(db, mailing_id)
    return before, now


def _highest(counted: Recount, found: Recount) -> Recount:
    links = {
        link: LinkTally(
            max(one.clicks, other.clicks), max(one.readers, other.readers), max(one.robot_hits, other.robot_hits)
        )
        for link, one, other in _pairs(counted.links, found.links, LinkTally())
    }
    reasons = {why: max(one, other) for why, one, other in _pairs(counted.reasons, found.reasons, 0)}
    return Recount(
        links=links,
        clickers=max(counted.clickers, found.clickers),
        days={
            day: DayTally(max(one.clicks, other.clicks), max(one.robot_hits, other.robot_hits))
            for day, one, other in _pairs(counted.days, found.days, DayTally())
        },
        reasons=reasons,
        kinds={
            EventKind.CLICKED: sum(each.clicks for each in links.values()),
            EventKind.BOUNCED: sum(reasons.values()),
            **{kind: max(counted.kinds.get(kind, 0), found.kinds.get(kind, 0)) for kind in _ONCE},
        },
    )


def _pairs(one: Mapping[Key, T], other: Mapping[Key, T], nothing: T) -> list[tuple[Key, T, T]]:
    return [(key, one.get(key, nothing), other.get(key, nothing)) for key in {**one, **other}]
