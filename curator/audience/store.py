"""Queries over subscribers, subscriptions and suppressions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from curator.addresses import Address
from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import (
    AudienceMember,
    Recipient,
    SubscriberCounts,
    SubscriberRow,
    SubscriptionState,
    SuppressionReason,
)
from curator.db import among, each_dialect, run, upsert, upserted
from curator.names import one_line

# --- the audience of a mailing


PAUSED = "paused"
"""Why a reader gets no mail who stays and wants none for a while."""


def candidates(
    session: Session, newsletter_id: int, *, now: datetime, after_id: int = 0, limit: int = 5000
) -> list[AudienceMember]:
    """Returns active subscriptions by subscriber id, at most `limit`, each with why it gets no mail (or None)."""
    query = audience(newsletter_id, now=now).where(Subscription.subscriber_id > after_id)
    rows = session.execute(query.order_by(Subscription.subscriber_id).limit(limit))
    return [AudienceMember(row.subscriber_id, row.address_key, row.exclusion) for row in rows]


def audience(newsletter_id: int, *, now: datetime) -> Select[int, str, datetime | None, str | None]:
    """Returns the query for active subscriptions: subscriber_id, address_key, engaged_at, and why no mail (or NULL).

    A query, so that a mailing's audience is written by the database without passing through here.
    """
    why_not = case(
        (Suppression.reason.is_not(None), "suppressed: " + Suppression.reason),
        (Subscription.paused_until > now, PAUSED),
    )
    return (
        select(Subscription.subscriber_id, Subscriber.address_key, Subscriber.engaged_at, why_not.label("exclusion"))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(Subscription.newsletter_id == newsletter_id, Subscription.state == SubscriptionState.ACTIVE)
    )


LATELY_ENGAGED_FIRST = (Subscriber.engaged_at.desc(), Subscriber.id.desc())
"""The order in which the index on engaged_at gives them."""


def engaged(newsletter_id: int, *, only: ColumnElement[bool] | None = None) -> Select[int, datetime | None]:
    """Returns the query for a newsletter's active readers who ever clicked: id, engaged_at; `only` is a segment."""
    query = (
        select(Subscriber.id, Subscriber.engaged_at)
        .join(Subscription, _subscription_to(newsletter_id))
        .where(Subscriber.engaged_at.is_not(None), Subscription.state == SubscriptionState.ACTIVE)
    )
    return query if only is None else query.where(only)


def count_engaged(
    session: Session, newsletter_id: int, *, at_most: int, only: ColumnElement[bool] | None = None
) -> int:
    """Returns how many active readers (of a segment) ever clicked; counting ends at `at_most`."""
    some = engaged(newsletter_id, only=only).limit(at_most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def count_active(session: Session, newsletter_id: int, *, only: ColumnElement[bool] | None = None) -> int:
    """Returns how many active subscriptions a newsletter (or a segment) has, suppressed ones among them.

    Without a segment an index answers.
    """
    active = Subscription.newsletter_id == newsletter_id, Subscription.state == SubscriptionState.ACTIVE
    query = select(func.count()).select_from(Subscription).where(*active)
    if only is not None:
        query = query.join(Subscriber, Subscriber.id == Subscription.subscriber_id).where(only)
    return session.scalar(query) or 0


def note_engaged(session: Session, moments: Mapping[int, datetime]) -> None:
    """Notes when people clicked last, by subscriber; an older moment changes nothing."""
    rows = [{"who": id_, "clicked_at": at} for id_, at in sorted(moments.items())]
    if not rows:
        return
    clicked_at = bindparam("clicked_at", type_=Subscriber.engaged_at.type)
    is_news = or_(Subscriber.engaged_at.is_(None), Subscriber.engaged_at < clicked_at)
    newer = update(Subscriber).where(Subscriber.id == bindparam("who"), is_news).values(engaged_at=clicked_at)
    session.connection().execute(newer, rows)


def last_of_next(session: Session, newsletter_id: int, *, after_id: int, up_to_id: int, limit: int) -> int | None:
    """Returns the highest id of the next `limit` active subscriptions after `after_id`; None when there is none."""
    next_ids = (
        select(Subscription.subscriber_id)
        .where(
            Subscription.newsletter_id == newsletter_id,
            Subscription.state == SubscriptionState.ACTIVE,
            Subscription.subscriber_id > after_id,
            Subscription.subscriber_id <= up_to_id,
        )
        .order_by(Subscription.subscriber_id)
        .limit(limit)
        .subquery()
    )
    last_id: int | None = session.scalar(select(func.max(next_ids.c.subscriber_id)))
    return last_id


def mailable(session: Session, newsletter_id: int, address_keys: Collection[str], *, now: datetime) -> int:
    """Returns how many of these addresses get the newsletter's mail: subscribed, not paused and not suppressed."""
    query = (
        select(func.count())
        .select_from(Subscriber)
        .join(Subscription, _subscription_to(newsletter_id))
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            Subscriber.address_key.in_(address_keys),
            Subscription.state == SubscriptionState.ACTIVE,
            or_(Subscription.paused_until.is_(None), Subscription.paused_until <= now),
            Suppression.address_key.is_(None),
        )
    )
    return session.scalar(query) or 0


_TEXT_ONLY = "text only"


def _recipients_query(dialect: str) -> Select[tuple[int, str, str, str | None, str | None]]:
    # Looked up reader by reader: PostgreSQL would else join whole tables as long as its statistics are young. One word
    # says all of the subscription, so that it is looked up once.
    is_active = Subscription.state == SubscriptionState.ACTIVE
    standing = case(
        (and_(is_active, Subscription.paused_until > bindparam("now", type_=Subscription.paused_until.type)), PAUSED),
        (and_(is_active, Subscription.is_text_only.is_(True)), _TEXT_ONLY),
        else_=Subscription.state,
    )
    state = (
        select(standing)
        .where(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter_id == bindparam("newsletter"))
        .scalar_subquery()
    )
    reason = select(Suppression.reason).where(Suppression.address_key == Subscriber.address_key).scalar_subquery()
    wanted = among(Subscriber.id, "ids", dialect=dialect)
    return select(Subscriber.id, Subscriber.address, Subscriber.name, state, reason).where(wanted)


# Built once, with places for its values: building it anew took several times as long as running it.
_RECIPIENTS = each_dialect(_recipients_query)


def recipients(
    session: Session, newsletter_id: int, subscriber_ids: Collection[int], *, now: datetime
) -> dict[int, Recipient | str]:
    """Returns for each id whoever the message is for, or in words why there must be none; one query.

    It reads columns, never remembered objects, so a sender that asks again sees what changed in between.
    """
    rows = run(session, _RECIPIENTS, {"newsletter": newsletter_id, "ids": list(subscriber_ids), "now": now})
    found: dict[int, Recipient | str] = {
        id_: _why_not(state, reason) or Recipient(id_, address, name, state == _TEXT_ONLY)
        for id_, address, name, state, reason in rows
    }
    return {id_: found.get(id_, "erased") for id_ in subscriber_ids}


def _why_not(state: str | None, reason: str | None) -> str | None:
    if reason is not None:
        return f"suppressed: {reason}"
    if state in (SubscriptionState.ACTIVE, _TEXT_ONLY):
        return None
    if state == PAUSED:
        return PAUSED
    return "not confirmed" if state == SubscriptionState.PENDING else "unsubscribed"


def _subscription_to(newsletter_id: int | None) -> ColumnElement[bool]:
    return and_(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter_id == newsletter_id)


# --- lists

ROW = (
    Subscriber.id,
    Subscriber.address,
    Subscriber.name,
    Subscriber.source,
    Subscriber.created_at,
    Subscription.state,
    Subscription.how,
    Subscription.changed_at,
    Suppression.reason.label("suppression"),
)
"""What a list shows of a subscriber; see `as_row`."""


def subscriber_rows(
    session: Session, newsletter_id: int | None, *, search: str = "", after_id: int = 0, limit: int = 50
) -> list[SubscriberRow]:
    """Returns subscribers by id, at most `limit` after `after_id`; of one newsletter (in any state), or all of them.

    `search` finds a part of the address or the name in any case.
    """
    query = _rows_of(newsletter_id).where(Subscriber.id > after_id)
    wanted = one_line(search, max_characters=320)
    if wanted:
        query = query.where(_matches(wanted))
    return [as_row(row) for row in session.execute(query.order_by(Subscriber.id).limit(limit))]


def subscriber_row(session: Session, newsletter_id: int | None, subscriber_id: int) -> SubscriberRow | None:
    """Returns one subscriber as lists show them, None when they are not there (or not of this newsletter)."""
    found = session.execute(_rows_of(newsletter_id).where(Subscriber.id == subscriber_id)).first()
    return None if found is None else as_row(found)


def addresses(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Returns the addresses of subscribers, by id; those that are gone are left out."""
    rows = session.execute(select(Subscriber.id, Subscriber.address).where(Subscriber.id.in_(list(ids))))
    return {row.id: row.address for row in rows}


def _rows_of(newsletter_id: int | None) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(*ROW)
        # Without a newsletter the condition is "IS NULL", which no subscription meets.
        .outerjoin(Subscription, _subscription_to(newsletter_id))
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
    )
    return query if newsletter_id is None else query.where(Subscription.state.is_not(None))


def as_row(row: Any) -> SubscriberRow:
    """Returns what a query for `ROW` found of one subscriber."""
    return SubscriberRow(
        id=row.id,
        address=row.address,
        name=row.name,
        source=row.source,
        created_at=row.created_at,
        state=None if row.state is None else SubscriptionState(row.state),
        how=row.how,
        changed_at=row.changed_at,
        suppression=None if row.suppression is None else SuppressionReason(row.suppression),
    )


def _matches(search: str) -> ColumnElement[bool]:
    # SQLite ignores case for ASCII letters only, so other letters are looked for in each of their usual spellings.
    spellings = {search, search.lower(), search.upper(), search.title()}
    columns = (Subscriber.address, Subscriber.address_key, Subscriber.name)
    return or_(*(column.icontains(text, autoescape=True) for column in columns for text in sorted(spellings)))


def counts(session: Session, newsletter_id: int) -> SubscriberCounts:
    """Returns how many subscriptions a newsletter has, each counted once; two queries.

    States are counted by an index alone, and suppressed ones from the suppressions: no subscriber is read for it.
    """
    rows = session.execute(
        select(Subscription.state, func.count())
        .where(Subscription.newsletter_id == newsletter_id)
        .group_by(Subscription.state)
    )
    number = {str(state): count for state, count in rows}
    suppressed = sum(_suppressed(session, newsletter_id).values())
    return SubscriberCounts(
        active=number.get("active", 0) - suppressed,
        pending=number.get("pending", 0),
        ended=number.get("ended", 0),
        suppressed=suppressed,
    )


def came_and_left(session: Session, newsletter_id: int, *, since: datetime) -> tuple[int, int]:
    """Returns how many of a newsletter's readers came after a moment and are there, and how many left after it."""
    changed_since = Subscription.newsletter_id == newsletter_id, Subscription.changed_at > since
    query = select(Subscription.state, func.count()).where(*changed_since).group_by(Subscription.state)
    number = {str(state): count for state, count in session.execute(query)}
    return number.get("active", 0), number.get("ended", 0)


def exclusion_counts(session: Session, newsletter_id: int, *, now: datetime) -> dict[str, int]:
    """Returns how many active subscriptions would get no mail, by the reason that `candidates` gives."""
    paused = _count_some(session, newsletter_id, Subscription.paused_until > now)
    return _suppressed(session, newsletter_id) | ({PAUSED: paused} if paused else {})


def _suppressed(session: Session, newsletter_id: int) -> dict[str, int]:
    # From the suppressions: told to join, SQLite began with the readers, of whom there are far more.
    gets_it = exists().where(
        Subscriber.address_key == Suppression.address_key,
        _subscription_to(newsletter_id),
        Subscription.state == SubscriptionState.ACTIVE,
    )
    rows = session.execute(
        select(Suppression.reason, func.count())
        .where(gets_it)
        .group_by(Suppression.reason)
        .order_by(Suppression.reason)
    )
    return {f"suppressed: {reason}": count for reason, count in rows}


def count_text_only(session: Session, newsletter_id: int) -> int:
    """Returns how many active readers who may be mailed want the text alone."""
    return _count_some(session, newsletter_id, Subscription.is_text_only.is_(True))


def _count_some(session: Session, newsletter_id: int, which: ColumnElement[bool]) -> int:
    """Returns how many active readers who may be mailed are of a few; an index of theirs finds them."""
    query = (
        select(func.count())
        .select_from(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            Subscription.newsletter_id == newsletter_id,
            which,
            Subscription.state == SubscriptionState.ACTIVE,
            Suppression.address_key.is_(None),
        )
    )
    return session.scalar(query) or 0


# --- one address


def subscriber_id(session: Session, address_key: str) -> int | None:
    """Returns the id of the subscriber with this key, None when there is none."""
    return session.execute(select(Subscriber.id).where(Subscriber.address_key == address_key)).scalar_one_or_none()


# --- many addresses at once (an import's chunk: at most 1,000, so that no statement has too many parameters)


def ensure_subscribers(
    session: Session,
    people: Mapping[str, tuple[Address, str]],
    *,
    at: datetime,
    source: str,
    each: Mapping[str, tuple[datetime, str]] = MappingProxyType({}),
) -> dict[str, int]:
    """Makes sure that everybody in `people` (key -> address, name) is a subscriber; returns their ids by key.

    Somebody who is there keeps their address; a name is filled in where there was none. `each` says of single ones
    (by key) since when they are there and from where.
    """
    # Sorted, so that two imports at once lock the same rows in the same order and cannot deadlock.
    keys = sorted(people)
    rows = [
        {
            "address": people[key][0].address,
            "address_key": key,
            "name": people[key][1],
            "source": each[key][1] if key in each else source,
            "created_at": each[key][0] if key in each else at,
        }
        for key in keys
    ]
    upsert(session, Subscriber, rows, keys=["address_key"])
    found = session.execute(
        select(Subscriber.id, Subscriber.address_key, Subscriber.name)
        .where(Subscriber.address_key.in_(keys))
        .order_by(Subscriber.address_key)
        # Whoever is found stays until the commit: a sign-up that nobody confirmed may be swept away at this moment.
        .with_for_update(read=True, key_share=True)
    ).all()
    if len(found) < len(keys):
        return ensure_subscribers(session, people, at=at, source=source, each=each)
    nameless = sorted((id_, people[key][1]) for id_, key, name in found if not name and people[key][1])
    if nameless:
        session.execute(update(Subscriber), [{"id": id_, "name": name} for id_, name in nameless])
    return {key: id_ for id_, key, _ in found}


def subscription_states(
    session: Session, newsletter_id: int, subscriber_ids: Collection[int]
) -> dict[int, SubscriptionState]:
    """Returns the states of those subscriptions that exist, by subscriber id."""
    rows = session.execute(
        select(Subscription.subscriber_id, Subscription.state).where(
            Subscription.newsletter_id == newsletter_id, Subscription.subscriber_id.in_(subscriber_ids)
        )
    )
    return {id_: SubscriptionState(state) for id_, state in rows}


def subscribe_new(
    session: Session, newsletter_id: int, subscriber_ids: Sequence[int], *, at: datetime, how: str
) -> list[int]:
    """Makes active subscriptions for those who have none in any state; returns for whom."""
    rows = [
        {
            "subscriber_id": id_,
            "newsletter_id": newsletter_id,
            "state": SubscriptionState.ACTIVE,
            "changed_at": at,
            "how": how,
        }
        for id_ in sorted(subscriber_ids)
    ]
    return upserted(session, Subscription, rows, keys=["subscriber_id", "newsletter_id"])
