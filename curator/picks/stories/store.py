"""Stories as rows: what has none yet, what it may belong to, and who else tells the story of an item."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, false, func, or_, select, true, update
from sqlalchemy.orm import Session

from curator.db import in_parts
from curator.feeds.store import place_of
from curator.feeds.tables import Feed, Item
from curator.feeds.values import FreshItem
from curator.picks.memory.store import TELLING_TITLE, TOGETHER
from curator.picks.stories.values import Folded, Teller, Telling
from curator.picks.stories.vectors import TEXT_CHARS
from curator.picks.tables import Later, Pick, Skip, StoryItem, StoryRow

MOST_AT_ONCE = 2000
"""New items that are folded in one round, the oldest first: the rest waits for the next, a quarter of an hour later."""

MOST_TOLD = 12
"""Tellings of a story that a page lists beside the one that stands for it."""

# Of these the fold makes up its mind what words are rare, and which stories a new item may join.
_MOST_KNOWN = 6000


def untold(session: Session, *, since: datetime, limit: int = MOST_AT_ONCE) -> list[Telling]:
    """Returns at most `limit` items that came since then and have no story, by their moment, then id.

    What lay in a feed before it was added tells nothing new.
    """
    query = _tellings().where(Item.first_seen_at >= since, Item.is_archive.is_(False), StoryItem.item_id.is_(None))
    return _read(session, query.order_by(Item.at, Item.id).limit(limit))


def told_between(session: Session, first: datetime, last: datetime) -> list[Telling]:
    """Returns the items of that time that have a story, the latest first; a few thousand at most."""
    query = _tellings().where(Item.at.between(first, last), StoryItem.item_id.is_not(None))
    return _read(session, query.order_by(Item.at.desc(), Item.id.desc()).limit(_MOST_KNOWN))


def told_at(session: Session, canonical_urls: Iterable[str], *, since: datetime) -> list[Telling]:
    """Returns the items since then with one of these pages that have a story."""
    found: list[Telling] = []
    for urls in in_parts(sorted(set(canonical_urls))):
        is_there = Item.canonical_url.in_(urls), Item.at >= since, StoryItem.item_id.is_not(None)
        query = _tellings().where(*is_there)
        found += _read(session, query.order_by(Item.id).limit(_MOST_KNOWN))
    return found


def members(session: Session, story_ids: Iterable[int]) -> dict[int, list[Telling]]:
    """Returns the items of each of these stories."""
    found: dict[int, list[Telling]] = {}
    for ids in in_parts(sorted(set(story_ids))):
        for telling in _read(session, _tellings().where(StoryItem.story_id.in_(ids)).order_by(Item.id)):
            found.setdefault(telling.story_id or 0, []).append(telling)
    return found


def put(session: Session, folded: Sequence[Folded]) -> dict[int, int]:
    """Keeps items under their stories, opening those that are new, and returns each item's story by item id.

    An item that has a story by now keeps it. None of them is the best yet: see `put_best`.
    """
    known = stories_of(session, [each.item_id for each in folded])
    new = [each for each in folded if each.item_id not in known]
    opened: dict[int, int] = {}
    for each in new:
        if each.story_id is None and each.opened_by not in opened:
            opened[each.opened_by] = known.get(each.opened_by) or _open(session, each.at)
    for each in new:
        known[each.item_id] = opened[each.opened_by] if each.story_id is None else each.story_id
        session.add(StoryItem(item_id=each.item_id, story_id=known[each.item_id], is_best=False))
    session.flush()
    return known


def put_best(session: Session, best: Mapping[int, Telling], last_at: Mapping[int, datetime]) -> None:
    """Says of each story which item stands for it, and when it was told last."""
    for story_ids in in_parts(sorted(best)):
        best_ids = [best[story_id].id for story_id in story_ids]
        of_these = StoryItem.story_id.in_(story_ids)
        session.execute(update(StoryItem).where(of_these).values(is_best=StoryItem.item_id.in_(best_ids)))
        last = case({story_id: last_at[story_id] for story_id in story_ids}, value=StoryRow.id)
        session.execute(update(StoryRow).where(StoryRow.id.in_(story_ids)).values(last_at=last))


def others(session: Session, item: FreshItem) -> list[Teller]:
    """Returns the other items of an item's story, of its page, and of its title within two weeks.

    The one that stands for the story first, then the earliest; at most `MOST_TOLD`.
    """
    story = select(StoryItem.story_id).where(StoryItem.item_id == item.id).scalar_subquery()
    is_same = [StoryItem.story_id == story]
    if item.canonical_url:
        is_same.append(Item.canonical_url == item.canonical_url)
    if len(item.title) >= TELLING_TITLE:
        is_near = Item.at.between(item.at - TOGETHER, item.at + TOGETHER)
        is_same.append(and_(Item.title == item.title, is_near))
    query = (
        select(Item.id, Item.title, Feed.title, Feed.url, Item.url, Item.at, StoryItem.story_id == story)
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .outerjoin(StoryItem, StoryItem.item_id == Item.id)
        .where(or_(*is_same), Item.id != item.id)
        .order_by(func.coalesce(StoryItem.is_best, false()).desc(), Item.at, Item.id)
    )
    return [
        Teller(id_, title, feed_title or (place_of(feed_url) if feed_url else ""), url, at, bool(is_of_story))
        for id_, title, feed_title, feed_url, url, at, is_of_story in session.execute(query.limit(MOST_TOLD))
    ]


def tellings_beside(session: Session, item_id: int) -> int:
    """Returns how many other items tell an item's story."""
    story = select(StoryItem.story_id).where(StoryItem.item_id == item_id).scalar_subquery()
    others_of_it = select(func.count()).where(StoryItem.story_id == story, StoryItem.item_id != item_id)
    return session.scalar(others_of_it) or 0


def stories_of(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """Returns the story of each item that has one, by item id."""
    found: dict[int, int] = {}
    for ids in in_parts(item_ids):
        query = select(StoryItem.item_id, StoryItem.story_id).where(StoryItem.item_id.in_(ids))
        found |= {row.item_id: row.story_id for row in session.execute(query)}
    return found


def dealt_with(session: Session, newsletter_id: int, *, now: datetime) -> set[int]:
    """Returns the stories of which something is picked, was passed over, or is put off until later than now."""
    found: set[int] = set()
    for table, is_so in ((Pick, true()), (Skip, true()), (Later, Later.until > now)):
        told = select(StoryItem.story_id).join(table, table.item_id == StoryItem.item_id)
        found.update(session.scalars(told.where(table.newsletter_id == newsletter_id, is_so).distinct()))
    return found


def _open(session: Session, at: datetime) -> int:
    row = StoryRow(first_at=at, last_at=at)
    session.add(row)
    session.flush()
    return row.id


def _tellings() -> Select[Any]:
    text = func.substr(Item.summary_text, 1, TEXT_CHARS)
    return (
        select(
            Item.id, Item.title, Item.feed_id, Feed.is_own_show, Item.at, Item.canonical_url, text, StoryItem.story_id
        )
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .outerjoin(StoryItem, StoryItem.item_id == Item.id)
    )


def _read(session: Session, query: Select[Any]) -> list[Telling]:
    return [
        Telling(
            id=id_,
            title=title,
            # What was added by hand comes from no feed that could repeat itself.
            feed=f"item {id_}" if feed_id is None else f"feed {feed_id}",
            at=at,
            canonical_url=canonical_url,
            text=text,
            is_own=bool(is_own),
            story_id=story_id,
        )
        for id_, title, feed_id, is_own, at, canonical_url, text, story_id in session.execute(query)
    ]
