"""Queries over roles by newsletter, people who are away, and who approves in whose stead."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from curator.accounts.tables import Membership, StandInDates, User
from curator.accounts.values import Editor, Right, Role, StandIn, Stead
from curator.db import upsert
from curator.newsletters.tables import Newsletter

NO_PLACE = "none"


def places(session: Session, user_ids: Iterable[int] | None = None) -> dict[int, dict[int, Role | None]]:
    """Returns the roles that differ from those at the desk, by person and newsletter; None: of everybody."""
    query = select(Membership)
    if user_ids is not None:
        query = query.where(Membership.user_id.in_(list(user_ids)))
    found: dict[int, dict[int, Role | None]] = {}
    for row in session.scalars(query):
        role = None if row.role == NO_PLACE else Role(row.role)
        found.setdefault(row.user_id, {})[row.newsletter_id] = role
    return found


def has_place() -> ColumnElement[bool]:
    """Returns a condition on a person: nobody kept them out of every newsletter that there is."""
    newsletters = select(func.count()).select_from(Newsletter).scalar_subquery()
    kept_out = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.user_id == User.id, Membership.role == NO_PLACE)
        .scalar_subquery()
    )
    return or_(User.role == Role.OWNER, newsletters == 0, kept_out < newsletters)


def put_places(session: Session, user_id: int, wanted: Mapping[int, Role | None]) -> None:
    """Writes a person's roles by newsletter, in the place of those they had."""
    session.execute(delete(Membership).where(Membership.user_id == user_id))
    rows = [
        {"user_id": user_id, "newsletter_id": newsletter_id, "role": role.value if role else NO_PLACE}
        for newsletter_id, role in wanted.items()
    ]
    upsert(session, Membership, rows, keys=["user_id", "newsletter_id"])


def with_places(session: Session, editor: Editor, *, at: datetime | None) -> Editor:
    """Returns an editor with their roles by newsletter and those in whose stead they approve at this moment.

    Two queries, and a third for whoever has no place somewhere. Without a moment nobody's stead counts.
    """
    steads = [] if at is None else _running(session, at, user_id=editor.id)
    known = places(session, {editor.id, *(dates.for_user_id for dates, _ in steads)})
    mine = known.get(editor.id, {})
    return replace(
        editor,
        places=mine,
        has_place=None not in mine.values() or _has_place(session, editor.id),
        steads=tuple(
            Stead(dates.newsletter_id, Role(role), known.get(dates.for_user_id, {})) for dates, role in steads
        ),
    )


def stand_ins(session: Session, newsletter_id: int, at: datetime) -> list[StandIn]:
    """Returns who approves in whose stead in a newsletter at a moment; only where the absent one may publish."""
    known = places(session)
    return [
        _stand_in(dates)
        for dates, role in _running(session, at)
        if Stead(dates.newsletter_id, Role(role), known.get(dates.for_user_id, {})).may_publish(newsletter_id)
    ]


def approvers(session: Session, newsletter_id: int, at: datetime) -> set[int]:
    """Returns who may publish a newsletter at a moment and is not away: by role, or in somebody's stead."""
    known, standing = places(session), {each.user_id for each in stand_ins(session, newsletter_id, at)}
    people = session.scalars(select(User).where(User.is_active))
    found = set()
    for user in people:
        is_here = user.away_until is None or user.away_until <= at
        editor = _bare(user, known.get(user.id, {}))
        may_publish = editor.may(Right.PUBLISH, newsletter_id)
        is_standing = user.id in standing and editor.may(Right.LOOK, newsletter_id)
        if is_here and (may_publish or is_standing):
            found.add(user.id)
    return found


def dates_from(session: Session, at: datetime, *, limit: int = 100) -> list[StandIn]:
    """Returns at most `limit` stand-ins that run at a moment or later, the first to begin first."""
    query = select(StandInDates).where(StandInDates.ends_at > at)
    rows = session.scalars(query.order_by(StandInDates.begins_at, StandInDates.id).limit(limit))
    return [_stand_in(row) for row in rows]


def add_stand_in(session: Session, dates: StandIn) -> int:
    """Writes a stand-in down and returns its id (the one that is given is not looked at)."""
    row = StandInDates(user_id=dates.user_id, for_user_id=dates.for_user_id, newsletter_id=dates.newsletter_id)
    row.begins_at, row.ends_at = dates.begins_at, dates.ends_at
    session.add(row)
    session.flush()
    return row.id


def stand_in(session: Session, stand_in_id: int) -> StandIn | None:
    """Returns one stand-in, None when it is not there (any more)."""
    row = session.get(StandInDates, stand_in_id)
    return None if row is None else _stand_in(row)


def remove_stand_in(session: Session, stand_in_id: int) -> None:
    """Ends a stand-in, or one that has not begun."""
    session.execute(delete(StandInDates).where(StandInDates.id == stand_in_id))


def _has_place(session: Session, user_id: int) -> bool:
    return session.scalar(select(User.id).where(User.id == user_id, has_place())) is not None


def _running(session: Session, at: datetime, *, user_id: int | None = None) -> list[tuple[StandInDates, str]]:
    """Returns what runs at a moment, each with the role of the one who is away; nobody stands in for who is out."""
    query = (
        select(StandInDates, User.role)
        .join(User, User.id == StandInDates.for_user_id)
        .where(StandInDates.begins_at <= at, StandInDates.ends_at > at, User.is_active)
        .order_by(StandInDates.begins_at, StandInDates.id)
    )
    if user_id is not None:
        query = query.where(StandInDates.user_id == user_id)
    return [(dates, role) for dates, role in session.execute(query)]


def _stand_in(row: StandInDates) -> StandIn:
    return StandIn(row.id, row.user_id, row.for_user_id, row.newsletter_id, row.begins_at, row.ends_at)


def _bare(user: User, known: Mapping[int, Role | None]) -> Editor:
    return Editor(user.id, user.address, user.name, Role(user.role), user.epoch, places=known)
