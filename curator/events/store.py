"""Queries on events and on the counters that pages read instead of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from curator.audience.tables import AddressChange, Subscriber
from curator.db import changed, in_parts, insert_once, insertion, upsert
from curator.events.bounces import policy
from curator.events.bounces.policy import Fate, Weight
from curator.events.bounces.values import Kind, Reason
from curator.events.tables import BounceCount, ClickDay, Event, LinkCount, MailingCount, SpoolMark
from curator.events.tally import DayTally, Tally
from curator.events.values import (
    Bounced,
    EventKind,
    Hit,
    LinkResult,
    MailingCounters,
    Refusal,
    StoredHit,
)
from curator.issues.tables import Issue
from curator.issues.tables import Link as LinkRow
from curator.issues.values import IssueState, Link, Placement
from curator.mailings.letterhead import measured
from curator.mailings.repoints import store as repoints
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters.tables import Newsletter

MOST_WORDS = 200
"""Characters of a server's words that are kept."""

_COUNTED = (
    *("accepted", "clicks", "clickers", "robot_hits", "dropped", "bounced", "unsubscribed"),
    *("opens", "openers", "delivered", "complained"),
)
_NOTHING = dict.fromkeys(_COUNTED, 0)


# --- facts that a delivery has once


def add_once(
    session: Session,
    kind: EventKind,
    *,
    mailing_id: int,
    subscriber_id: int,
    at: datetime,
    detail: str = "",
    reason: str = "",
    is_hard: bool = False,
) -> bool:
    """Writes down a fact that a delivery has once; False when it is there already."""
    row = {
        "kind": kind,
        "mailing_id": mailing_id,
        "subscriber_id": subscriber_id,
        "at": at,
        "is_head": False,
        "is_robot": False,
        "is_hard": is_hard,
        "reason": reason,
        "detail": detail[:MOST_WORDS],
    }
    return insert_once(session, Event, row)


def held_bounce(session: Session, mailing_id: int, subscriber_id: int) -> Bounced | None:
    """Returns a delivery's bounce, held until the commit; None without one."""
    query = select(Event.at, Event.detail, Event.reason, Event.is_hard).where(*_bounce_of(mailing_id, subscriber_id))
    row = session.execute(query.with_for_update()).one_or_none()
    return None if row is None else Bounced(row.at, row.detail, row.reason, row.is_hard)


def set_bounce(
    session: Session,
    mailing_id: int,
    subscriber_id: int,
    *,
    at: datetime,
    reason: Reason,
    is_hard: bool,
    detail: str,
) -> None:
    """Writes down why a delivery bounced, over what is there."""
    new = {"at": at, "reason": reason, "is_hard": is_hard, "detail": detail[:MOST_WORDS]}
    session.execute(
        update(Event)
        .where(*_bounce_of(mailing_id, subscriber_id))
        .values(new)
        .execution_options(synchronize_session=False)
    )


def _bounce_of(mailing_id: int, subscriber_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Event.kind == EventKind.BOUNCED,
        Event.mailing_id == mailing_id,
        Event.subscriber_id == subscriber_id,
    )


def count_reasons(session: Session, mailing_id: int, added: Mapping[str, int]) -> None:
    """Adds to the sums of a mailing's bounces by reason; a negative number takes back."""
    for reason, number in sorted(added.items()):
        row = {"mailing_id": mailing_id, "reason": reason, "number": 0}
        upsert(session, BounceCount, [row], keys=["mailing_id", "reason"])
        same = BounceCount.mailing_id == mailing_id, BounceCount.reason == reason
        session.execute(update(BounceCount).where(*same).values(number=BounceCount.number + number))


def bounce_reasons(session: Session, mailing_ids: Collection[int]) -> dict[int, dict[Reason, int]]:
    """Returns how many messages of each mailing bounced for which reason, the most frequent first."""
    rows = session.execute(
        select(BounceCount.mailing_id, BounceCount.reason, BounceCount.number)
        .where(BounceCount.mailing_id.in_(mailing_ids), BounceCount.number > 0)
        .order_by(BounceCount.number.desc(), BounceCount.reason)
    )
    found: dict[int, dict[Reason, int]] = {}
    for mailing_id, reason, number in rows:
        found.setdefault(mailing_id, {})[Reason(reason)] = number
    return found


def fates(session: Session, subscriber_id: int, *, address: str, limit: int = 60) -> list[Fate]:
    """Returns what became of the newest messages to a reader; it looks at the newest `limit` mailings.

    Those that went to another address than `address`, and those that nobody knows to have left, are left out.
    """
    newest = select(Mailing.id).order_by(Mailing.id.desc()).limit(limit).subquery()
    bounced = and_(
        Event.mailing_id == Delivery.mailing_id,
        Event.subscriber_id == Delivery.subscriber_id,
        Event.kind == EventKind.BOUNCED,
    )
    # The bounce may be missing, which the types of an outer join do not say.
    rows: Sequence[Any] = session.execute(
        select(Mailing.started_at, Mailing.id, Delivery.state, Event.id, Event.reason, Event.is_hard)
        .select_from(newest)
        .join(Mailing, Mailing.id == newest.c.id)
        .join(Delivery, and_(Delivery.mailing_id == Mailing.id, Delivery.subscriber_id == subscriber_id))
        .outerjoin(Event, bounced)
        .order_by(Mailing.started_at, Mailing.id)
    ).all()
    known = [row for row in rows if row[3] is not None or row[2] == DeliveryState.SENT]
    return [
        Fate(at, id_, None if event is None else _weight(reason, is_hard))
        for at, id_, _, event, reason, is_hard in known
        if mailed_address(session, id_, subscriber_id) == address
    ]


def _weight(reason: str, is_hard: bool) -> Weight:
    """What bounced before reasons were told apart counts as ours: it is not held against anybody."""
    return policy.weight(Kind.HARD if is_hard else Kind.SOFT, Reason(reason)) if reason else Weight.OURS


def add_delivered(session: Session, mailing_id: int, delivered: Mapping[int, datetime]) -> int:
    """Writes down that messages of a mailing were delivered, by subscriber; returns how many are new."""
    rows = [
        {"kind": EventKind.DELIVERED, "mailing_id": mailing_id, "subscriber_id": subscriber_id, "at": at}
        | {"is_head": False, "is_robot": False, "detail": ""}
        for subscriber_id, at in sorted(delivered.items())
    ]
    new = insertion(session, Event).on_conflict_do_nothing().returning(Event.id)
    return len(session.connection().execute(new, rows).all()) if rows else 0


def delivered_to(session: Session, mailing_id: int, subscriber_ids: Collection[int]) -> set[int]:
    """Returns those of these subscribers for whom a mailing has a message; a restored backup may lack some."""
    query = select(Delivery.subscriber_id).where(Delivery.mailing_id == mailing_id)
    return {
        id_
        for some in in_parts(sorted(subscriber_ids))
        for id_ in session.scalars(query.where(Delivery.subscriber_id.in_(some)))
    }


def left_by(session: Session, newsletter_id: int, subscriber_id: int) -> int | None:
    """Returns the mailing by whose link a reader left a newsletter last; None where no such leaving is counted."""
    query = (
        select(Event.mailing_id)
        .join(Mailing, Mailing.id == Event.mailing_id)
        .where(
            Mailing.newsletter_id == newsletter_id,
            Event.subscriber_id == subscriber_id,
            Event.kind == EventKind.UNSUBSCRIBED,
        )
    )
    return session.scalar(query.order_by(Event.at.desc(), Event.id.desc()).limit(1))


def remove(session: Session, kind: EventKind, *, mailing_id: int, subscriber_id: int) -> bool:
    """Takes back a fact that a delivery has once; False when it was not there."""
    gone = delete(Event).where(Event.kind == kind, Event.mailing_id == mailing_id, Event.subscriber_id == subscriber_id)
    return session.execute(gone.returning(Event.id)).first() is not None


def count(session: Session, mailing_id: int, **by: int) -> None:
    """Adds to a mailing's counters, such as `unsubscribed=1`; a negative number takes back."""
    upsert(session, MailingCount, [{"mailing_id": mailing_id, **_NOTHING}], keys=["mailing_id"])
    added = {name: getattr(MailingCount, name) + number for name, number in by.items()}
    session.execute(update(MailingCount).where(MailingCount.mailing_id == mailing_id).values(**added))


def unnoted_refusals(session: Session, mailing_id: int, *, after_id: int = 0, limit: int = 500) -> list[Refusal]:
    """Returns deliveries that the relay refused and that are no bounces yet, by subscriber, at most `limit`."""
    is_noted = and_(
        Event.mailing_id == Delivery.mailing_id,
        Event.subscriber_id == Delivery.subscriber_id,
        Event.kind == EventKind.BOUNCED,
    )
    rows = session.execute(
        select(Delivery.subscriber_id, Subscriber.address, Delivery.code, Delivery.reason)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .outerjoin(Event, is_noted)
        .where(
            Delivery.mailing_id == mailing_id,
            Delivery.state == DeliveryState.REFUSED,
            Delivery.code.between(500, 599),
            Delivery.subscriber_id > after_id,
            Event.id.is_(None),
        )
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    return [Refusal(id_, address, code or 0, words or "") for id_, address, code, words in rows]


# --- what events say about the ledger


def has_delivery(session: Session, mailing_id: int, subscriber_id: int) -> bool:
    """Tells whether a mailing has a message for this subscriber; a restored backup may lack it."""
    return session.get(Delivery, (mailing_id, subscriber_id)) is not None


def mailed_address(session: Session, mailing_id: int, subscriber_id: int) -> str | None:
    """Returns the address that a mailing's message went to; None where the subscriber was erased.

    Who has another address since is no reader whose mailbox is dead: their change of address tells what it was then.
    """
    now_has = session.scalar(select(Subscriber.address).where(Subscriber.id == subscriber_id))
    sent_at = select(Delivery.at).where(Delivery.mailing_id == mailing_id, Delivery.subscriber_id == subscriber_id)
    since = AddressChange.subscriber_id == subscriber_id, AddressChange.moved_at > sent_at.scalar_subquery()
    before = select(AddressChange.old_address).where(*since).order_by(AddressChange.moved_at, AddressChange.id).limit(1)
    return None if now_has is None else session.scalar(before) or now_has


def proven(
    session: Session, mailing_id: int, *, among: Collection[int] | None = None, limit: int = 500
) -> dict[int, EventKind]:
    """Returns the deliveries in doubt of which an event is known, by subscriber, at most `limit`, and one such event.

    Whatever a reader or their host did with a message, the relay must have taken it. `among` narrows to subscribers.
    """
    query = (
        select(Delivery.subscriber_id, func.min(Event.kind))
        .join(Event, and_(Event.mailing_id == Delivery.mailing_id, Event.subscriber_id == Delivery.subscriber_id))
        .where(Delivery.mailing_id == mailing_id, Delivery.state == DeliveryState.IN_DOUBT)
        .group_by(Delivery.subscriber_id)
        .order_by(Delivery.subscriber_id)
        .limit(limit)
    )
    if among is not None:
        query = query.where(Delivery.subscriber_id.in_(among))
    return {subscriber_id: EventKind(kind) for subscriber_id, kind in session.execute(query)}


# --- taking in spool files


def marks(session: Session, files: Collection[str]) -> dict[str, int]:
    """Returns how many bytes of these files are taken in; a file that was not begun is left out."""
    rows = session.execute(select(SpoolMark.file, SpoolMark.bytes_read).where(SpoolMark.file.in_(files)))
    return {file: bytes_read for file, bytes_read in rows}  # noqa: C416 - rows are no pairs to mypy


def move_mark(session: Session, file: str, *, start: int, end: int, now: datetime) -> bool:
    """Claims the bytes from `start` to `end` of a file; False when somebody has taken them in already."""
    if start == 0:
        return upsert(session, SpoolMark, [{"file": file, "bytes_read": end, "at": now}], keys=["file"]) == 1
    moved = update(SpoolMark).where(SpoolMark.file == file, SpoolMark.bytes_read == start)
    return changed(session, moved.values(bytes_read=end, at=now)) == 1


def forget_mark(session: Session, file: str) -> None:
    """Removes the mark of a file that is gone."""
    session.execute(delete(SpoolMark).where(SpoolMark.file == file))


def hold(session: Session, mailing_ids: Collection[int]) -> list[int]:
    """Locks the counters of those of these mailings that exist, in the order of their ids, and returns the ids.

    Two machines that take in clicks on the same mailing take turns by it: both judge the same reader's hits.
    """
    known = list(session.scalars(select(Mailing.id).where(Mailing.id.in_(mailing_ids)).order_by(Mailing.id)))
    upsert(session, MailingCount, [{"mailing_id": id_, **_NOTHING} for id_ in known], keys=["mailing_id"])
    held = select(MailingCount.mailing_id).where(MailingCount.mailing_id.in_(known))
    return list(session.scalars(held.order_by(MailingCount.mailing_id).with_for_update()))


def stored_hits(session: Session, mailing_id: int, subscriber_ids: Collection[int]) -> dict[int, list[StoredHit]]:
    """Returns the hits of these readers in a mailing, by reader, in the order in which they were taken in."""
    rows = session.execute(
        select(Event.id, Event.subscriber_id, Event.link, Event.at, Event.agent, Event.is_head, Event.is_robot)
        .where(
            Event.mailing_id == mailing_id,
            Event.subscriber_id.in_(subscriber_ids),
            Event.kind == EventKind.CLICKED,
        )
        .order_by(Event.id)
    )
    found: dict[int, list[StoredHit]] = {}
    for id_, subscriber_id, link, at, agent, is_head, is_robot in rows:
        hit = Hit(mailing_id, link or 0, subscriber_id, at, agent or 0, is_head)
        found.setdefault(subscriber_id, []).append(StoredHit(id_, hit, is_robot))
    return found


def link_total(session: Session, mailing_id: int) -> int:
    """Returns how many tracked links a mailing's mail has, the canary not among them; they never change."""
    query = select(func.count()).select_from(LinkRow).join(Mailing, Mailing.revision_id == LinkRow.revision_id)
    return session.scalar(query.where(Mailing.id == mailing_id)) or 0


def add_hits(session: Session, judged: Iterable[tuple[Hit, bool]]) -> None:
    """Writes hits down, each with whether it is a machine's."""
    rows = [
        {
            "kind": EventKind.CLICKED,
            "mailing_id": hit.mailing_id,
            "subscriber_id": hit.subscriber_id,
            "at": hit.at,
            "link": hit.link,
            "agent": hit.agent,
            "is_head": hit.is_head,
            "is_robot": is_robot,
            "detail": "",
        }
        for hit, is_robot in judged
    ]
    if rows:
        session.connection().execute(Event.__table__.insert(), rows)  # type: ignore[attr-defined]  # a table, though typed as its base


def judge_anew(session: Session, verdicts: Mapping[int, bool]) -> None:
    """Writes down that hits are a machine's after all, or a person's."""
    for is_robot in (False, True):
        ids = [id_ for id_, now in verdicts.items() if now is is_robot]
        for some in in_parts(ids):
            session.execute(
                update(Event)
                .where(Event.id.in_(some))
                .values(is_robot=is_robot)
                .execution_options(synchronize_session=False)
            )


def add_tally(session: Session, mailing_id: int, tally: Tally, *, dropped: int) -> None:
    """Adds what hits came to to the counters of a mailing and of its links; a negative number takes back."""
    count(
        session,
        mailing_id,
        clicks=tally.clicks,
        clickers=tally.clickers,
        robot_hits=tally.robot_hits,
        dropped=dropped,
    )
    empty = {"clicks": 0, "readers": 0, "robot_hits": 0}
    rows = [{"mailing_id": mailing_id, "link": link, **empty} for link in sorted(tally.links)]
    upsert(session, LinkCount, rows, keys=["mailing_id", "link"])
    added = (
        update(LinkCount)
        .where(LinkCount.mailing_id == mailing_id, LinkCount.link == bindparam("which"))
        .values(
            clicks=LinkCount.clicks + bindparam("more_clicks"),
            readers=LinkCount.readers + bindparam("more_readers"),
            robot_hits=LinkCount.robot_hits + bindparam("more_robot_hits"),
        )
    )
    if rows:
        session.connection().execute(
            added,
            [
                {
                    "which": link,
                    "more_clicks": each.clicks,
                    "more_readers": each.readers,
                    "more_robot_hits": each.robot_hits,
                }
                for link, each in sorted(tally.links.items())
            ],
        )


def add_days(session: Session, mailing_id: int, days: Mapping[tuple[int, date], DayTally]) -> None:
    """Adds hits to the days of a mailing's links; a negative number takes back."""
    rows = [
        {"mailing_id": mailing_id, "link": link, "on": on, "clicks": each.clicks, "robot_hits": each.robot_hits}
        for (link, on), each in sorted(days.items())
    ]
    if rows:
        insert = insertion(session, ClickDay)
        more = {name: getattr(ClickDay, name) + insert.excluded[name] for name in ("clicks", "robot_hits")}
        added = insert.on_conflict_do_update(index_elements=["mailing_id", "link", "on"], set_=more)
        session.connection().execute(added, rows)


# --- targets


def targets(session: Session, mailing_id: int) -> dict[int, str] | None:
    """Returns where the links of a mailing lead by now; None without such a mailing."""
    row = session.execute(select(Mailing.revision_id, Mailing.issue_id).where(Mailing.id == mailing_id)).one_or_none()
    if row is None:
        return None
    urls = session.execute(select(LinkRow.number, LinkRow.url).where(LinkRow.revision_id == row.revision_id))
    now_at = repoints.now_at(session, row.issue_id)
    return {number: now_at.get(url, url) for number, url in urls}


def page(session: Session, mailing_id: int) -> tuple[str, int] | None:
    """Returns the newsletter's short name and the issue's number of a mailing, as they are now."""
    row = session.execute(
        select(Newsletter.slug, Issue.number)
        .join(Mailing, Mailing.newsletter_id == Newsletter.id)
        .join(Issue, Issue.id == Mailing.issue_id)
        .where(Mailing.id == mailing_id)
    ).one_or_none()
    return None if row is None else (row.slug, row.number)


# --- results


def counters(session: Session, issue_ids: Collection[int]) -> list[MailingCounters]:
    """Returns the counters of every mailing of these issues, oldest first."""
    rows = session.execute(
        select(
            Mailing.id,
            Mailing.issue_id,
            Mailing.is_test,
            Mailing.state,
            Mailing.letterhead,
            Mailing.revision_id,
            *(func.coalesce(getattr(MailingCount, name), 0).label(name) for name in _NOTHING),
        )
        .outerjoin(MailingCount, MailingCount.mailing_id == Mailing.id)
        .where(Mailing.issue_id.in_(issue_ids))
        .order_by(Mailing.id)
    )
    return [
        MailingCounters(
            row.id,
            row.issue_id,
            row.is_test,
            MailingState(row.state).is_final,
            **{name: getattr(row, name) for name in _NOTHING},
            revision_id=row.revision_id,
            measured=measured(row.letterhead),
        )
        for row in rows
    ]


def sums(session: Session) -> dict[str, int]:
    """Returns the counters of all mailings to readers added up: one row for each mailing is read."""
    names = ("accepted", "bounced", "unsubscribed", "clicks", "robot_hits")
    columns = [func.coalesce(func.sum(getattr(MailingCount, name)), 0) for name in names]
    return dict(zip(names, session.execute(select(*columns)).one(), strict=True))


def accepted(session: Session, mailing_id: int) -> int:
    """Returns how many messages of a mailing the relay took, by the counts of its batches."""
    return session.scalar(select(func.coalesce(func.sum(Batch.sent), 0)).where(Batch.mailing_id == mailing_id)) or 0


def accepted_without(session: Session, mailing_ids: Sequence[int]) -> int:
    """Returns how many messages the relay took of all mailings but these, as was noted when each was over."""
    query = select(func.coalesce(func.sum(MailingCount.accepted), 0))
    return session.scalar(query.where(MailingCount.mailing_id.not_in(mailing_ids))) or 0


def set_accepted(session: Session, mailing_id: int, number: int) -> None:
    """Writes down how many messages of a mailing the relay took."""
    session.execute(update(MailingCount).where(MailingCount.mailing_id == mailing_id).values(accepted=number))


def bounces_by_reason(session: Session, mailing_ids: Collection[int]) -> dict[Reason, int]:
    """Returns how many messages of these mailings bounced for which reason, the most frequent first."""
    number = func.sum(BounceCount.number)
    query = select(BounceCount.reason, number).where(BounceCount.mailing_id.in_(mailing_ids))
    rows = session.execute(query.group_by(BounceCount.reason).order_by(number.desc(), BounceCount.reason))
    return {Reason(reason): int(total) for reason, total in rows if total}


def link_results(session: Session, mailing_ids: Collection[int]) -> dict[int, list[LinkResult]]:
    """Returns the links of each mailing in the order of the page, with what came of them."""
    counted = and_(LinkCount.mailing_id == Mailing.id, LinkCount.link == LinkRow.number)
    rows = session.execute(
        select(Mailing.id, LinkRow, LinkCount.clicks, LinkCount.readers, LinkCount.robot_hits)
        .join(LinkRow, LinkRow.revision_id == Mailing.revision_id)
        .outerjoin(LinkCount, counted)
        .where(Mailing.id.in_(mailing_ids))
        .order_by(Mailing.id, LinkRow.number)
    )
    found: dict[int, list[LinkResult]] = {}
    for mailing_id, row, clicks, readers, robot_hits in rows:
        link = Link(row.number, row.url, Placement(row.placement), row.block_id, row.section, row.label)
        found.setdefault(mailing_id, []).append(LinkResult(link, clicks or 0, readers or 0, robot_hits or 0))
    return found


def sent_before(session: Session, newsletter_id: int, *, number: int | None = None, limit: int) -> list[int]:
    """Returns the issues of a newsletter that were sent, newest first; only those before `number`, if given.

    Back issues are none of them: nothing is known of what their readers did.
    """
    query = select(Issue.id).where(Issue.newsletter_id == newsletter_id, Issue.state == IssueState.SENT)
    query = query.where(Issue.imported_at.is_(None))
    if number is not None:
        query = query.where(Issue.number < number)
    return list(session.scalars(query.order_by(Issue.number.desc()).limit(limit)))
