"""Queries on cohorts: what is written down of them, and the one look at all readers that it is written from."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, extract, func, insert, select
from sqlalchemy.orm import Session

from curator.audience.cohorts import months
from curator.audience.cohorts.months import Count, Group
from curator.audience.tables import CohortCount, Consent, Subscriber, Subscription, Suppression
from curator.audience.values import ConsentStep, SubscriptionState

_CAME = (ConsentStep.CONFIRMED, ConsentStep.ADDED, ConsentStep.IMPORTED)
_LEFT = (ConsentStep.LEFT, ConsentStep.DENIED)


def counts(session: Session, newsletter_id: int, *, since: int) -> list[Count]:
    """Returns what is written down of the months since this one: six numbers a month and source. One query."""
    rows = session.execute(
        select(CohortCount.joined_on, CohortCount.source, CohortCount.mark, CohortCount.count)
        .where(CohortCount.newsletter_id == newsletter_id, CohortCount.joined_on >= months.first_day(since))
        .order_by(CohortCount.joined_on, CohortCount.source, CohortCount.mark)
    )
    return [Count(months.of(on), source, mark, number) for on, source, mark, number in rows]


def add(session: Session, newsletter_id: int, rows: Iterable[Count]) -> None:
    """Writes down what is not written down yet."""
    values = [
        {
            "newsletter_id": newsletter_id,
            "joined_on": months.first_day(row.joined),
            "source": row.source,
            "mark": row.mark,
            "count": row.number,
        }
        for row in rows
    ]
    if values:
        session.execute(insert(CohortCount), values)


def greatest_id(session: Session) -> int:
    """Returns the highest number of a subscriber, 0 without any."""
    return session.scalar(select(func.max(Subscriber.id))) or 0


def groups(session: Session, newsletter_id: int, *, after: int, up_to: int) -> list[Group]:
    """Returns the readers numbered `after` < id <= `up_to`, by the month in which they joined and left, and by source.

    They joined when they first came to get the newsletter; who never did is left out. Left is whoever gets none today,
    by themselves or because their address is never mailed.
    """
    readers = _readers(newsletter_id, after=after, up_to=up_to)
    query = (
        select(
            _month(session, readers.c.joined_at).label("joined"),
            readers.c.source,
            _month(session, readers.c.gone_at).label("gone"),
            func.count(),
        )
        .where(readers.c.joined_at.is_not(None))
        .group_by("joined", readers.c.source, "gone")
    )
    return [Group(*row) for row in session.execute(query)]


def _readers(newsletter_id: int, *, after: int, up_to: int) -> Any:
    """Returns each reader's source, and the moments when they joined and left, None where they did not."""
    steps = _steps(newsletter_id, after=after, up_to=up_to)
    is_active = Subscription.state == SubscriptionState.ACTIVE
    ended_at = case((~is_active, func.coalesce(steps.c.left_at, Subscription.changed_at)))
    # Whichever was first. An address that may be mailed again is in no row.
    gone_at = case((Suppression.at < ended_at, Suppression.at), else_=func.coalesce(ended_at, Suppression.at))
    return (
        select(
            Subscriber.source,
            func.coalesce(steps.c.came_at, case((is_active, Subscriber.created_at))).label("joined_at"),
            gone_at.label("gone_at"),
        )
        .select_from(Subscription)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(steps, steps.c.subscriber_id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(
            Subscription.newsletter_id == newsletter_id,
            Subscription.subscriber_id > after,
            Subscription.subscriber_id <= up_to,
        )
        .subquery()
    )


def _steps(newsletter_id: int, *, after: int, up_to: int) -> Any:
    return (
        select(
            Consent.subscriber_id,
            func.min(case((Consent.step.in_(_CAME), Consent.at))).label("came_at"),
            func.max(case((Consent.step.in_(_LEFT), Consent.at))).label("left_at"),
        )
        .where(
            and_(Consent.subscriber_id > after, Consent.subscriber_id <= up_to),
            Consent.newsletter_id == newsletter_id,
        )
        .group_by(Consent.subscriber_id)
        .subquery()
    )


def _month(session: Session, moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Returns the number of a moment's month in UTC; PostgreSQL would take the connection's zone."""
    at = moment if session.get_bind().dialect.name == "sqlite" else func.timezone("UTC", moment)
    return cast(extract("year", at) * 12 + extract("month", at) - 1, Integer)
