"""Reads what was decided about items, and what is on offer; every answer is bounded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from curator.db import in_parts
from curator.feeds.store import place_of
from curator.feeds.tables import Feed, Item
from curator.feeds.values import ItemKind
from curator.picks import muting
from curator.picks import store as picks
from curator.picks.labels.values import Deed, Known, Taken
from curator.picks.tables import Later, Pick, ReaderClicks, Skip, StoryItem
from curator.picks.taste.values import Kind
from curator.picks.values import Mute, SkipReason

MOST_OFFERED = 12_000
"""What is on offer at once: four weeks of a desk with 3,000 items a week."""

MOST_OF_A_FEED = 1_000
"""A feed that floods takes no more room than this."""

# Twenty years of a weekly newsletter with ten picks; half a year of somebody who passes over 100 items a day.
_MOST_DEEDS = 20_000
_TEXT = 400
# A story is told by several feeds within days; who tells it later repeats it.
_TOGETHER = timedelta(days=7)
# These say nothing of what an item is about: the editor may like its like.
_NO_MATTER_OF_TASTE = frozenset({SkipReason.SEEN_BEFORE, SkipReason.OUT_OF_DATE, SkipReason.PAYWALL})
_HARDLY = 0.3

Moment = Callable[[datetime], datetime]
"""What makes of one moment another."""

_COLUMNS = (
    *(Item.id, Item.kind, Item.title, func.substr(Item.summary_text, 1, _TEXT), Item.url, Item.canonical_url),
    *(Item.feed_id, Feed.title, Feed.url, Item.at, Item.first_seen_at, StoryItem.story_id),
)


def deeds(session: Session, newsletter_id: int) -> list[Deed]:
    """Returns what was decided about items for a newsletter, by people and by its readers; five queries.

    Of each kind the newest `_MOST_DEEDS`. A page that somebody added by hand and nobody decided about counts as saved
    for every newsletter.
    """
    found = _picks(session, newsletter_id) + _skips(session, newsletter_id)
    later = select(Later.item_id, Later.put_off_at).where(Later.newsletter_id == newsletter_id)
    for item_id, at in session.execute(later.order_by(Later.put_off_at.desc()).limit(_MOST_DEEDS)):
        found.append(Deed(item_id, Kind.SAVED, at))
    for item_id, at in session.execute(_added_by_hand()):
        found.append(Deed(item_id, Kind.SAVED, at))
    return found + _clicks(session, newsletter_id)


def items(session: Session, ids: Iterable[int], *, known_by: Moment | None = None) -> dict[int, Known]:
    """Returns the items that are there, by id, with how many feeds have them (`known_by` as for `with_sources`)."""
    found: dict[int, Known] = {}
    for some in in_parts(sorted(set(ids))):
        query = _known().where(Item.id.in_(some))
        found |= {row[0]: _item(row) for row in session.execute(query)}
    return {known.id: known for known in with_sources(session, list(found.values()), known_by=known_by)}


def offered(session: Session, newsletter_id: int, *, since: datetime, mutes: Sequence[Mute] = ()) -> list[Known]:
    """Returns the items from then on about which nothing was decided, newest first (then by id).

    At most `MOST_OF_A_FEED` of a feed and `MOST_OFFERED` in all, without what is muted and what lay in a feed before it
    was added. Sources are not counted yet: see `with_sources`.
    """
    place = func.row_number().over(partition_by=Item.feed_id, order_by=(Item.at.desc(), Item.id.desc()))
    open_ids = (
        select(Item.id.label("id"), place.label("place"))
        .where(
            Item.at >= since,
            Item.is_archive.is_(False),
            Item.title != "",
            *(not_(each) for each in picks.decided(newsletter_id, Item.id)),
        )
        .subquery()
    )
    query = (
        _known()
        .join(open_ids, open_ids.c.id == Item.id)
        .where(open_ids.c.place <= MOST_OF_A_FEED)
        .order_by(Item.at.desc(), Item.id.desc())
        .limit(MOST_OFFERED)
    )
    rows = (_item(row) for row in session.execute(query))
    return [known for known in rows if muting.mute_of(known.feed_id, known.title, mutes) is None]


def taken(session: Session, newsletter_id: int) -> Taken:
    """Returns what must not be offered: what is picked, ran, was passed over or is put off, as page and as story."""
    pages = [
        select(Item.id, Item.canonical_url, Item.url)
        .join(table, table.item_id == Item.id)
        .where(table.newsletter_id == newsletter_id)
        for table in (Pick, Skip, Later)
    ]
    keys: set[str] = set()
    ids: set[int] = set()
    for query in pages:
        for id_, canonical_url, url in session.execute(query):
            ids.add(id_)
            keys.update(each for each in (canonical_url or url,) if each)
    stories: set[int] = set()
    for table in (Pick, Skip, Later):
        told = select(StoryItem.story_id).join(table, table.item_id == StoryItem.item_id)
        stories.update(session.scalars(told.where(table.newsletter_id == newsletter_id).distinct()))
    return Taken(frozenset(keys), frozenset(ids), frozenset(stories))


def with_sources(session: Session, found: Sequence[Known], *, known_by: Moment | None = None) -> list[Known]:
    """Returns the items with the number of feeds that had their page or story within a week of them.

    `known_by` says by an item's first sight up to when is counted: whoever looks back must not know what came later.
    """
    pages = _tellers(session, Item.canonical_url, [each.canonical_url for each in found if each.canonical_url])
    stories = _tellers(session, StoryItem.story_id, [each.story_id for each in found if each.story_id])
    return [replace(each, sources=_sources(each, pages, stories, known_by)) for each in found]


def newest_at(session: Session) -> datetime | None:
    """Returns when the newest item came, None before the first."""
    return session.scalar(select(func.max(Item.first_seen_at)))


def decided_since(session: Session, newsletter_id: int, at: datetime) -> int:
    """Returns how many picks, passes and put-offs of people are newer than a moment."""
    counted = (
        select(func.count()).where(
            Pick.newsletter_id == newsletter_id, Pick.picked_at > at, Pick.picked_by.is_not(None)
        ),
        select(func.count()).where(Skip.newsletter_id == newsletter_id, Skip.skipped_at > at),
        select(func.count()).where(Later.newsletter_id == newsletter_id, Later.put_off_at > at),
    )
    return sum(session.execute(select(*(each.scalar_subquery() for each in counted))).one())


def _picks(session: Session, newsletter_id: int) -> list[Deed]:
    query = select(Pick.item_id, Pick.picked_at, Pick.section_id, Pick.picked_by)
    rows = session.execute(
        query.where(Pick.newsletter_id == newsletter_id)
        .order_by(Pick.picked_at.desc(), Pick.id.desc())
        .limit(_MOST_DEEDS)
    )
    return [
        Deed(item_id, Kind.PICK, at, section_id, is_machines=picked_by is None)
        for item_id, at, section_id, picked_by in rows
    ]


def _skips(session: Session, newsletter_id: int) -> list[Deed]:
    query = select(Skip.item_id, Skip.skipped_at, Skip.reason).where(Skip.newsletter_id == newsletter_id)
    rows = session.execute(query.order_by(Skip.skipped_at.desc(), Skip.item_id).limit(_MOST_DEEDS))
    return [
        Deed(item_id, Kind.PASSED, at, weight=_HARDLY if SkipReason(reason) in _NO_MATTER_OF_TASTE else 1.0)
        for item_id, at, reason in rows
    ]


def _clicks(session: Session, newsletter_id: int) -> list[Deed]:
    clicked = (
        select(ReaderClicks.item_id, ReaderClicks.at, ReaderClicks.share, Pick.section_id)
        .join(Pick, and_(Pick.item_id == ReaderClicks.item_id, Pick.newsletter_id == ReaderClicks.newsletter_id))
        .where(ReaderClicks.newsletter_id == newsletter_id, ReaderClicks.clicks > 0)
        .order_by(ReaderClicks.at.desc(), ReaderClicks.item_id)
        .limit(_MOST_DEEDS)
    )
    return [
        Deed(item_id, Kind.CLICKED, at, section_id, weight=share)
        for item_id, at, share, section_id in session.execute(clicked)
    ]


def _added_by_hand() -> Select[int, datetime]:
    decided = or_(
        select(Pick.id).where(Pick.item_id == Item.id).exists(),
        select(Skip.item_id).where(Skip.item_id == Item.id).exists(),
    )
    query = select(Item.id, Item.first_seen_at).where(Item.feed_id.is_(None), not_(decided))
    return query.order_by(Item.first_seen_at.desc(), Item.id.desc()).limit(_MOST_DEEDS)


def _known() -> Select[Any]:
    joined = select(*_COLUMNS).outerjoin(Feed, Feed.id == Item.feed_id)
    return joined.outerjoin(StoryItem, StoryItem.item_id == Item.id)


def _item(row: Any) -> Known:
    id_, kind, title, text, url, canonical_url, feed_id, feed_title, feed_url, at, first_seen_at, story_id = row
    return Known(
        id=id_,
        kind=ItemKind(kind),
        title=title,
        text=text,
        url=url,
        canonical_url=canonical_url,
        feed_id=feed_id,
        feed=feed_title or (place_of(feed_url) if feed_url else ""),
        at=at,
        first_seen_at=first_seen_at,
        story_id=story_id,
    )


_Tellers = dict[Any, list[tuple[int, datetime]]]


def _tellers(session: Session, column: Any, values: Sequence[Any]) -> _Tellers:
    """Returns for each page or story the feeds that have it, each with when it had it first."""
    found: _Tellers = {}
    for some in in_parts(sorted(set(values))):
        query = (
            select(column, Item.feed_id, func.min(Item.first_seen_at))
            .select_from(Item)
            .outerjoin(StoryItem, StoryItem.item_id == Item.id)
            .where(column.in_(some), Item.feed_id.is_not(None))
            .group_by(column, Item.feed_id)
        )
        for value, feed_id, at in session.execute(query):
            found.setdefault(value, []).append((feed_id, at))
    return found


def _sources(known: Known, pages: _Tellers, stories: _Tellers, known_by: Moment | None) -> int:
    told = [*pages.get(known.canonical_url, ()), *stories.get(known.story_id, ())]
    first, last = known.first_seen_at - _TOGETHER, known.first_seen_at + _TOGETHER
    last = last if known_by is None else min(last, known_by(known.first_seen_at))
    feeds = {feed_id for feed_id, at in told if first <= at <= last}
    return max(len(feeds), 1)
