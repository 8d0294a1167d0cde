"""Queries for the readers whom a filter means: a filter becomes conditions with bound values, never SQL from people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from curator.addresses import checked_address
from curator.audience.segments.parse import parse
from curator.audience.segments.values import (
    All,
    Before,
    CameFrom,
    Count,
    Deed,
    Did,
    Ever,
    Fact,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Some,
    Tagged,
    When,
    Within,
)
from curator.audience.store import ROW, as_row
from curator.audience.tables import (
    Interest,
    Subscriber,
    SubscriberInterest,
    SubscriberTag,
    Subscription,
    Suppression,
    Tag,
)
from curator.audience.tags.rules import key_of
from curator.audience.values import SubscriberRow, SubscriptionState
from curator.db import at_most
from curator.errors import InvalidError, TooSlowError
from curator.names import one_line

_WINDOWS, _WINDOW = 40, 500
"""A sample: so many stretches of so many ids, spread over all of them. It is read in some tens of milliseconds."""


Condition: TypeAlias = ColumnElement[bool]
"""What holds of a subscription joined with its subscriber; rooms hand it on without looking into it."""


@dataclass(frozen=True)
class Scope:
    """Where a filter is asked, and what its names mean there; a name that is not among them fits nobody."""

    newsletter_id: int
    zone: str
    now: datetime
    tags: Mapping[str, int] = field(default_factory=dict)
    interests: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Whom a list shows: a filter (None: everybody), and a part of an address or a name."""

    filter: Filter | None = None
    search: str = ""

    @property
    def is_everybody(self) -> bool:
        """Whether nothing is asked for."""
        return self.filter is None and not self.search


def scope(session: Session, newsletter_id: int, filter_: Filter | None, *, zone: str, now: datetime) -> Scope:
    """Returns what a filter's names mean in a newsletter; two queries, none where it has no names."""
    terms = [] if filter_ is None else list(_terms(filter_))
    tag_names = {key_of(term.name): term.name for term in terms if isinstance(term, Tagged)}
    interest_names = {key_of(term.name): term.name for term in terms if isinstance(term, Interested)}
    tags, interests = {}, {}
    if tag_names:
        rows = session.execute(select(Tag.key, Tag.id).where(Tag.key.in_(tag_names)))
        tags = {row.key: row.id for row in rows}
    if interest_names:
        found = session.execute(select(Interest.name, Interest.id).where(Interest.newsletter_id == newsletter_id))
        interests = {key_of(row.name): row.id for row in found}
    unknown = [f"tag “{name}”" for key, name in tag_names.items() if key not in tags]
    unknown += [f"interest “{name}”" for key, name in interest_names.items() if key not in interests]
    return Scope(newsletter_id, zone, now, tags, interests, tuple(unknown))


def _terms(filter_: Filter) -> Iterator[Filter]:
    match filter_:
        case All(parts) | Some(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)
        case _:
            yield filter_


# --- a filter as a condition


def condition(filter_: Filter, where: Scope) -> ColumnElement[bool]:  # noqa: PLR0911 - one for each kind of term
    """Returns what holds of a subscription (joined with its subscriber) that fits; it is never unknown.

    So that `not` means everybody else: who never clicked fits `not clicked within 90 days`.
    """
    match filter_:
        case Tagged(name):
            return _bears(SubscriberTag, SubscriberTag.tag_id, where.tags.get(key_of(name)))
        case Interested(name):
            return _bears(SubscriberInterest, SubscriberInterest.interest_id, where.interests.get(key_of(name)))
        case CameFrom(source):
            return _came_from(source.lower())
        case Is(fact):
            return _is(fact, now=where.now)
        case Did(deed, when):
            return _did(deed, when, where)
        case Not(part):
            return not_(condition(part, where))
        case All(parts):
            return and_(*(condition(part, where) for part in parts))
        case Some(parts):
            return or_(*(condition(part, where) for part in parts))
        case _:
            assert_never(filter_)


def narrowing(session: Session, newsletter_id: int, words: str, *, zone: str, now: datetime) -> Condition | None:
    """Returns the condition that a segment's words are at a moment, for queries that join subscribers; None for all."""
    if not words:
        return None
    filter_ = parse(words)
    return condition(filter_, scope(session, newsletter_id, filter_, zone=zone, now=now))


def _bears(table: Any, column: Any, id_: int | None) -> ColumnElement[bool]:
    if id_ is None:
        return false()
    # Not EXISTS: from a list SQLite begins with those who bear it, and PostgreSQL makes a join of both.
    return Subscription.subscriber_id.in_(select(table.subscriber_id).where(column == id_).correlate(None))


def _came_from(source: str) -> ColumnElement[bool]:
    stored = func.lower(Subscriber.source)
    return stored.startswith(source[:-1], autoescape=True) if source.endswith("*") else stored == source


def _is(fact: Fact, *, now: datetime) -> ColumnElement[bool]:
    match fact:
        case Fact.ACTIVE:
            return Subscription.state == SubscriptionState.ACTIVE
        case Fact.PENDING:
            return Subscription.state == SubscriptionState.PENDING
        case Fact.LEFT:
            return Subscription.state == SubscriptionState.ENDED
        case Fact.PAUSED:
            return and_(Subscription.paused_until.is_not(None), Subscription.paused_until > now)
        case Fact.TEXT_ONLY:
            return Subscription.is_text_only.is_(True)
        case Fact.SUPPRESSED:
            return _is_suppressed()
        case _:
            assert_never(fact)


def _is_suppressed() -> ColumnElement[bool]:
    # Under a name of its own: the query around it may read suppressions too.
    kept_out = aliased(Suppression)
    return exists().where(kept_out.address_key == Subscriber.address_key).correlate_except(kept_out)


def _did(deed: Deed, when: When, where: Scope) -> ColumnElement[bool]:
    match deed:
        case Deed.CLICKED:
            return and_(Subscriber.engaged_at.is_not(None), *_at(Subscriber.engaged_at, when, where))
        case Deed.JOINED:
            active = Subscription.state == SubscriptionState.ACTIVE
            return and_(active, *_at(Subscription.changed_at, when, where))
        case Deed.LEFT:
            ended = Subscription.state == SubscriptionState.ENDED
            return and_(ended, *_at(Subscription.changed_at, when, where))
        case _:
            assert_never(deed)


def _at(column: Any, when: When, where: Scope) -> list[ColumnElement[bool]]:
    match when:
        case Ever():
            return []
        case Within(days):
            return [column >= where.now - timedelta(days=days)]
        case Before(day):
            return [column < _begins(day, where.zone)]
        case Since(day):
            return [column >= _begins(day, where.zone)]
        case _:
            assert_never(when)


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def asks_subscriber(filter_: Filter) -> bool:
    """Tells whether a filter's condition looks at the subscriber too, and not at the subscription alone."""
    return any(_asks_subscriber(term) for term in _terms(filter_))


def _asks_subscriber(term: Filter) -> bool:
    clicks = isinstance(term, Did) and term.deed is Deed.CLICKED
    return clicks or isinstance(term, CameFrom) or term == Is(Fact.SUPPRESSED)


# --- who fits, and how many


def readers(wanted: Wanted, where: Scope) -> Select[int]:
    """Returns the query for the ids of those whom a list shows, in no order."""
    query = select(Subscription.subscriber_id).where(Subscription.newsletter_id == where.newsletter_id)
    if wanted.search or (wanted.filter is not None and asks_subscriber(wanted.filter)):
        query = query.join(Subscriber, Subscriber.id == Subscription.subscriber_id)
    return query.where(*_conditions(wanted, where))


def page(
    session: Session, wanted: Wanted, where: Scope, *, after: int | None = None, before: int | None = None, limit: int
) -> list[SubscriberRow]:
    """Returns at most `limit` of those whom a list shows, newest first, with their tags; two queries.

    `after` and `before` are ids: those that come behind it in the list, or the last that come before it.
    """
    query = _rows().where(Subscription.newsletter_id == where.newsletter_id, *_conditions(wanted, where))
    if before is not None:
        query = query.where(Subscription.subscriber_id > before).order_by(Subscription.subscriber_id)
    else:
        query = query.order_by(Subscription.subscriber_id.desc())
        query = query if after is None else query.where(Subscription.subscriber_id < after)
    rows = session.execute(query.limit(limit)).all()
    return [as_row(row) for row in (reversed(rows) if before is not None else rows)]


def count(session: Session, wanted: Wanted, where: Scope, *, limit: timedelta | None = None) -> Count:
    """Returns how many fit: exactly, or where that takes longer than `limit`, by a sample that is multiplied."""
    query = readers(wanted, where).with_only_columns(func.count())
    if limit is None:
        return Count(session.scalar(query) or 0)
    try:
        with at_most(session, limit):
            return Count(session.scalar(query) or 0)
    except TooSlowError:
        return estimate(session, wanted, where)


def count_reached(session: Session, wanted: Wanted, where: Scope, *, limit: timedelta) -> Count:
    """Returns how many of those who fit would get mail: active, not paused, and not suppressed."""
    wanted = _who_get_mail(wanted)
    found = count(session, wanted, where, limit=limit)
    if not found.number:
        return found
    fits = exists().where(
        Subscriber.address_key == Suppression.address_key,
        Subscription.subscriber_id == Subscriber.id,
        Subscription.newsletter_id == where.newsletter_id,
        *_conditions(wanted, where),
    )
    kept_out = select(func.count()).select_from(Suppression).where(fits)
    try:
        with at_most(session, limit):
            return Count(max(found.number - (session.scalar(kept_out) or 0), 0), found.is_exact)
    except TooSlowError:
        return Count(found.number, is_exact=False)


def is_empty(session: Session, wanted: Wanted, where: Scope) -> bool:
    """Tells whether nobody who fits would get mail."""
    query = (
        select(Subscription.subscriber_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.newsletter_id == where.newsletter_id,
            *_conditions(_who_get_mail(wanted), where),
            ~_is_suppressed(),
        )
    )
    return session.scalar(query.limit(1)) is None


def _who_get_mail(wanted: Wanted) -> Wanted:
    get_it: tuple[Filter, ...] = (Is(Fact.ACTIVE), Not(Is(Fact.PAUSED)))
    return Wanted(All(get_it if wanted.filter is None else (wanted.filter, *get_it)), wanted.search)


def estimate(session: Session, wanted: Wanted, where: Scope) -> Count:
    """Returns about how many fit, by a look at some of the ids, however many there are."""
    low, high = (session.scalar(select(end(Subscriber.id))) or 0 for end in (func.min, func.max))
    if high - low < _WINDOWS * _WINDOW:
        return Count(session.scalar(readers(wanted, where).with_only_columns(func.count())) or 0)
    step = (high - low + 1) / _WINDOWS
    starts = [low + round(step * number) for number in range(_WINDOWS)]
    seen = sum(
        session.scalar(
            readers(wanted, where)
            .where(Subscription.subscriber_id >= start, Subscription.subscriber_id < start + _WINDOW)
            .with_only_columns(func.count())
        )
        or 0
        for start in starts
    )
    return Count(_rounded(seen * (high - low + 1) / (_WINDOWS * _WINDOW)), is_exact=False)


def _rounded(number: float) -> int:
    """Returns a number with two figures that count: more would promise more than a sample knows."""
    figures = len(str(int(number)))
    return int(round(number, -max(figures - 2, 0)))


def _conditions(wanted: Wanted, where: Scope) -> list[ColumnElement[bool]]:
    found = [] if wanted.filter is None else [condition(wanted.filter, where)]
    search = one_line(wanted.search, max_characters=320)
    return [*found, *([_named(search)] if search else [])]


def _named(search: str) -> ColumnElement[bool]:
    """A whole address is looked up by its key; anything else may stand anywhere in an address or a name."""
    try:
        return Subscriber.address_key == checked_address(search).key
    except InvalidError:
        pass
    # SQLite ignores case for ASCII letters only, so other letters are looked for in each of their usual spellings.
    spellings = {search} if search.isascii() else {search, search.lower(), search.upper(), search.title()}
    columns = [Subscriber.address_key, Subscriber.name, *([] if search.isascii() else [Subscriber.address])]
    return or_(*(column.icontains(text, autoescape=True) for column in columns for text in sorted(spellings)))


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(*ROW)
        .select_from(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
    )
