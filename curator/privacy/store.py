"""Queries on whatever the registry names: count a reader's rows, show them, let them go."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, false, func, or_, select, update
from sqlalchemy.orm import Session

from curator.accounts.tables import User
from curator.activity.tables import Activity
from curator.audience import store as audience
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Interest, Subscriber, Tag
from curator.db import Base, changed, upsert
from curator.events.tables import Event
from curator.events.values import EventKind
from curator.issues.tables import Issue
from curator.issues.tables import Link as LinkRow
from curator.mailings.tables import Delivery, Mailing
from curator.mailings.values import MailingState
from curator.newsletters.tables import Newsletter
from curator.privacy.registry import PERSONAL
from curator.privacy.tables import Erasure
from curator.privacy.values import Fate, Found, Part, Personal, Tie, Who

_OVER = tuple(state for state in MailingState if state.is_final)
# More than anybody's own; a copy that has more says so.
_MOST_ROWS = 10_000


# --- who


def hold(session: Session, subscriber_id: int) -> Who | None:
    """Returns a reader and lets nobody write anything down of them until the commit; None when they are gone."""
    key = select(Subscriber.address_key).where(Subscriber.id == subscriber_id).with_for_update()
    address_key = session.scalar(key)
    return None if address_key is None else Who(address_key, subscriber_id)


def who(session: Session, subscriber_id: int) -> Who | None:
    """Returns a reader to be looked at; None when they are gone."""
    address_key = session.scalar(select(Subscriber.address_key).where(Subscriber.id == subscriber_id))
    return None if address_key is None else Who(address_key, subscriber_id)


def address_of(session: Session, subscriber_id: int) -> str | None:
    """Returns a reader's address as they wrote it; None when they are gone."""
    return session.scalar(select(Subscriber.address).where(Subscriber.id == subscriber_id))


def who_has(session: Session, address_key: str) -> Who:
    """Returns whose an address is, be they a subscriber or not."""
    return Who(address_key, audience.subscriber_id(session, address_key))


def address_keys(session: Session) -> Iterator[str]:
    """Yields the address of everybody of whom anything is kept, reader or not; some come more than once."""
    tied = [table_of(entry).c[entry.column] for entry in PERSONAL if entry.tie is Tie.ADDRESS]
    for column in (Subscriber.__table__.c.address_key, *tied):
        for address in session.scalars(select(column).where(column != "").execution_options(yield_per=5_000)):
            yield str(address) if column.name == "address_key" else str(address).lower()


# --- what is kept of them


def found(session: Session, who: Who) -> list[Found]:
    """Returns how many rows of each table are a reader's, in the registry's order; one query a table."""
    rows = []
    for entry in PERSONAL:
        table = table_of(entry)
        number = session.scalar(select(func.count()).select_from(table).where(_is_theirs(entry, who))) or 0
        if number:
            rows.append(Found(entry.table, entry.what, number))
    return rows


def part(session: Session, entry: Personal, who: Who) -> Part:
    """Returns what a table says of a reader, at most 10,000 rows, numbers told as what they are the numbers of."""
    table = table_of(entry)
    columns = [table.c[name] for name in entry.shows]
    query = select(*columns, *_aside(table)).where(_is_theirs(entry, who))
    rows = session.execute(query.order_by(*table.primary_key.columns).limit(_MOST_ROWS + 1)).mappings().all()
    facts = [{str(name): value for name, value in row.items()} for row in rows[:_MOST_ROWS]]
    names = {name: _names(session, name, facts) for name in entry.shows}
    shown = [tuple(_told(name, names[name], row) for name in entry.shows) for row in facts]
    titles = tuple(name.removesuffix("_id") for name in entry.shows)
    return Part(entry.table, entry.what, entry.why, entry.kept, titles, tuple(shown), len(rows) > _MOST_ROWS)


def table_of(entry: Personal) -> Table:
    """Returns the table that an entry names; its room is loaded for that."""
    import_module(f"curator.{entry.room}.tables")
    return Base.metadata.tables[entry.table]


def _is_theirs(entry: Personal, who: Who) -> ColumnElement[bool]:
    column = table_of(entry).c[entry.column]
    if entry.through:
        parent = next(each for each in PERSONAL if each.table == entry.through)
        key = next(iter(table_of(parent).primary_key.columns))
        return column.in_(select(key).where(_is_theirs(parent, who)))
    if entry.tie is Tie.ADDRESS:
        return _has_address(entry, who)
    if who.subscriber_id is None:
        return false()
    is_theirs = column == who.subscriber_id
    if entry.tie is Tie.LOG:
        return and_(Activity.subject == "subscriber", is_theirs)
    if entry.is_of_mailing:
        # Their keys begin with the mailing: so each is looked up, and no ledger is read from end to end.
        return and_(table_of(entry).c.mailing_id.in_(select(Mailing.id)), is_theirs)
    return is_theirs


def _has_address(entry: Personal, who: Who) -> ColumnElement[bool]:
    table = table_of(entry)
    column = table.c[entry.column]
    has_it = column == who.address_key if entry.column == "address_key" else func.lower(column) == who.address_key
    if not entry.spares:
        return has_it
    at_desk = exists().where(User.address_key == who.address_key)
    return and_(has_it, or_(table.c.kind.not_in(entry.spares), ~at_desk))


def _aside(table: Table) -> list[Any]:
    """Returns what is needed to tell a link's number, where it is not shown anyway."""
    return [table.c.mailing_id.label("of_mailing")] if "link" in table.c and "mailing_id" in table.c else []


_NAMED: Mapping[str, Any] = {
    "newsletter_id": (Newsletter.id, Newsletter.name),
    "interest_id": (Interest.id, Interest.name),
    "tag_id": (Tag.id, Tag.name),
}


def _names(session: Session, column: str, rows: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
    """Returns what the numbers in a column stand for; nothing for a column that tells by itself."""
    values = {row[column] for row in rows} - {None}
    if not values:
        return {}
    if column in _NAMED:
        key, name = _NAMED[column]
        return {id_: told for id_, told in session.execute(select(key, name).where(key.in_(values)))}  # noqa: C416 - rows are no pairs to mypy
    if column == "mailing_id":
        named = (
            select(Mailing.id, Newsletter.name, Issue.number)
            .join(Issue, Issue.id == Mailing.issue_id)
            .join(Newsletter, Newsletter.id == Mailing.newsletter_id)
        )
        return {id_: f"{name}, issue {number}" for id_, name, number in session.execute(named)}
    return _links(session, rows) if column == "link" else {}


def _links(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
    mailings = {row["of_mailing"] for row in rows}
    query = select(Mailing.id, LinkRow.number, LinkRow.url).join(LinkRow, LinkRow.revision_id == Mailing.revision_id)
    return {(id_, number): url for id_, number, url in session.execute(query.where(Mailing.id.in_(mailings)))}


def _told(column: str, names: Mapping[Any, str], row: Mapping[str, Any]) -> str:
    value = row[column]
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column == "link":
        return names.get((row["of_mailing"], value), "")
    return names.get(value, str(value))


# --- letting go


def let_go(session: Session, entry: Personal, who: Who, *, at: datetime) -> int:
    """Lets a reader's rows of a table go as it says, and returns how many there were.

    What is in the ledger of a mailing under way stays until that is over: see `wait_for_end`.
    """
    table = table_of(entry)
    theirs = _is_theirs(entry, who)
    if entry.is_of_mailing:
        theirs = and_(theirs, _may_go(table))
    if entry.fate is Fate.EMPTIED:
        return changed(session, update(table).where(theirs).values({entry.column: ""}))
    if entry.fate is Fate.MARKED:
        before = session.scalar(select(func.count()).select_from(table).where(theirs)) or 0
        suppressed.erase(session, who.address_key, at=at)
        return before
    return changed(session, delete(table).where(theirs))


def _may_go(table: Table) -> ColumnElement[bool]:
    """What a mailing counts by stays while it is under way; who clicked in it is no such thing."""
    is_over = table.c.mailing_id.in_(select(Mailing.id).where(Mailing.state.in_(_OVER)))
    if table.name != Event.__tablename__:
        return is_over
    return or_(is_over, table.c.kind.in_((EventKind.CLICKED, EventKind.OPENED)))


def wait_for_end(session: Session, subscriber_id: int, *, at: datetime) -> bool:
    """Notes that a reader still stands in the ledger of a mailing under way; False where they do not."""
    under_way = select(Mailing.id).where(Mailing.state.not_in(_OVER))
    is_there = select(Delivery.mailing_id).where(
        Delivery.mailing_id.in_(under_way), Delivery.subscriber_id == subscriber_id
    )
    if session.scalar(is_there.limit(1)) is None:
        return False
    upsert(session, Erasure, [{"subscriber_id": subscriber_id, "at": at}], keys=["subscriber_id"])
    return True


def waiting(session: Session, *, after_id: int = 0, limit: int = 200) -> list[int]:
    """Returns readers who were erased and wait for a mailing's end, by number."""
    query = select(Erasure.subscriber_id).where(Erasure.subscriber_id > after_id)
    return list(session.scalars(query.order_by(Erasure.subscriber_id).limit(limit)))


def finish(session: Session, subscriber_id: int, *, at: datetime) -> bool:
    """Lets go what an erased reader left in mailings that are over by now; tells whether that was the last of it."""
    nobody = Who("", subscriber_id)
    for entry in PERSONAL:
        if entry.is_of_mailing:
            let_go(session, entry, nobody, at=at)
    if wait_for_end(session, subscriber_id, at=at):
        return False
    session.execute(delete(Erasure).where(Erasure.subscriber_id == subscriber_id))
    return True
