"""The sums of coming and leaving: added to in the transaction in which somebody comes or leaves, read by span.

Whoever adds does so last: all who come and leave on one day meet in a few rows.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from curator.audience.growth.values import Change
from curator.audience.tables import Growth, IssueSignUp, Subscriber, Subscription, Suppression
from curator.audience.values import SubscriptionState
from curator.clock import in_utc
from curator.db import changed, insertion


def add(session: Session, newsletter_id: int, changes: Mapping[Change, int], *, at: datetime) -> None:
    """Adds to what happened to a newsletter on the day of this moment (UTC)."""
    on = in_utc(at).date()
    rows = [
        {"newsletter_id": newsletter_id, "on": on, "what": what, "count": number}
        for what, number in sorted(changes.items())
        if number
    ]
    if rows:
        insert = insertion(session, Growth)
        more = {"count": Growth.count + insert.excluded.count}
        added = insert.on_conflict_do_update(index_elements=["newsletter_id", "on", "what"], set_=more)
        session.connection().execute(added, rows)


def days(session: Session, newsletter_id: int, *, first: date, last: date) -> dict[date, dict[Change, int]]:
    """Returns the sums of the days from one to another, both included; a day without any is left out. One query."""
    rows = session.execute(
        select(Growth.on, Growth.what, Growth.count)
        .where(Growth.newsletter_id == newsletter_id, Growth.on >= first, Growth.on <= last, Growth.count != 0)
        .order_by(Growth.on)
    )
    found: dict[date, dict[Change, int]] = {}
    for on, what, number in rows:
        found.setdefault(on, {})[Change(what)] = number
    return found


def first_day(session: Session, newsletter_id: int) -> date | None:
    """Returns the first day on which anything is counted, None before."""
    return session.scalar(select(func.min(Growth.on)).where(Growth.newsletter_id == newsletter_id))


def add_from_issue(session: Session, newsletter_id: int, number: int) -> None:
    """Counts one who signed up on an issue's page and confirmed it."""
    insert = insertion(session, IssueSignUp)
    more = {"count": IssueSignUp.count + insert.excluded.count}
    added = insert.on_conflict_do_update(index_elements=["newsletter_id", "number"], set_=more)
    session.execute(added, [{"newsletter_id": newsletter_id, "number": number, "count": 1}])


def from_issues(session: Session, newsletter_id: int, numbers: Collection[int]) -> dict[int, int]:
    """Returns how many signed up on the pages of these issues of a newsletter, by number; none is left out."""
    mine = IssueSignUp.newsletter_id == newsletter_id, IssueSignUp.number.in_(numbers)
    rows = session.execute(select(IssueSignUp.number, IssueSignUp.count).where(*mine)).all()
    found = {number: count for number, count in rows}  # noqa: C416 - rows are no pairs to mypy
    return {number: found.get(number, 0) for number in numbers}


# --- what has to be known to count


def active_in(session: Session, address_key: str) -> list[int]:
    """Returns the newsletters that an address actively subscribes to, whether or not it is suppressed."""
    query = (
        select(Subscription.newsletter_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.address_key == address_key, Subscription.state == SubscriptionState.ACTIVE)
        .order_by(Subscription.newsletter_id)
    )
    return list(session.scalars(query))


def is_kept_out(session: Session, subscriber_id: int) -> bool:
    """Tells whether a subscriber is suppressed: they have left already as far as mail goes."""
    query = (
        select(Suppression.address_key)
        .join(Subscriber, Subscriber.address_key == Suppression.address_key)
        .where(Subscriber.id == subscriber_id)
    )
    return session.scalar(query) is not None


def say_why(session: Session, newsletter_id: int, subscriber_id: int, *, at: datetime, within: timedelta) -> bool:
    """Notes that whoever left of late has said why; False for one who said it already, or left long ago."""
    said = update(Subscription).where(*_may_say(newsletter_id, subscriber_id, since=at - within))
    return changed(session, said.values(said_why_at=at).execution_options(synchronize_session=False)) == 1


def may_say_why(session: Session, newsletter_id: int, subscriber_id: int, *, at: datetime, within: timedelta) -> bool:
    """Tells whether `say_why` would take a reason."""
    query = select(Subscription.subscriber_id).where(*_may_say(newsletter_id, subscriber_id, since=at - within))
    return session.scalar(query) is not None


def _may_say(newsletter_id: int, subscriber_id: int, *, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Subscription.subscriber_id == subscriber_id,
        Subscription.newsletter_id == newsletter_id,
        Subscription.state == SubscriptionState.ENDED,
        Subscription.changed_at >= since,
        or_(Subscription.said_why_at.is_(None), Subscription.said_why_at < Subscription.changed_at),
    )
