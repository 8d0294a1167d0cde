"""The inbox's rows: a page of items with what became of each, how many there are, and how fast somebody looks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from curator.feeds.store import items_by_id, place_of
from curator.feeds.tables import Feed, Item
from curator.picks import muting
from curator.picks.aside import store as aside
from curator.picks.tables import Later, Pick, Skip
from curator.picks.values import InboxCounts, InboxFilter, InboxRow, Mute, Narrowing, SkipReason

MOST_COUNTED = 2000
"""New items beyond it are not counted: nobody looks at more in a week, and every page counts anew."""

MOST_LOOKED_AT = 3000
"""Among the newest so many items is counted what is new: with all of 50,000 skipped it took 100 ms a page."""

NEW_FOR = timedelta(days=90)
"""What nobody looked at for so long is not new any more: it still lies under "All"."""

# Enough for a day's sittings; the mean does not move any more.
_MOST_DEEDS = 400
_MOST_WORDS = 8

# An item, its pick and section, why it was skipped, until when it is put off; outer joins: all but the first may miss.
_Query = Select[int, int, int, SkipReason, datetime]


def inbox(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    show: InboxFilter = InboxFilter.NEW,
    narrowing: Narrowing = Narrowing(),  # noqa: B008 - it is frozen
    mutes: Sequence[Mute] = (),
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[InboxRow]:
    """Returns at most `limit` items with what became of them, newest first (then by id, highest first).

    `before` is the moment and id of the last row seen. What was there before its feed was added stays out of NEW,
    unless something is searched for, and so does what `woken` returns. Three queries whatever the number.
    """
    shown = _shown(show, mutes, is_search=bool(narrowing.search), now=now)
    query = _items(newsletter_id, narrowing).where(*shown, *_narrowed(narrowing))
    if before is not None:
        query = query.where(tuple_(Item.at, Item.id) < before)
    return _rows(session, query.order_by(Item.at.desc(), Item.id.desc()).limit(limit), mutes)


def woken(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    narrowing: Narrowing = Narrowing(),  # noqa: B008 - it is frozen
    mutes: Sequence[Mute] = (),
    limit: int = 50,
) -> list[InboxRow]:
    """Returns at most `limit` items that were put off and whose day has come, the latest first; however old."""
    query = _woken(newsletter_id, narrowing, mutes, now=now).order_by(Later.until.desc(), Item.id.desc())
    return _rows(session, query.limit(limit), mutes)


def row(session: Session, newsletter_id: int, item_id: int, *, mutes: Sequence[Mute] = ()) -> InboxRow | None:
    """Returns one item with what became of it, wherever it stands; None when it is not there."""
    query = _items(newsletter_id, Narrowing()).where(Item.id == item_id)
    return next(iter(_rows(session, query, mutes)), None)


def counts(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    since: datetime | None = None,
    mutes: Sequence[Mute] = (),
    narrowing: Narrowing | None = None,
) -> InboxCounts:
    """Returns how many items are new (of those since then), picked, skipped and put off; at most two queries.

    With `narrowing` the new ones are those that it leaves. New ones are looked for among the newest `MOST_LOOKED_AT`
    items, unless something is searched for.
    """
    wanted = narrowing or Narrowing(since=since)
    new = _items(newsletter_id, wanted).where(
        *_shown(InboxFilter.NEW, mutes, is_search=bool(wanted.search), now=now), *_narrowed(wanted)
    )
    if not wanted.search:
        new = new.where(Item.at >= _oldest_looked_at(wanted.since))
    back = _woken(newsletter_id, wanted, mutes, now=now)
    found = session.execute(
        select(
            _number(new.with_only_columns(Item.id).limit(MOST_COUNTED + 1)),
            _number(back.with_only_columns(Item.id)),
            _number(select(Pick.id).where(Pick.newsletter_id == newsletter_id)),
            _number(select(Skip.item_id).where(Skip.newsletter_id == newsletter_id)),
            _number(
                _items(newsletter_id, Narrowing())
                .with_only_columns(Item.id)
                .where(*_shown(InboxFilter.LATER, mutes, is_search=False, now=now))
            ),
        )
    ).one()
    number = min(found[0], MOST_COUNTED) + found[1]
    return InboxCounts(number, found[2], found[3], found[4], has_more=found[0] > MOST_COUNTED)


def unlooked(session: Session, newsletter_id: int, *, now: datetime) -> int:
    """Returns how many items a newsletter's inbox shows as new, at most about `MOST_COUNTED`; two queries."""
    return counts(session, newsletter_id, now=now, since=now - NEW_FOR, mutes=aside.mutes(session, newsletter_id)).new


def deeds_at(session: Session, user_id: int, *, since: datetime) -> list[datetime]:
    """Returns the moments of a person's newest picks and skips from then on, for whichever newsletter."""
    deeds = union_all(
        select(Pick.picked_at.label("at")).where(Pick.picked_by == user_id, Pick.picked_at >= since),
        select(Skip.skipped_at.label("at")).where(Skip.skipped_by == user_id, Skip.skipped_at >= since),
    ).subquery()
    return list(session.scalars(select(deeds.c.at).order_by(deeds.c.at.desc()).limit(_MOST_DEEDS)))


def feed_names(session: Session, *, limit: int = 500, chosen: int | None = None) -> list[tuple[int, str]]:
    """Returns (id, title) of at most `limit` feeds by title, and always of the one that is chosen."""
    named = select(Feed.id, Feed.title, Feed.url)
    found = list(session.execute(named.order_by(func.lower(Feed.title), Feed.url).limit(limit)))
    if chosen is not None and all(feed.id != chosen for feed in found):
        found += session.execute(named.where(Feed.id == chosen))
    return [(feed.id, feed.title or place_of(feed.url)) for feed in found]


def languages(session: Session) -> list[str]:
    """Returns the languages that feeds say they are in, as "de", "en"; in order."""
    found = session.scalars(select(Feed.language).where(Feed.language.is_not(None)).distinct().limit(500))
    codes = {language.lower().replace("_", "-").split("-")[0] for language in found if language}
    return sorted(code for code in codes if code.isascii() and code.isalpha() and len(code) in (2, 3))


def _items(newsletter_id: int, narrowing: Narrowing) -> _Query:
    query = (
        select(Item.id, Pick.id, Pick.section_id, Skip.reason, Later.until)
        .outerjoin(Pick, and_(Pick.item_id == Item.id, Pick.newsletter_id == newsletter_id))
        .outerjoin(Skip, and_(Skip.item_id == Item.id, Skip.newsletter_id == newsletter_id))
        .outerjoin(Later, and_(Later.item_id == Item.id, Later.newsletter_id == newsletter_id))
    )
    return query.outerjoin(Feed, Feed.id == Item.feed_id) if narrowing.search or narrowing.language else query


def _woken(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute], *, now: datetime) -> _Query:
    is_due = Later.newsletter_id == newsletter_id, Later.until <= now, Pick.id.is_(None), Skip.item_id.is_(None)
    # However old: its day has come.
    return _items(newsletter_id, narrowing).where(
        *is_due, not_(_muted(mutes)), *_narrowed(narrowing, whatever_age=True)
    )


def _oldest_looked_at(since: datetime | None) -> Any:
    """Returns the moment of the last of the newest items: to PostgreSQL a list of their ids is a loop without end."""
    query = select(Item.at).where(Item.is_archive.is_(False))
    query = query if since is None else query.where(Item.at >= since)
    newest = query.order_by(Item.at.desc(), Item.id.desc()).limit(MOST_LOOKED_AT).subquery()
    return select(func.min(newest.c.at)).scalar_subquery()


def _rows(session: Session, query: _Query, mutes: Sequence[Mute]) -> list[InboxRow]:
    found = session.execute(query).all()
    items = items_by_id(session, [each[0] for each in found])
    return [
        InboxRow(
            item=items[item_id],
            pick_id=pick_id,
            section_id=section_id,
            is_skipped=reason is not None,
            skip_reason=SkipReason(reason or ""),
            later_until=until,
            mute=muting.mute_of(items[item_id].feed_id, items[item_id].title, mutes),
        )
        for item_id, pick_id, section_id, reason, until in found
        if item_id in items
    ]


def _shown(show: InboxFilter, mutes: Sequence[Mute], *, is_search: bool, now: datetime) -> list[ColumnElement[bool]]:
    untouched = [Pick.id.is_(None), Skip.item_id.is_(None)]
    fresh = [] if is_search else [Item.is_archive.is_(False)]
    match show:
        case InboxFilter.NEW:
            return [*untouched, *fresh, Later.item_id.is_(None), not_(_muted(mutes))]
        case InboxFilter.PICKED:
            return [Pick.id.is_not(None)]
        case InboxFilter.SKIPPED:
            return [Pick.id.is_(None), Skip.item_id.is_not(None)]
        case InboxFilter.LATER:
            return [*untouched, Later.until > now]
        case InboxFilter.MUTED:
            return [*untouched, *fresh, or_(Later.item_id.is_(None), Later.until <= now), _muted(mutes)]
        case InboxFilter.ALL:
            return []


def _narrowed(narrowing: Narrowing, *, whatever_age: bool = False) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrowing.kind is not None:
        conditions.append(Item.kind == narrowing.kind)
    if narrowing.feed_id is not None:
        conditions.append(Item.feed_id == narrowing.feed_id)
    if narrowing.language:
        told = func.coalesce(Item.language, Feed.language)
        conditions.append(told.istartswith(narrowing.language, autoescape=True))
    if narrowing.since is not None and not whatever_age:
        conditions.append(Item.at >= narrowing.since)
    return conditions + [_contains(word) for word in narrowing.search.split()[:_MOST_WORDS]]


def _contains(word: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in (Item.title, Item.author, Feed.title)))


def _muted(mutes: Sequence[Mute]) -> ColumnElement[bool]:
    """Tells of an item what `muting.mute_of` tells."""
    feeds = [mute.feed_id for mute in mutes if mute.feed_id is not None]
    words = [mute.words for mute in mutes if mute.words is not None]
    of_feed = and_(Item.feed_id.is_not(None), Item.feed_id.in_(feeds)) if feeds else false()
    return or_(of_feed, Item.title.regexp_match(muting.pattern(words))) if words else of_feed


def _number(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.subquery()).scalar_subquery()
