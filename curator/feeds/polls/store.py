"""The rows about asking: polls, holds and leases of hosts, former addresses of feeds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed, in_parts, insertion, upsert, upserted
from curator.feeds.polling import host_of
from curator.feeds.polls.values import DueFeed, Hold, PollRow
from curator.feeds.tables import Feed, HostHold, Poll, PollCount
from curator.feeds.values import FeedState

KEPT = 90
"""Lines of the ledger that are kept of a feed: four days by the hour, a quarter by the day."""

LEASE = timedelta(minutes=3)
"""How long a host stays taken when its poller was killed: three times what a poll may last, and a turn."""

_OLD = (
    select(Poll.id).where(Poll.feed_id == bindparam("feed")).order_by(Poll.id.desc()).offset(KEPT).limit(1)
).scalar_subquery()
_FORGET = delete(Poll).where(Poll.feed_id == bindparam("feed"), Poll.id <= _OLD)
_ADD_POLL = insert(Poll)
_HOLDS = select(HostHold.host, HostHold.until, HostHold.strikes, HostHold.why)
_HOLDS_OF = _HOLDS.where(HostHold.host.in_(bindparam("names", expanding=True)))
_FORGIVE = (
    update(HostHold).where(HostHold.host == bindparam("name"), HostHold.strikes > 0).values({"strikes": 0, "why": ""})
)
# All feeds of a held host become due at one moment: what was read longest ago goes first, or the last are never read.
_READ_AT = func.coalesce(Feed.last_ok_at, Feed.created_at)
_DUE = (
    select(Feed.id, Feed.url, Feed.next_poll_at, _READ_AT)
    .where(Feed.state == FeedState.ACTIVE, Feed.next_poll_at <= bindparam("now"))
    .order_by(Feed.next_poll_at, _READ_AT, Feed.id)
    .limit(bindparam("most"))
)
# With its type: SQLite would else compare the driver's spelling of a moment with ours, and go on to the same feeds.
_LAST_READ = bindparam("read_at", type_=Feed.created_at.type)
_AFTER_READ = or_(_READ_AT > _LAST_READ, and_(_READ_AT == _LAST_READ, Feed.id > bindparam("feed")))
_DUE_AFTER = _DUE.where(
    or_(Feed.next_poll_at > bindparam("at"), and_(Feed.next_poll_at == bindparam("at"), _AFTER_READ))
)


def add_polls(session: Session, lines: Mapping[int, PollRow]) -> None:
    """Writes a line of the ledger for each feed, by its id, and forgets its oldest."""
    if not lines:
        return
    connection = session.connection()
    connection.execute(_ADD_POLL, [{"feed_id": feed_id, **vars(line)} for feed_id, line in lines.items()])
    connection.execute(_FORGET, [{"feed": feed_id} for feed_id in lines])


def add_poll(session: Session, feed_id: int, line: PollRow) -> None:
    """Writes one line of the ledger."""
    add_polls(session, {feed_id: line})


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets lines of the ledger from before a moment, of the oldest `limit`, and returns how many.

    Without it a feed that is not asked any more would keep its last lines for good.
    """
    # By their numbers, which rise with time: no index on the moment is kept up for this.
    oldest = select(Poll.id).order_by(Poll.id).limit(limit)
    return changed(session, delete(Poll).where(Poll.id.in_(oldest), Poll.at < before))


def count_failure(session: Session, *, now: datetime) -> None:
    """Adds one to the day's polls that failed."""
    row = {"counted_on": now.date(), "failed": 1}
    counted = insertion(session, PollCount).values(row)
    again = {"failed": PollCount.failed + counted.excluded.failed}
    session.execute(counted.on_conflict_do_update(index_elements=["counted_on"], set_=again))


def failures_in_all(session: Session) -> int:
    """Returns how many polls have ever failed: one row for each day is read."""
    return session.scalar(select(func.coalesce(func.sum(PollCount.failed), 0))) or 0


def polls(session: Session, feed_id: int, *, limit: int = 25) -> list[PollRow]:
    """Returns at most `limit` polls of a feed, newest first."""
    columns = (Poll.at, Poll.status, Poll.is_ok, Poll.note, Poll.new, Poll.updated, Poll.took_ms, Poll.bytes)
    query = select(*columns).where(Poll.feed_id == feed_id).order_by(Poll.id.desc()).limit(limit)
    return [PollRow(*row) for row in session.execute(query)]


def hold(session: Session, host: str) -> Hold | None:
    """Returns what is known of a host that holds us off or did so of late, None of one that never did."""
    return known_holds(session, [host]).get(host)


def known_holds(session: Session, hosts: Collection[str]) -> dict[str, Hold]:
    """Returns what `hold` does of each of the hosts that has something to be known, by host."""
    rows = session.connection().execute(_HOLDS_OF, {"names": list(hosts)})
    return {row.host: Hold(*row) for row in rows}


def put_hold(session: Session, found: Hold) -> None:
    """Has a host left alone. A longer hold that is there stays."""
    known = hold(session, found.host)
    until = max(found.until, known.until) if known else found.until
    row = {"host": found.host, "until": until, "strikes": found.strikes, "why": found.why[:200]}
    upsert(session, HostHold, [row], keys=["host"], update=["until", "strikes", "why"])


def forgive(session: Session, host: str) -> None:
    """Forgets a host's strikes, after a good answer."""
    session.connection().execute(_FORGIVE, {"name": host})


def put_off(session: Session, feed_ids: Collection[int], *, until: datetime, note: str) -> None:
    """Makes feeds of a held host due again when the hold ends, and says so.

    One that somebody writes just now is left out, as it gets its next poll there: two who wait for one of many feeds
    might wait for each other.
    """
    feeds = Feed.id.in_(feed_ids), Feed.next_poll_at < until
    free = select(Feed.id).where(*feeds).with_for_update(skip_locked=True)
    session.execute(update(Feed).where(Feed.id.in_(free)).values(next_poll_at=until, note=note))


def due_feeds(session: Session, *, now: datetime, after: DueFeed | None = None, limit: int = 200) -> list[DueFeed]:
    """Returns at most `limit` active feeds whose moment has come, longest due first; `after` one of them goes on."""
    values: dict[str, Any] = {"now": now, "most": limit}
    if after is not None:
        values |= {"at": after.at, "read_at": after.read_at, "feed": after.id}
    rows = session.connection().execute(_DUE if after is None else _DUE_AFTER, values)
    return [DueFeed(feed_id, host_of(url), at, read_at) for feed_id, url, at, read_at in rows]


def hosts_of(session: Session, feed_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Returns these feeds with their hosts, in the order given; one that is not there is left out."""
    found: dict[int, str] = {}
    for part in in_parts(feed_ids):
        query = select(Feed.id, Feed.url).where(Feed.id.in_(part))
        found |= {feed_id: host_of(url) for feed_id, url in session.execute(query)}
    return [(feed_id, found[feed_id]) for feed_id in feed_ids if feed_id in found]


def holds(session: Session, hosts: Collection[str], *, now: datetime) -> dict[str, Hold]:
    """Returns those of the hosts that want to be left alone at this moment."""
    return {host: hold for host, hold in known_holds(session, hosts).items() if hold.until > now}


def taken_hosts(session: Session, *, now: datetime) -> frozenset[str]:
    """Returns the hosts that somebody is asking at this moment."""
    return frozenset(session.scalars(select(HostHold.host).where(HostHold.asked_until > now)))


def take_hosts(session: Session, names: Sequence[str], *, by: str, now: datetime) -> list[str]:
    """Takes those of the hosts that are free, so that nobody else asks them for a while; returns which."""
    connection = session.connection()
    lease = {"asked_by": by[:80], "asked_until": now + LEASE}
    rows = [{"host": name, "until": now, "strikes": 0, "why": "", **lease} for name in names]
    taken = set(upserted(session, HostHold, rows, keys=["host"]))
    for name in names:
        if name not in taken:
            found = connection.execute(_TAKE, {"name": name, "now": now, **lease})
            taken.update(name for _ in range(found.rowcount))
    return [name for name in names if name in taken]


def give_back(session: Session, names: Collection[str], *, by: str, now: datetime) -> None:
    """Lets others ask hosts; a row that says nothing any more goes."""
    connection = session.connection()
    for name in names:
        own = {"name": name, "by": by[:80], "now": now}
        if not connection.execute(_DROP, own).rowcount:
            connection.execute(_LET_GO, {"name": name, "by": by[:80], "asked_by": None, "asked_until": None})


_IS_FREE = or_(HostHold.asked_until.is_(None), HostHold.asked_until <= bindparam("now"))
_TAKE = update(HostHold).where(HostHold.host == bindparam("name"), _IS_FREE)
_OWN = HostHold.host == bindparam("name"), HostHold.asked_by == bindparam("by")
_LET_GO = update(HostHold).where(*_OWN)
_DROP = delete(HostHold).where(*_OWN, HostHold.strikes == 0, HostHold.until <= bindparam("now"))
