"""Queries over subscribers, subscriptions and suppressions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, delete, func, or_, select, update
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
    SuppressionRow,
)
from curator.db import among, each_dialect, run, upsert, upserted
from curator.names import one_line

# --- the audience of a mailing


def candidates(session: Session, newsletter_id: int, *, after_id: int = 0, limit: int = 5000) -> list[AudienceMember]:
    """Returns active subscriptions by subscriber id, at most `limit`, each with why it gets no mail (or None)."""
    query = audience(newsletter_id).where(Subscription.subscriber_id > after_id)
    rows = session.execute(query.order_by(Subscription.subscriber_id).limit(limit))
    return [AudienceMember(row.subscriber_id, row.address_key, row.exclusion) for row in rows]


def audience(newsletter_id: int) -> Select[int, str, datetime | None, str | None]:
    """Returns the query for active subscriptions: subscriber_id, address_key, engaged_at, and why no mail (or NULL).

    A query, so that a mailing's audience is written by the database without passing through here.
    """
    why_not = case((Suppression.reason.is_not(None), "suppressed: " + Suppression.reason))
    return (
        select(Subscription.subscriber_id, Subscriber.address_key, Subscriber.engaged_at, why_not.label("exclusion"))
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(Subscription.newsletter_id == newsletter_id, Subscription.state == SubscriptionState.ACTIVE)
    )


LATELY_ENGAGED_FIRST = (Subscriber.engaged_at.desc(), Subscriber.id.desc())
"""The order in which the index on engaged_at gives them."""


def engaged(newsletter_id: int) -> Select[int, datetime | None]:
    """Returns the query for a newsletter's active readers who ever clicked: id, engaged_at."""
    return (
        select(Subscriber.id, Subscriber.engaged_at)
        .join(Subscription, _subscription_to(newsletter_id))
        .where(Subscriber.engaged_at.is_not(None), Subscription.state == SubscriptionState.ACTIVE)
    )


def count_engaged(session: Session, newsletter_id: int, *, at_most: int) -> int:
    """Returns how many active readers ever clicked; counting ends at `at_most`."""
    some = engaged(newsletter_id).limit(at_most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def count_active(session: Session, newsletter_id: int) -> int:
    """Returns how many active subscriptions a newsletter has, suppressed ones among them; an index answers."""
    active = Subscription.newsletter_id == newsletter_id, Subscription.state == SubscriptionState.ACTIVE
    return session.scalar(select(func.count()).where(*active)) or 0


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


def mailable(session: Session, newsletter_id: int, address_keys: Collection[str]) -> int:
    """Returns how many of these addresses get the newsletter's mail: subscribed, and not suppressed."""
    query = (
        select(func.count())
        .select_from(Subscriber)
        .join(Subscription, _subscription_to(newsletter_id))
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            Subscriber.address_key.in_(address_keys),
            Subscription.state == SubscriptionState.ACTIVE,
            Suppression.address_key.is_(None),
        )
    )
    return session.scalar(query) or 0


def _recipients_query(dialect: str) -> Select[tuple[int, str, str, SubscriptionState | None, str | None]]:
    # Looked up reader by reader: PostgreSQL would else join whole tables as long as its statistics are young.
    state = (
        select(Subscription.state)
        .where(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter_id == bindparam("newsletter"))
        .scalar_subquery()
    )
    reason = select(Suppression.reason).where(Suppression.address_key == Subscriber.address_key).scalar_subquery()
    wanted = among(Subscriber.id, "ids", dialect=dialect)
    return select(Subscriber.id, Subscriber.address, Subscriber.name, state, reason).where(wanted)


# Built once, with places for its values: building it anew took several times as long as running it.
_RECIPIENTS = each_dialect(_recipients_query)


def recipients(session: Session, newsletter_id: int, subscriber_ids: Collection[int]) -> dict[int, Recipient | str]:
    """Returns for each id whoever the message is for, or in words why there must be none; one query.

    It reads columns, never remembered objects, so a sender that asks again sees what changed in between.
    """
    rows = run(session, _RECIPIENTS, {"newsletter": newsletter_id, "ids": list(subscriber_ids)})
    found: dict[int, Recipient | str] = {
        id_: _why_not(state, reason) or Recipient(id_, address, name) for id_, address, name, state, reason in rows
    }
    return {id_: found.get(id_, "erased") for id_ in subscriber_ids}


def _why_not(state: str | None, reason: str | None) -> str | None:
    if reason is not None:
        return f"suppressed: {reason}"
    if state == SubscriptionState.PENDING:
        return "not confirmed"
    return None if state == SubscriptionState.ACTIVE else "unsubscribed"


def _subscription_to(newsletter_id: int | None) -> ColumnElement[bool]:
    return and_(Subscription.subscriber_id == Subscriber.id, Subscription.newsletter_id == newsletter_id)


# --- lists


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
    return [_row(row) for row in session.execute(query.order_by(Subscriber.id).limit(limit))]


def subscriber_row(session: Session, newsletter_id: int | None, subscriber_id: int) -> SubscriberRow | None:
    """Returns one subscriber as lists show them, None when they are not there (or not of this newsletter)."""
    found = session.execute(_rows_of(newsletter_id).where(Subscriber.id == subscriber_id)).first()
    return None if found is None else _row(found)


def addresses(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Returns the addresses of subscribers, by id; those that are gone are left out."""
    rows = session.execute(select(Subscriber.id, Subscriber.address).where(Subscriber.id.in_(list(ids))))
    return {row.id: row.address for row in rows}


def _rows_of(newsletter_id: int | None) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
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
        # Without a newsletter the condition is "IS NULL", which no subscription meets.
        .outerjoin(Subscription, _subscription_to(newsletter_id))
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
    )
    return query if newsletter_id is None else query.where(Subscription.state.is_not(None))


def _row(row: Any) -> SubscriberRow:
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
    """Returns how many subscriptions a newsletter has, each counted once."""
    is_suppressed = Suppression.address_key.is_not(None)
    rows = session.execute(
        select(Subscription.state, is_suppressed, func.count())
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(Subscription.newsletter_id == newsletter_id)
        .group_by(Subscription.state, is_suppressed)
    )
    number = {(str(state), bool(suppressed)): count for state, suppressed, count in rows}
    return SubscriberCounts(
        active=number.get(("active", False), 0),
        pending=number.get(("pending", False), 0) + number.get(("pending", True), 0),
        ended=number.get(("ended", False), 0) + number.get(("ended", True), 0),
        suppressed=number.get(("active", True), 0),
    )


def came_and_left(session: Session, newsletter_id: int, *, since: datetime) -> tuple[int, int]:
    """Returns how many of a newsletter's readers came after a moment and are there, and how many left after it."""
    changed_since = Subscription.newsletter_id == newsletter_id, Subscription.changed_at > since
    query = select(Subscription.state, func.count()).where(*changed_since).group_by(Subscription.state)
    number = {str(state): count for state, count in session.execute(query)}
    return number.get("active", 0), number.get("ended", 0)


def exclusion_counts(session: Session, newsletter_id: int) -> dict[str, int]:
    """Returns how many active subscriptions would get no mail, by the reason that `candidates` gives."""
    rows = session.execute(
        select(Suppression.reason, func.count())
        .join(Subscriber, Subscriber.address_key == Suppression.address_key)
        .join(Subscription, _subscription_to(newsletter_id))
        .where(Subscription.state == SubscriptionState.ACTIVE)
        .group_by(Suppression.reason)
        .order_by(Suppression.reason)
    )
    return {f"suppressed: {reason}": count for reason, count in rows}


def suppressions(session: Session, *, limit: int = 200, after: str = "") -> list[SuppressionRow]:
    """Returns addresses that are never mailed, by address, at most `limit` after the address `after`."""
    rows = session.execute(
        select(Suppression.address_key, Suppression.reason, Suppression.note, Suppression.at)
        .where(Suppression.address_key > one_line(after, max_characters=320))
        .order_by(Suppression.address_key)
        .limit(limit)
    )
    return [SuppressionRow(key, SuppressionReason(reason), note, at) for key, reason, note, at in rows]


# --- one address


def subscriber_id(session: Session, address_key: str) -> int | None:
    """Returns the id of the subscriber with this key, None when there is none."""
    return session.execute(select(Subscriber.id).where(Subscriber.address_key == address_key)).scalar_one_or_none()


def suppression_reason(session: Session, address_key: str, *, for_change: bool = False) -> SuppressionReason | None:
    """Returns why an address must never be mailed, None when it may; `for_change` holds the row until the commit."""
    query = select(Suppression.reason).where(Suppression.address_key == address_key)
    reason = session.execute(query.with_for_update() if for_change else query).scalar_one_or_none()
    return None if reason is None else SuppressionReason(reason)


def add_suppression(session: Session, address_key: str, reason: SuppressionReason, *, note: str, at: datetime) -> bool:
    """Writes a suppression down; False when the address has one already, which stays as it is."""
    row = {"address_key": address_key, "reason": reason, "note": note, "at": at}
    return upsert(session, Suppression, [row], keys=["address_key"]) == 1


def put_suppression(session: Session, address_key: str, reason: SuppressionReason, *, note: str, at: datetime) -> None:
    """Writes a suppression over whatever is there."""
    row = {"address_key": address_key, "reason": reason, "note": note, "at": at}
    upsert(session, Suppression, [row], keys=["address_key"], update=["reason", "note", "at"])


def drop_suppression(session: Session, address_key: str) -> SuppressionReason | None:
    """Removes a suppression and returns its reason, None when there was none."""
    gone = delete(Suppression).where(Suppression.address_key == address_key).returning(Suppression.reason)
    reason = session.execute(gone).scalar_one_or_none()
    return None if reason is None else SuppressionReason(reason)


# --- many addresses at once (an import's chunk: at most 1,000, so that no statement has too many parameters)


def suppressed_keys(session: Session, address_keys: Collection[str]) -> set[str]:
    """Returns which of these keys must never be mailed."""
    return set(session.scalars(select(Suppression.address_key).where(Suppression.address_key.in_(address_keys))))


def ensure_subscribers(
    session: Session, people: Mapping[str, tuple[Address, str]], *, at: datetime, source: str
) -> dict[str, int]:
    """Makes sure that everybody in `people` (key -> address, name) is a subscriber; returns their ids by key.

    Somebody who is there keeps their address; a name is filled in where there was none.
    """
    # Sorted, so that two imports at once lock the same rows in the same order and cannot deadlock.
    keys = sorted(people)
    rows = [
        {
            "address": people[key][0].address,
            "address_key": key,
            "name": people[key][1],
            "source": source,
            "created_at": at,
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
        return ensure_subscribers(session, people, at=at, source=source)
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
