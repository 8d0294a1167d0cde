"""The audit log's rows: write one down, read the newest, note what was taken back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, not_, or_, select, update
from sqlalchemy.orm import Session

from curator.activity.tables import Activity
from curator.activity.values import EVERYTHING, ActivityRow, Belongings, LogFilter
from curator.db import is_by_command
from curator.errors import NotFoundError

_BY_COMMAND = "by command"


def record(
    session: Session,
    *,
    at: datetime,
    actor: int | None,
    verb: str,
    subject: str,
    subject_id: int,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Writes one change down, in the transaction that makes it. `before` and `after` must be fit for JSON.

    Done by a command of the command line, it says so.
    """
    if is_by_command(session):
        after = {**(after or {}), _BY_COMMAND: True}
    session.add(
        Activity(
            at=at,
            actor=actor,
            verb=verb,
            subject=subject,
            subject_id=subject_id,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            via=_via.get(),
        )
    )


_via: ContextVar[str | None] = ContextVar("via", default=None)


@contextmanager
def by_token(name: str) -> Iterator[None]:
    """Notes of every change that is written down within that a program made it, by the API token of this name.

    It is about a whole request, which no arrow has to know: they are told in whose name they act.
    """
    before = _via.set(name)
    try:
        yield
    finally:
        _via.reset(before)


def recent(
    session: Session, *, limit: int = 50, subject: str | None = None, subject_id: int | None = None
) -> list[ActivityRow]:
    """Returns at most `limit` changes, newest first; `subject` and `subject_id` narrow them to a kind or a thing."""
    query = select(Activity).order_by(Activity.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(Activity.subject == subject)
    if subject_id is not None:
        query = query.where(Activity.subject_id == subject_id)
    return [_row(activity) for activity in session.scalars(query)]


def page(
    session: Session, *, only: LogFilter = EVERYTHING, before: int | None = None, limit: int = 50
) -> list[ActivityRow]:
    """Returns at most `limit` changes, newest first; `before` is the id of the last one seen. One query."""
    query = _narrowed(select(Activity), only).order_by(Activity.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Activity.id < before)
    return [_row(activity) for activity in session.scalars(query)]


def change(session: Session, change_id: int) -> ActivityRow:
    """Returns one change as it stands now. Raises NotFoundError."""
    query = select(Activity).where(Activity.id == change_id).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("change", change_id)
    return _row(found)


def deeds(session: Session, actor: int, *, at: datetime, limit: int = 20) -> list[ActivityRow]:
    """Returns at most `limit` changes that a person made at a moment, newest first: what one form did."""
    query = select(Activity).where(Activity.actor == actor).order_by(Activity.id.desc()).limit(limit)
    return [_row(activity) for activity in session.scalars(query) if activity.at == at]


def made(
    session: Session, actor: int, subject: str, subject_id: int, *, after_id: int, limit: int = 200
) -> list[ActivityRow]:
    """Returns at most `limit` changes that a person made to a thing behind this one, newest first."""
    query = select(Activity).where(Activity.subject == subject, Activity.subject_id == subject_id)
    mine = query.where(Activity.actor == actor, Activity.id > after_id).order_by(Activity.id.desc()).limit(limit)
    return [_row(activity) for activity in session.scalars(mine)]


def takes_back(session: Session, change: ActivityRow) -> bool:
    """Tells whether a change took something back; one that took a taking back back did it again."""
    is_taking_back, undoes = False, change.undoes
    while undoes is not None:
        is_taking_back = not is_taking_back
        undoes = session.scalar(select(Activity.undoes).where(Activity.id == undoes))
    return is_taking_back


def later(session: Session, than: ActivityRow) -> list[ActivityRow]:
    """Returns what was changed of a change's thing since, oldest first, at most 200."""
    same = Activity.subject == than.subject, Activity.subject_id == than.subject_id, Activity.id > than.id
    return [
        _row(activity) for activity in session.scalars(select(Activity).where(*same).order_by(Activity.id).limit(200))
    ]


def last_id(session: Session) -> int:
    """Returns the highest id of a change, 0 before the first."""
    return session.scalar(select(func.max(Activity.id))) or 0


def mark_undone(session: Session, change_id: int, *, by: int | None, now: datetime, since: int) -> None:
    """Notes that a change was taken back, by the changes that `by` made at this moment after the id `since`."""
    gone = update(Activity).where(Activity.id == change_id, Activity.undone_at.is_(None))
    session.execute(gone.values(undone_at=now, undone_by=by))
    doer = Activity.actor.is_(None) if by is None else Activity.actor == by
    undoing = update(Activity).where(Activity.id > since, doer, Activity.at == now, Activity.undoes.is_(None))
    session.execute(undoing.values(undoes=change_id))


def first_at(session: Session, verbs: Sequence[str]) -> datetime | None:
    """Returns the moment of the first deed of a person with one of these verbs, None before it."""
    return session.scalar(select(func.min(Activity.at)).where(Activity.verb.in_(verbs), Activity.actor.is_not(None)))


def newest_at(session: Session, subject: str, subject_id: int) -> datetime | None:
    """Returns the moment of the newest change of a thing, None when nobody changed it."""
    query = select(func.max(Activity.at)).where(Activity.subject == subject, Activity.subject_id == subject_id)
    return session.scalar(query)


def since(session: Session, at: datetime, *, limit: int) -> list[ActivityRow]:
    """Returns at most `limit` changes by people from this moment on, oldest first."""
    query = select(Activity).where(Activity.at >= at, Activity.actor.is_not(None))
    return [_row(activity) for activity in session.scalars(query.order_by(Activity.at, Activity.id).limit(limit))]


def take_begun(
    session: Session,
    *,
    actor: int | None,
    verb: str,
    subject: str,
    subject_id: int,
    part: tuple[str, Any],
    since: datetime,
) -> Mapping[str, Any] | None:
    """Takes the newest change of a thing out of the log and returns what it found, where a new one continues it.

    It does when it is this person's, of this kind and since then, stands, and its `before` names the same part of the
    thing.
    """
    of_thing = Activity.subject == subject, Activity.subject_id == subject_id
    newest = session.scalars(select(Activity).where(*of_thing).order_by(Activity.id.desc()).limit(1)).one_or_none()
    if newest is None or (newest.actor, newest.verb) != (actor, verb) or newest.at < since:
        return None
    if newest.undone_at is not None or newest.undoes is not None:
        return None
    name, value = part
    before = newest.before or {}
    if before.get(name) != value:
        return None
    session.delete(newest)
    session.flush()
    return before


def of_thing(
    session: Session, subject: str, subject_id: int, *, but: Sequence[str], before: datetime | None, limit: int
) -> list[ActivityRow]:
    """Returns at most `limit` changes of a thing before a moment, newest first, without these verbs."""
    query = select(Activity).where(
        Activity.subject == subject, Activity.subject_id == subject_id, Activity.verb.not_in(but)
    )
    query = query if before is None else query.where(Activity.at < before)
    return [_row(activity) for activity in session.scalars(query.order_by(Activity.id.desc()).limit(limit))]


def newest_id(session: Session, subject: str, subject_id: int) -> int:
    """Returns the id of the newest change of a thing, 0 when nobody changed it."""
    query = select(func.max(Activity.id)).where(Activity.subject == subject, Activity.subject_id == subject_id)
    return session.scalar(query) or 0


def newest_of(session: Session, subject: str, subject_id: int, *, verb: str) -> ActivityRow | None:
    """Returns the newest change of one kind to a thing, None when there was none."""
    mine = Activity.subject == subject, Activity.subject_id == subject_id, Activity.verb == verb
    found = session.scalars(select(Activity).where(*mine).order_by(Activity.id.desc()).limit(1)).one_or_none()
    return None if found is None else _row(found)


def newest_by_others(session: Session, subject: str, subject_id: int, *, after_id: int, but: int) -> ActivityRow | None:
    """Returns the newest change of a thing behind this one that somebody else made, the machine included."""
    of_thing = Activity.subject == subject, Activity.subject_id == subject_id, Activity.id > after_id
    query = select(Activity).where(*of_thing, Activity.actor.is_distinct_from(but))
    found = session.scalars(query.order_by(Activity.id.desc()).limit(1)).one_or_none()
    return None if found is None else _row(found)


def _narrowed(query: Select[Activity], only: LogFilter) -> Select[Activity]:
    if only.actor is not None:
        query = query.where(Activity.actor == only.actor)
    if only.subject is not None:
        query = query.where(Activity.subject == only.subject)
    if only.verb is not None:
        query = query.where(Activity.verb == only.verb)
    if only.things is not None:
        query = query.where(_is_made_to(Belongings(only.things, {})))
    if only.within is not None:
        query = query.where(_is_made_to(only.within))
    query = query.where(*(not_(_is_made_to(each)) for each in only.outside))
    return query.where(Activity.subject.not_in(only.hides)) if only.hides else query


def _is_made_to(owned: Belongings) -> ColumnElement[bool]:
    """Returns a condition that is never unknown, so that its opposite is none either."""
    things = [and_(Activity.subject == kind, Activity.subject_id.in_(ids)) for kind, ids in owned.things.items()]
    # As text: some facts of these names are dates, which no database makes a number of.
    facts = [
        func.coalesce(cast(noted[name].as_string(), String), "").in_([str(value) for value in values])
        for name, values in owned.facts.items()
        for noted in (Activity.before, Activity.after)
    ]
    return or_(*things, *facts)


def _row(activity: Activity) -> ActivityRow:
    # How it was done is no fact of the thing: an opposite compares these with what stands there.
    after = {name: value for name, value in (activity.after or {}).items() if name != _BY_COMMAND}
    return ActivityRow(
        id=activity.id,
        at=activity.at,
        actor=activity.actor,
        verb=activity.verb,
        subject=activity.subject,
        subject_id=activity.subject_id,
        before=activity.before,
        after=after or (None if activity.after is None or _BY_COMMAND in activity.after else {}),
        undone_at=activity.undone_at,
        undone_by=activity.undone_by,
        undoes=activity.undoes,
        via=activity.via or "",
        is_by_command=_BY_COMMAND in (activity.after or {}),
    )
