"""The rows of trends: the items that are counted, the trends as last computed, and the terms that are blocked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, distinct, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from curator.db import upserted
from curator.errors import InvalidError, NotFoundError
from curator.feeds.store import place_of
from curator.feeds.tables import Feed, Item
from curator.feeds.values import ItemKind
from curator.newsletters.tables import Newsletter
from curator.picks.tables import BlockedTerm, Mute, TrendRow
from curator.picks.trends.reasons import allowed
from curator.picks.trends.values import Blocked, Counted, Topic

MOST_COUNTED = 100_000
"""Items that are counted, the newest: twice what 3,000 a week are in sixteen weeks."""

MOST_BLOCKED = 200
"""Every page holds each trend against all of them."""

MOST_FEEDS_SHOWN = 500
"""Feeds of a page's trends that are told by name."""

MOST_RISING = 20
"""Topics of a week that count as rising, for candidates and for what comes back."""

_PART = 2_000


# -- what trends are counted of


def items(session: Session, *, since: datetime, until: datetime) -> Iterator[Counted]:
    """Yields the items of a time, newest first, at most `MOST_COUNTED`; without feeds that every newsletter mutes.

    What came with a back issue is left out: no feed told it, and an archive that is imported is no news.
    """
    is_told = or_(Item.feed_id.is_not(None), Item.is_archive.is_(False))
    query = (
        select(Item.id, Item.title, Item.feed_id, Item.at, Item.canonical_url)
        .where(Item.at >= since, Item.at <= until, is_told)
        .where(or_(Item.feed_id.is_(None), Item.feed_id.not_in(_muted_by_all())))
        .order_by(Item.at.desc(), Item.id.desc())
        .limit(MOST_COUNTED)
    )
    for row in session.execute(query.execution_options(yield_per=_PART)):
        yield Counted(*row)


def made_at(session: Session) -> dict[int, datetime]:
    """Returns when the trends of each window were last computed; a window without any is left out."""
    query = select(TrendRow.days, func.max(TrendRow.made_at)).group_by(TrendRow.days)
    return dict(session.execute(query).all())


def has_news(session: Session, *, since: datetime) -> bool:
    """Tells whether an item came after a moment."""
    return session.scalar(select(exists().where(Item.first_seen_at > since))) or False


def oldest_at(session: Session, *, since: datetime) -> datetime | None:
    """Returns the moment of the first item from a moment on; None without any."""
    return session.scalar(select(Item.at).where(Item.at >= since).order_by(Item.at, Item.id).limit(1))


def _muted_by_all() -> ColumnElement[int]:
    newsletters = select(func.count(Newsletter.id)).scalar_subquery()
    muted = select(Mute.feed_id).where(Mute.feed_id.is_not(None)).group_by(Mute.feed_id)
    return muted.having(func.count(distinct(Mute.newsletter_id)) >= newsletters).scalar_subquery()


# -- trends


def replace(session: Session, topics: Mapping[int, Sequence[Topic]], *, now: datetime) -> None:
    """Writes the trends of these windows over those that were there."""
    session.execute(delete(TrendRow).where(TrendRow.days.in_(topics)))
    rows = [_row(each) | {"made_at": now} for those in topics.values() for each in those]
    if rows:
        session.execute(insert(TrendRow), rows)


def topics(session: Session, days: int | None = None) -> list[Topic]:
    """Returns the trends of a window, or of all of them, as last computed, the strongest first; one query."""
    query = select(TrendRow).order_by(TrendRow.days, TrendRow.place)
    return [_topic(row) for row in session.scalars(query if days is None else query.where(TrendRow.days == days))]


def rising(session: Session, newsletter_id: int) -> list[Topic]:
    """Returns what rose most in a week, the strongest first, without what the newsletter blocks; two queries."""
    words = [each.words for each in blocked(session, newsletter_id)]
    return allowed(topics(session, 7), words)[:MOST_RISING]


def topic(session: Session, days: int, term: str) -> Topic | None:
    """Returns one trend; None where it is one no longer."""
    row = session.scalars(select(TrendRow).where(TrendRow.days == days, TrendRow.term == term)).one_or_none()
    return None if row is None else _topic(row)


def feed_names(session: Session, feed_ids: Sequence[int]) -> dict[int, str]:
    """Returns what feeds are called, by id, at most `MOST_FEEDS_SHOWN`."""
    rows = session.execute(select(Feed.id, Feed.title, Feed.url).where(Feed.id.in_(feed_ids[:MOST_FEEDS_SHOWN])))
    return {feed_id: title or place_of(url) for feed_id, title, url in rows}


def own_titles(session: Session, words: Sequence[str], *, limit: int = 200) -> dict[int, str]:
    """Returns own episodes in whose title one of these stands, the newest first, by id; one query."""
    if not words:
        return {}
    named = or_(*(Item.title.icontains(each, autoescape=True) for each in words))
    query = (
        select(Item.id, Item.title)
        .join(Feed, Feed.id == Item.feed_id)
        .where(Feed.is_own_show, Item.kind == ItemKind.EPISODE, named)
        .order_by(Item.at.desc(), Item.id.desc())
        .limit(limit)
    )
    return dict(session.execute(query).all())


def _row(topic: Topic) -> dict[str, object]:
    return {
        "days": topic.days,
        "term": topic.term,
        "label": topic.label,
        "place": topic.place,
        "score": topic.score,
        "factor": topic.factor,
        "counts": list(topic.counts),
        "feed_ids": list(topic.feed_ids),
        "item_ids": list(topic.item_ids),
        "first_seen_at": topic.first_seen_at,
    }


def _topic(row: TrendRow) -> Topic:
    return Topic(
        days=row.days,
        term=row.term,
        label=row.label,
        place=row.place,
        score=row.score,
        factor=row.factor,
        counts=tuple(row.counts),
        feed_ids=tuple(row.feed_ids),
        item_ids=tuple(row.item_ids),
        first_seen_at=row.first_seen_at,
        made_at=row.made_at,
    )


# -- blocked terms


def blocked(session: Session, newsletter_id: int) -> list[Blocked]:
    """Returns the terms that a newsletter does not want among its trends, by their words; one query."""
    query = select(BlockedTerm).where(BlockedTerm.newsletter_id == newsletter_id).order_by(BlockedTerm.words)
    return [_blocked(row) for row in session.scalars(query.limit(MOST_BLOCKED))]


def blocked_term(session: Session, term_id: int) -> Blocked:
    """Returns one blocked term. Raises NotFoundError."""
    row = session.get(BlockedTerm, term_id)
    if row is None:
        raise NotFoundError("blocked term", term_id)
    return _blocked(row)


def newsletter_of_term(session: Session, term_id: int) -> int | None:
    """Returns the newsletter that blocks a term, None for a term that is not blocked."""
    return session.scalar(select(BlockedTerm.newsletter_id).where(BlockedTerm.id == term_id))


def add_blocked(session: Session, newsletter_id: int, words: str, *, by: int | None, now: datetime) -> int | None:
    """Blocks cleaned words and returns the term's id; None when they were blocked already. Raises InvalidError."""
    number = select(func.count()).select_from(BlockedTerm).where(BlockedTerm.newsletter_id == newsletter_id)
    if (session.scalar(number) or 0) >= MOST_BLOCKED:
        raise InvalidError("words", f"{MOST_BLOCKED} terms are blocked, which is the most. Lift one first.")
    row = {"newsletter_id": newsletter_id, "words": words, "blocked_by": by, "blocked_at": now}
    if not upserted(session, BlockedTerm, [row], keys=["newsletter_id", "words"]):
        return None
    same = BlockedTerm.newsletter_id == newsletter_id, BlockedTerm.words == words
    return session.scalar(select(BlockedTerm.id).where(*same))


def remove_blocked(session: Session, term_id: int) -> None:
    """Lets a term be a trend again; one that is gone stays gone."""
    session.execute(delete(BlockedTerm).where(BlockedTerm.id == term_id))


def _blocked(row: BlockedTerm) -> Blocked:
    return Blocked(row.id, row.newsletter_id, row.words)
