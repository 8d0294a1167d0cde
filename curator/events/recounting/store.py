"""Adds up every event of a mailing and lifts counters to that sum. No page asks this: it reads all events."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import case, distinct, func, select, update
from sqlalchemy.orm import Session

from curator.clock import in_utc
from curator.db import upsert
from curator.events.bounces.values import Reason
from curator.events.tables import BounceCount, ClickDay, Event, LinkCount, MailingCount
from curator.events.tally import DayTally, LinkTally, Recount
from curator.events.values import EventKind

_PERSON = case((Event.is_robot, None), else_=Event.subscriber_id)
_BY_PEOPLE = func.coalesce(func.sum(case((Event.is_robot, 0), else_=1)), 0)
_BY_ROBOTS = func.coalesce(func.sum(case((Event.is_robot, 1), else_=0)), 0)


def is_nameless(session: Session, mailing_id: int) -> bool:
    """Tells whether a mailing's events were deleted for their age."""
    at = select(MailingCount.nameless_at).where(MailingCount.mailing_id == mailing_id)
    return session.scalar(at) is not None


def of_events(session: Session, mailing_id: int) -> Recount:
    """Returns what the events of a mailing come to; reads each of them."""
    clicked = Event.mailing_id == mailing_id, Event.kind == EventKind.CLICKED
    links = session.execute(
        select(Event.link, _BY_PEOPLE, func.count(distinct(_PERSON)), _BY_ROBOTS).where(*clicked).group_by(Event.link)
    )
    clickers = session.scalar(select(func.count(distinct(_PERSON))).where(*clicked)) or 0
    people = Event.mailing_id == mailing_id, Event.is_robot.is_(False)
    kinds = session.execute(select(Event.kind, func.count()).where(*people).group_by(Event.kind))
    bounced = Event.mailing_id == mailing_id, Event.kind == EventKind.BOUNCED
    reasons = session.execute(select(Event.reason, func.count()).where(*bounced).group_by(Event.reason))
    return Recount(
        links={link: LinkTally(*map(int, sums)) for link, *sums in links},
        clickers=clickers,
        days=_days(session, mailing_id),
        reasons={Reason(reason or Reason.OTHER): number for reason, number in reasons},
        kinds={EventKind(kind): number for kind, number in kinds},
    )


def of_counters(session: Session, mailing_id: int) -> Recount:
    """Returns what the counters of a mailing say of the same."""
    row = session.get_one(MailingCount, mailing_id, populate_existing=True)
    links = session.scalars(select(LinkCount).where(LinkCount.mailing_id == mailing_id))
    days = session.scalars(select(ClickDay).where(ClickDay.mailing_id == mailing_id))
    reasons = session.scalars(select(BounceCount).where(BounceCount.mailing_id == mailing_id))
    return Recount(
        links={each.link: LinkTally(each.clicks, each.readers, each.robot_hits) for each in links},
        clickers=row.clickers,
        days={(each.link, each.on): DayTally(each.clicks, each.robot_hits) for each in days},
        reasons={Reason(each.reason): each.number for each in reasons},
        kinds={
            EventKind.CLICKED: row.clicks,
            EventKind.BOUNCED: row.bounced,
            EventKind.UNSUBSCRIBED: row.unsubscribed,
            EventKind.OPENED: row.openers,
        },
    )


def put(session: Session, mailing_id: int, recount: Recount) -> None:
    """Writes a recount into a mailing's counters; what it does not name stays."""
    mine = {"mailing_id": mailing_id}
    _put(
        session,
        LinkCount,
        ["mailing_id", "link"],
        (
            mine | {"link": link, "clicks": each.clicks, "readers": each.readers, "robot_hits": each.robot_hits}
            for link, each in sorted(recount.links.items())
        ),
    )
    _put(
        session,
        ClickDay,
        ["mailing_id", "link", "on"],
        (
            mine | {"link": link, "on": on, "clicks": each.clicks, "robot_hits": each.robot_hits}
            for (link, on), each in sorted(recount.days.items())
        ),
    )
    _put(
        session,
        BounceCount,
        ["mailing_id", "reason"],
        (mine | {"reason": reason, "number": number} for reason, number in sorted(recount.reasons.items())),
    )
    session.execute(
        update(MailingCount)
        .where(MailingCount.mailing_id == mailing_id)
        .values(
            clicks=recount.kinds[EventKind.CLICKED],
            robot_hits=sum(each.robot_hits for each in recount.links.values()),
            clickers=recount.clickers,
            bounced=recount.kinds[EventKind.BOUNCED],
            unsubscribed=recount.kinds[EventKind.UNSUBSCRIBED],
            openers=recount.kinds[EventKind.OPENED],
        )
    )


def _put(session: Session, table: type[Any], keys: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        upsert(session, table, [dict(row)], keys=keys)
        this = [getattr(table, name) == row[name] for name in keys]
        session.execute(update(table).where(*this).values(**{name: row[name] for name in row if name not in keys}))


def _days(session: Session, mailing_id: int) -> dict[tuple[int, date], DayTally]:
    """By hand, because the two databases name the day of a moment differently."""
    hits = session.execute(
        select(Event.link, Event.at, Event.is_robot).where(
            Event.mailing_id == mailing_id, Event.kind == EventKind.CLICKED
        )
    )
    sums: dict[tuple[int, date], list[int]] = {}
    for link, at, is_robot in hits:
        sums.setdefault((link or 0, in_utc(at).date()), [0, 0])[int(is_robot)] += 1
    return {day: DayTally(*both) for day, both in sums.items()}
