"""The rows about asking: polls, holds and leases of hosts, former addresses of feeds."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed, insert_once, upsert
from curator.feeds.polling import host_of
from curator.feeds.polls.values import DueFeed, Hold, PollRow
from curator.feeds.tables import Feed, HostHold, Poll
from curator.feeds.values import FeedState

KEPT = 90
"""Lines of the ledger that are kept of a feed: four days by the hour, a quarter by the day."""

LEASE = timedelta(minutes=3)
"""How long a host stays taken when its poller was killed: three times what a poll may last, and a turn."""

_OLD = (
    select(Poll.id).where(Poll.feed_id == bindparam("feed")).order_by(Poll.id.desc()).offset(KEPT).limit(1)
).scalar_subquery()
_FORGET = delete(Poll).where(Poll.feed_id == bindparam("feed"), Poll.id <= _OLD)


def add_poll(session: Session, feed_id: int, line: PollRow) -> None:
    """Writes a line of the ledger, and forgets the feed's oldest."""
    connection = session.connection()
    connection.execute(insert(Poll), {"feed_id": feed_id, **asdict(line)})
    connection.execute(_FORGET, {"feed": feed_id})


def polls(session: Session, feed_id: int, *, limit: int = 25) -> list[PollRow]:
    """Returns at most `limit` polls of a feed, newest first."""
    columns = (Poll.at, Poll.status, Poll.is_ok, Poll.note, Poll.new, Poll.updated, Poll.took_ms, Poll.bytes)
    query = select(*columns).where(Poll.feed_id == feed_id).order_by(Poll.id.desc()).limit(limit)
    return [PollRow(*row) for row in session.execute(query)]


def hold(session: Session, host: str) -> Hold | None:
    """Returns what is known of a host that holds us off or did so of late, None of one that never did."""
    query = select(HostHold.host, HostHold.until, HostHold.strikes, HostHold.why).where(HostHold.host == host)
    row = session.execute(query).one_or_none()
    return None if row is None else Hold(*row)


def put_hold(session: Session, found: Hold) -> None:
    """Has a host left alone. A longer hold that is there stays."""
    known = hold(session, found.host)
    until = max(found.until, known.until) if known else found.until
    row = {"host": found.host, "until": until, "strikes": found.strikes, "why": found.why[:200]}
    upsert(session, HostHold, [row], keys=["host"], update=["until", "strikes", "why"])


def forgive(session: Session, host: str) -> None:
    """Forgets a host's strikes, after a good answer."""
    session.execute(update(HostHold).where(HostHold.host == host, HostHold.strikes > 0).values(strikes=0, why=""))


def put_off(session: Session, feed_ids: Collection[int], *, until: datetime, note: str) -> None:
    """Makes feeds of a held host due again when the hold ends, and says so."""
    feeds = Feed.id.in_(feed_ids), Feed.next_poll_at < until
    session.execute(update(Feed).where(*feeds).values(next_poll_at=until, note=note))


def due_feeds(session: Session, *, now: datetime, after: DueFeed | None = None, limit: int = 200) -> list[DueFeed]:
    """Returns at most `limit` active feeds whose moment has come, longest due first; `after` one of them goes on."""
    query = select(Feed.id, Feed.url, Feed.next_poll_at).where(Feed.state == FeedState.ACTIVE, Feed.next_poll_at <= now)
    if after is not None:
        is_same = and_(Feed.next_poll_at == after.at, Feed.id > after.id)
        query = query.where(or_(Feed.next_poll_at > after.at, is_same))
    rows = session.execute(query.order_by(Feed.next_poll_at, Feed.id).limit(limit))
    return [DueFeed(feed_id, host_of(url), at) for feed_id, url, at in rows]


def hosts_of(session: Session, feed_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Returns these feeds with their hosts, in the order given; one that is not there is left out."""
    found: dict[int, str] = {}
    for start in range(0, len(feed_ids), 500):
        query = select(Feed.id, Feed.url).where(Feed.id.in_(feed_ids[start : start + 500]))
        found |= {feed_id: host_of(url) for feed_id, url in session.execute(query)}
    return [(feed_id, found[feed_id]) for feed_id in feed_ids if feed_id in found]


def holds(session: Session, hosts: Collection[str], *, now: datetime) -> dict[str, Hold]:
    """Returns those of the hosts that want to be left alone at this moment."""
    columns = HostHold.host, HostHold.until, HostHold.strikes, HostHold.why
    query = select(*columns).where(HostHold.host.in_(hosts), HostHold.until > now)
    return {row.host: Hold(*row) for row in session.execute(query)}


def taken_hosts(session: Session, *, now: datetime) -> frozenset[str]:
    """Returns the hosts that somebody is asking at this moment."""
    return frozenset(session.scalars(select(HostHold.host).where(HostHold.asked_until > now)))


def take_host(session: Session, host: str, *, by: str, now: datetime) -> bool:
    """Takes a host, so that nobody else asks it for a while; False when somebody has it."""
    lease = {"asked_by": by[:80], "asked_until": now + LEASE}
    if insert_once(session, HostHold, {"host": host, "until": now, "strikes": 0, "why": "", **lease}):
        return True
    is_free = or_(HostHold.asked_until.is_(None), HostHold.asked_until <= now)
    return changed(session, update(HostHold).where(HostHold.host == host, is_free).values(**lease)) == 1


def give_back(session: Session, host: str, *, by: str, now: datetime) -> None:
    """Lets others ask a host; a row that says nothing any more goes."""
    own = HostHold.host == host, HostHold.asked_by == by[:80]
    session.execute(update(HostHold).where(*own).values(asked_by=None, asked_until=None))
    session.execute(
        delete(HostHold).where(
            HostHold.host == host, HostHold.asked_by.is_(None), HostHold.strikes == 0, HostHold.until <= now
        )
    )
