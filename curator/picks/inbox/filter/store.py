"""Which items stand under a tab of the inbox, as conditions: what hides an item, and which one stands for its story."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, literal_column, not_, or_, select
from sqlalchemy.orm import aliased

from curator.feeds.tables import Feed, Item
from curator.picks import muting
from curator.picks import store as picks
from curator.picks.tables import CandidateRow, Later, Pick, Resurfaced, Skip, StoryItem
from curator.picks.values import InboxFilter, Mute, Narrowing

RESURFACED_FOR = timedelta(days=14)
"""What came back stands before everything else for so long; then in its place among the new, if nobody touched it."""

_MOST_WORDS = 8


def under(
    show: InboxFilter, newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute], *, now: datetime
) -> list[ColumnElement[bool]]:
    """Returns what is true of items under a tab, of a query that joins what became of each.

    Under NEW these are all items of an open story: see `stands_for_story` and `best_of_story`.
    """
    untouched = [not_picked(), Skip.item_id.is_(None)]
    narrowed_to = narrowed(Item, narrowing)
    match show:
        case InboxFilter.NEW:
            is_new = [*untouched, Later.item_id.is_(None), _is_not_back(now), _has_open_story(newsletter_id, now)]
            return [*is_new, *_visible(Item, narrowing, mutes)]
        case InboxFilter.PICKED:
            return [Pick.id.is_not(None), *narrowed_to]
        case InboxFilter.SKIPPED:
            return [not_picked(), Skip.item_id.is_not(None), *narrowed_to]
        case InboxFilter.LATER:
            return [*untouched, Later.until > now, *narrowed_to]
        case InboxFilter.MUTED:
            is_awake = or_(Later.item_id.is_(None), Later.until <= now)
            return [*untouched, is_awake, muted(Item, mutes), *_fresh(Item, narrowing), *narrowed_to]
        case InboxFilter.ALL:
            return narrowed_to


def stands_for_story(narrowing: Narrowing, mutes: Sequence[Mute]) -> ColumnElement[bool]:
    """Tells that of its story's items that may be seen this is the best, else the first."""
    other, its = aliased(StoryItem), aliased(Item)
    is_before = or_(other.is_best, and_(not_(StoryItem.is_best), other.item_id < Item.id))
    better = select(other.item_id).join(its, its.id == other.item_id)
    return _none(better.where(*_of_my_story(other), is_before, *_visible(its, narrowing, mutes)))


def best_of_story(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute]) -> ColumnElement[bool]:
    """Tells of a candidate that no other of its story that may be seen stands before it."""
    return _none(_candidates(newsletter_id, narrowing, mutes, is_before=True))


def no_candidate(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute]) -> list[ColumnElement[bool]]:
    """Tells that neither an item nor another of its story that may be seen is a candidate."""
    mine = aliased(CandidateRow)
    own = select(mine.item_id).where(mine.newsletter_id == newsletter_id, mine.item_id == Item.id)
    return [_none(own), _none(_candidates(newsletter_id, narrowing, mutes, is_before=False))]


def _candidates(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute], *, is_before: bool) -> Any:
    other, its, candidate = aliased(StoryItem), aliased(Item), aliased(CandidateRow)
    query = (
        select(other.item_id)
        .join(candidate, and_(candidate.item_id == other.item_id, candidate.newsletter_id == newsletter_id))
        .join(its, its.id == other.item_id)
        .where(*_of_my_story(other), *_visible(its, narrowing, mutes))
    )
    return query.where(candidate.place < CandidateRow.place) if is_before else query


def _has_open_story(newsletter_id: int, now: datetime) -> ColumnElement[bool]:
    """Tells that nothing was decided about another item of the story: whoever deals with one deals with all."""
    other = aliased(StoryItem)
    decided = picks.decided(newsletter_id, other.item_id)
    back = select(Resurfaced.item_id).where(
        Resurfaced.item_id == other.item_id,
        Resurfaced.newsletter_id == newsletter_id,
        Resurfaced.at > now - RESURFACED_FOR,
    )
    return _none(select(other.item_id).where(*_of_my_story(other), or_(*decided, exists(back))))


def _none(query: Any) -> ColumnElement[bool]:
    """Tells that a query about an item's story finds nothing."""
    # Not as "not exists", for which PostgreSQL reads all stories to hold fifty items against them, and "is not 1" as it
    # takes that to be true of most items, and so looks for the newest of them by their index.
    found = query.with_only_columns(literal_column("1")).limit(1).scalar_subquery()
    is_none: ColumnElement[bool] = func.coalesce(found, 0) != 1
    return is_none


def _of_my_story(other: Any) -> list[ColumnElement[bool]]:
    return [other.story_id == StoryItem.story_id, other.item_id != Item.id]


def _is_not_back(now: datetime) -> ColumnElement[bool]:
    return or_(Resurfaced.item_id.is_(None), Resurfaced.at <= now - RESURFACED_FOR)


def not_picked() -> ColumnElement[bool]:
    """Tells that an item is not picked."""
    # By the column that is joined on: PostgreSQL then knows an anti join, and how many rows it leaves.
    return Pick.item_id.is_(None)


def _visible(item: Any, narrowing: Narrowing, mutes: Sequence[Mute]) -> list[ColumnElement[bool]]:
    return [*_fresh(item, narrowing), not_(muted(item, mutes)), *narrowed(item, narrowing)]


def _fresh(item: Any, narrowing: Narrowing) -> list[ColumnElement[bool]]:
    return [] if narrowing.search else [item.is_archive.is_(False)]


def narrowed(item: Any, narrowing: Narrowing, *, whatever_age: bool = False) -> list[ColumnElement[bool]]:
    """Tells of an item (the table or an alias of it) what a narrowing asks for."""
    conditions: list[ColumnElement[bool]] = []
    if narrowing.kind is not None:
        conditions.append(item.kind == narrowing.kind)
    if narrowing.feed_id is not None:
        conditions.append(item.feed_id == narrowing.feed_id)
    if narrowing.language:
        conditions.append(_speaks(item, narrowing.language))
    if narrowing.since is not None and not whatever_age:
        conditions.append(item.at >= narrowing.since)
    return conditions + [_contains(item, word) for word in narrowing.search.split()[:_MOST_WORDS]]


def _speaks(item: Any, language: str) -> ColumnElement[bool]:
    of_feed = item.feed_id.in_(select(Feed.id).where(Feed.language.istartswith(language, autoescape=True)))
    return or_(item.language.istartswith(language, autoescape=True), and_(item.language.is_(None), of_feed))


def _contains(item: Any, word: str) -> ColumnElement[bool]:
    # Feeds are few and compared once; of items each comparison costs a microsecond or two.
    of_feed = item.feed_id.in_(select(Feed.id).where(Feed.title.icontains(word, autoescape=True)))
    return or_(of_feed, *(column.icontains(word, autoescape=True) for column in (item.title, item.author)))


def muted(item: Any, mutes: Sequence[Mute]) -> ColumnElement[bool]:
    """Tells of an item what `muting.mute_of` tells."""
    feeds = [mute.feed_id for mute in mutes if mute.feed_id is not None]
    words = [mute.words for mute in mutes if mute.words is not None]
    of_feed = and_(item.feed_id.is_not(None), item.feed_id.in_(feeds)) if feeds else false()
    return or_(of_feed, item.title.regexp_match(muting.pattern(words))) if words else of_feed
