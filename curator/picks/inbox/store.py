"""The inbox's rows: a page of items with what became of each, how many there are, and how fast somebody looks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, not_, select, tuple_, union_all
from sqlalchemy.orm import Session

from curator.feeds.store import items_by_id, place_of
from curator.feeds.tables import Feed, Item
from curator.picks import muting
from curator.picks.aside import store as aside
from curator.picks.inbox.filter import store as conditions
from curator.picks.inbox.filter.store import RESURFACED_FOR, under
from curator.picks.tables import CandidateRow, Later, Pick, Resurfaced, Skip, StoryItem
from curator.picks.values import (
    InboxCounts,
    InboxFilter,
    InboxMark,
    InboxOrder,
    InboxRow,
    Mute,
    Narrowing,
    SkipReason,
)

MOST_COUNTED = 1000
"""New items beyond it are not counted: nobody looks at more in a week, and every page counts anew."""

MOST_LOOKED_AT = 2000
"""Among the newest so many items is counted what is new: with all of 50,000 skipped it took 100 ms a page."""

NEW_FOR = timedelta(days=90)
"""What nobody looked at for so long is not new any more: it still lies under "All"."""

# Enough for a day's sittings; the mean does not move any more.
_MOST_DEEDS = 400

# An item, its pick and section, why it was skipped, until when it is put off, why it came back, its place among the
# candidates; outer joins: all but the first may miss.
_Query = Select[int, int, int, SkipReason, datetime, str, Any]


def inbox(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    show: InboxFilter = InboxFilter.NEW,
    narrowing: Narrowing = Narrowing(),  # noqa: B008 - it is frozen
    mutes: Sequence[Mute] = (),
    order: InboxOrder = InboxOrder.NEWEST,
    before: InboxMark | None = None,
    limit: int = 50,
) -> list[InboxRow]:
    """Returns at most `limit` items with what became of them, newest first (then by id, highest first).

    `before` is the mark of the last row seen. Of NEW a story is one row, with the best of its items that may be seen;
    the best order has the candidates first, then the rest, newest first. What was there before its feed was added stays
    out of NEW, unless something is searched for, and so does what `woken` and `resurfaced` return. At most four
    queries whatever the number.
    """
    given = newsletter_id, narrowing, mutes
    query = _items(newsletter_id).where(*under(show, *given, now=now))
    found: list[Any] = []
    if show is InboxFilter.NEW and order is InboxOrder.BEST:
        if not isinstance(before, tuple):
            found, before = _candidates(session, query, *given, after_place=before or 0, limit=limit), None
        query = query.where(*conditions.no_candidate(*given))
    if show is InboxFilter.NEW:
        query = query.where(conditions.stands_for_story(narrowing, mutes))
    if isinstance(before, tuple):
        query = query.where(tuple_(Item.at, Item.id) < before)
    if len(found) < limit:
        query = query.order_by(Item.at.desc(), Item.id.desc())
        found += session.execute(query.limit(limit - len(found))).all()
    return _rows(session, found, mutes)


def _candidates(
    session: Session,
    query: _Query,
    newsletter_id: int,
    narrowing: Narrowing,
    mutes: Sequence[Mute],
    *,
    after_place: int,
    limit: int,
) -> list[Any]:
    is_candidate = and_(CandidateRow.item_id == Item.id, CandidateRow.newsletter_id == newsletter_id)
    query = query.with_only_columns(*_COLUMNS, CandidateRow.place).join(CandidateRow, is_candidate)
    query = query.where(CandidateRow.place > after_place, conditions.best_of_story(newsletter_id, narrowing, mutes))
    return list(session.execute(query.order_by(CandidateRow.place).limit(limit)))


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
    return _rows(session, session.execute(query.limit(limit)).all(), mutes)


def resurfaced(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    narrowing: Narrowing = Narrowing(),  # noqa: B008 - it is frozen
    mutes: Sequence[Mute] = (),
    limit: int = 50,
) -> list[InboxRow]:
    """Returns at most `limit` items that came back of late and nobody has touched since, the latest first."""
    query = _resurfaced(newsletter_id, narrowing, mutes, now=now).order_by(Resurfaced.at.desc(), Item.id.desc())
    return _rows(session, session.execute(query.limit(limit)).all(), mutes)


def row(session: Session, newsletter_id: int, item_id: int, *, mutes: Sequence[Mute] = ()) -> InboxRow | None:
    """Returns one item with what became of it, wherever it stands; None when it is not there."""
    query = _items(newsletter_id).where(Item.id == item_id)
    return next(iter(_rows(session, session.execute(query).all(), mutes)), None)


def counts(
    session: Session,
    newsletter_id: int,
    *,
    now: datetime,
    since: datetime | None = None,
    mutes: Sequence[Mute] = (),
    narrowing: Narrowing | None = None,
) -> InboxCounts:
    """Returns how many rows are new (of items since then), picked, skipped and put off; two queries.

    With `narrowing` the new ones are those that it leaves. New ones are looked for among the newest `MOST_LOOKED_AT`
    items, unless something is searched for.
    """
    wanted = narrowing or Narrowing(since=since)
    new = _items(newsletter_id).where(
        *under(InboxFilter.NEW, newsletter_id, wanted, mutes, now=now), conditions.stands_for_story(wanted, mutes)
    )
    # Asked for apart, as the planner knows what lies behind a moment, but not what lies behind a subquery.
    oldest = None if wanted.search else session.scalar(_oldest_looked_at(wanted.since))
    if oldest is not None:
        new = new.where(Item.at >= oldest)
    woken, back = (find(newsletter_id, wanted, mutes, now=now) for find in (_woken, _resurfaced))
    later = under(InboxFilter.LATER, newsletter_id, Narrowing(), mutes, now=now)
    found = session.execute(
        select(
            _number(new.with_only_columns(Item.id).limit(MOST_COUNTED + 1)),
            _number(woken.with_only_columns(Item.id)),
            _number(back.with_only_columns(Item.id)),
            _number(select(Pick.id).where(Pick.newsletter_id == newsletter_id)),
            _number(select(Skip.item_id).where(Skip.newsletter_id == newsletter_id)),
            _number(_items(newsletter_id).with_only_columns(Item.id).where(*later)),
        )
    ).one()
    number = min(found[0], MOST_COUNTED) + found[1] + found[2]
    return InboxCounts(number, found[3], found[4], found[5], has_more=found[0] > MOST_COUNTED)


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


_COLUMNS = Item.id, Pick.id, Pick.section_id, Skip.reason, Later.until, Resurfaced.why


def _items(newsletter_id: int) -> _Query:
    """Selects items with what became of each, beside their stories."""
    query = select(*_COLUMNS, literal(None)).select_from(Item)
    # What leaves out most comes first: SQLite joins in this order.
    for table in (Skip, Pick, Later, Resurfaced):
        query = query.outerjoin(table, and_(table.item_id == Item.id, table.newsletter_id == newsletter_id))
    return query.outerjoin(StoryItem, StoryItem.item_id == Item.id)


def _woken(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute], *, now: datetime) -> _Query:
    is_due = Later.newsletter_id == newsletter_id, Later.until <= now, conditions.not_picked(), Skip.item_id.is_(None)
    # However old: its day has come.
    seen = not_(conditions.muted(Item, mutes)), *conditions.narrowed(Item, narrowing, whatever_age=True)
    return _items(newsletter_id).where(*is_due, *seen)


def _resurfaced(newsletter_id: int, narrowing: Narrowing, mutes: Sequence[Mute], *, now: datetime) -> _Query:
    is_back = Resurfaced.newsletter_id == newsletter_id, Resurfaced.at > now - RESURFACED_FOR
    untouched = conditions.not_picked(), Skip.item_id.is_(None), Later.item_id.is_(None)
    seen = not_(conditions.muted(Item, mutes)), *conditions.narrowed(Item, narrowing, whatever_age=True)
    return _items(newsletter_id).where(*is_back, *untouched, *seen)


def _oldest_looked_at(since: datetime | None) -> Select[datetime]:
    """Selects the moment of the last of the newest items: to PostgreSQL a list of their ids is a loop without end."""
    query = select(Item.at).where(Item.is_archive.is_(False))
    query = query if since is None else query.where(Item.at >= since)
    newest = query.order_by(Item.at.desc(), Item.id.desc()).limit(MOST_LOOKED_AT).subquery()
    return select(func.min(newest.c.at))


def _rows(session: Session, found: Sequence[Any], mutes: Sequence[Mute]) -> list[InboxRow]:
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
            place=place,
            why_back=why or "",
        )
        for item_id, pick_id, section_id, reason, until, why, place in found
        if item_id in items
    ]


def _number(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.subquery()).scalar_subquery()
