"""What a replay looks up in the tables that nothing else asks: items with their feeds, holds, and the next moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.feeds.tables import Feed, FeedAlias, HostHold, Item, Poll
from curator.feeds.values import FeedState
from curator.queue.tables import Job
from curator.queue.values import JobState


@dataclass(frozen=True)
class StoredItem:
    """An item as far as a replay compares it; `page` is its canonical URL."""

    feed_id: int
    identity: str
    page: str | None
    title: str

    @property
    def key(self) -> str:
        """What it is compared by with what the archive tells."""
        return self.page or self.title


@dataclass(frozen=True)
class FeedEnd:
    """How a feed stands at the end; `polls` is what its ledger holds."""

    url: str
    state: FeedState
    is_ok: bool
    note: str
    aliases: frozenset[str]
    polls: int


def stored_items(session: Session) -> Iterator[StoredItem]:
    """Yields every item that a feed published, by feed and identity."""
    query = select(Item.feed_id, Item.identity, Item.canonical_url, Item.title)
    for feed_id, identity, page, title in session.execute(query.order_by(Item.feed_id, Item.identity)):
        if feed_id is not None:
            yield StoredItem(feed_id, identity, page, title)


def feed_ends(session: Session) -> dict[int, FeedEnd]:
    """Returns every feed as it stands, by id."""
    aliases: dict[int, set[str]] = {}
    for url, feed_id in session.execute(select(FeedAlias.url, FeedAlias.feed_id)):
        aliases.setdefault(feed_id, set()).add(url)
    polls = dict(session.execute(select(Poll.feed_id, func.count()).group_by(Poll.feed_id)).all())
    return {
        feed.id: FeedEnd(
            url=feed.url,
            state=FeedState(feed.state),
            is_ok=feed.is_ok,
            note=feed.note,
            aliases=frozenset(aliases.get(feed.id, ())),
            polls=polls.get(feed.id, 0),
        )
        for feed in session.scalars(select(Feed).order_by(Feed.id))
    }


def has_failing(session: Session) -> bool:
    """Tells whether the last poll of any feed that is asked went wrong."""
    failing = select(Feed.id).where(Feed.state == FeedState.ACTIVE, Feed.is_ok.is_(False)).limit(1)
    return session.scalar(failing) is not None


def held_hosts(session: Session, *, now: datetime) -> frozenset[str]:
    """Returns the hosts that are left alone now."""
    return frozenset(session.scalars(select(HostHold.host).where(HostHold.until > now)))


def next_moment(session: Session, *, now: datetime) -> datetime | None:
    """Returns when something of polling is due next, None when nothing ever is."""
    moments = (
        select(func.min(Feed.next_poll_at)).where(Feed.state == FeedState.ACTIVE, Feed.next_poll_at > now),
        select(func.min(HostHold.until)).where(HostHold.until > now),
        select(func.min(Job.due_at)).where(Job.state == JobState.QUEUED, Job.due_at > now),
    )
    found = (session.scalar(query) for query in moments)
    return min((moment for moment in found if moment is not None), default=None)
