"""Changes what people are and may: roles at the desk and by newsletter, names, absences, stand-ins."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from curator.accounts import store
from curator.accounts.answers import store as answers
from curator.accounts.places import store as places
from curator.accounts.tables import User
from curator.accounts.values import Editor, Right, Role, StandIn
from curator.activity.store import record
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.names import cleaned_name

LONGEST_STAND_IN = timedelta(days=366)
"""Longer than a year is a role, and no stead."""


def change_role(
    db: Database, user_id: int, role: Role, *, differing: Mapping[int, Role | None], now: datetime, by: int | None
) -> None:
    """Gives a person a role at the desk, and other ones (None: no place) in some newsletters.

    It counts from their next click. The last active owner stays one: StateError. An owner in one newsletter alone
    cannot be: InvalidError.
    """
    if Role.OWNER in differing.values():
        raise InvalidError("role", "An owner is one of the whole desk.")
    wanted = {key: each for key, each in differing.items() if each is not role and role is not Role.OWNER}
    with db.write() as session:
        owners = store.active_owner_ids(session)
        user = _held(session, user_id)
        if owners == {user_id} and role is not Role.OWNER:
            raise StateError("This is the last active owner. Make somebody else an owner first.")
        before = _standing(user.role, places.places(session, [user_id]).get(user_id, {}))
        after = _standing(role, wanted)
        if before == after:
            return
        user.role = role
        places.put_places(session, user_id, wanted)
        answers.forget_of(session, user_id)
        record(
            session,
            at=now,
            actor=by,
            verb="changed the role of",
            subject="user",
            subject_id=user_id,
            before=before,
            after=after,
        )


def rename(db: Database, user_id: int, name: str, *, now: datetime, by: int | None) -> None:
    """Calls a person something else. Raises InvalidError (field "name") for an empty name."""
    called = cleaned_name(name)
    if not called:
        raise InvalidError("name", "Say how the desk shall call you.")
    with db.write() as session:
        user = _held(session, user_id)
        before, user.name = user.name, called
        if before != called:
            _record_user(session, "renamed", user_id, now=now, by=by, before={"name": before}, after={"name": called})


def switch_shortcuts(db: Database, user_id: int, *, is_on: bool, now: datetime, by: int | None) -> None:
    """Lets keys without a modifier do something on this person's pages, or not."""
    with db.write() as session:
        user = _held(session, user_id)
        before, user.has_shortcuts = user.has_shortcuts, is_on
        if before is not is_on:
            verb = "switched the shortcuts of"
            _record_user(session, verb, user_id, now=now, by=by, before={"is_on": before}, after={"is_on": is_on})


def set_away(db: Database, user_id: int, until: datetime | None, *, now: datetime, by: int | None) -> None:
    """Notes that a person is away until a moment, or (None) that they are here."""
    with db.write() as session:
        user = _held(session, user_id)
        before, user.away_until = user.away_until, until
        if before != until:
            verb = "noted the absence of"
            told = {"until": _text(before)}, {"until": _text(until)}
            _record_user(session, verb, user_id, now=now, by=by, before=told[0], after=told[1])


def add_stand_in(db: Database, dates: StandIn, *, now: datetime, by: int | None) -> int:
    """Lets somebody approve and send in somebody else's stead for a time, and returns its id.

    Raises InvalidError: "user" for somebody without a place there, "for_user" for somebody who may not publish there
    themselves, "ends" for dates that do not fit together.
    """
    _check_dates(dates, now=now)
    with db.write() as session:
        standing, absent = (_editor(session, each) for each in (dates.user_id, dates.for_user_id))
        if standing.id == absent.id:
            raise InvalidError("user", "Nobody stands in for themselves.")
        if not standing.may(Right.LOOK, dates.newsletter_id):
            raise InvalidError("user", f"{standing.name} has no place in this newsletter.")
        if not absent.may(Right.PUBLISH, dates.newsletter_id):
            raise InvalidError("for_user", f"{absent.name} may not approve there, so nobody can in their stead.")
        kept = replace(dates, id=places.add_stand_in(session, dates))
        _record_user(session, "gave a stead to", kept.user_id, now=now, by=by, after=as_json(kept))
    return kept.id


def end_stand_in(db: Database, stand_in_id: int, *, now: datetime, by: int | None) -> None:
    """Ends a stand-in at once; one that is over or gone already is fine."""
    with db.write() as session:
        dates = places.stand_in(session, stand_in_id)
        if dates is None:
            return
        places.remove_stand_in(session, stand_in_id)
        _record_user(session, "ended the stead of", dates.user_id, now=now, by=by, before=as_json(dates))


def as_json(dates: StandIn) -> dict[str, object]:
    """Returns a stand-in as the activity log keeps it."""
    return {
        "id": dates.id,
        "user": dates.user_id,
        "for": dates.for_user_id,
        "newsletter": dates.newsletter_id,
        "begins_at": dates.begins_at.isoformat(),
        "ends_at": dates.ends_at.isoformat(),
    }


def _check_dates(dates: StandIn, *, now: datetime) -> None:
    if dates.ends_at <= dates.begins_at:
        raise InvalidError("ends", "It ends before it begins.")
    if dates.ends_at <= now:
        raise InvalidError("ends", "It would be over already.")
    if dates.ends_at - dates.begins_at > LONGEST_STAND_IN:
        raise InvalidError("ends", "That is longer than a year. Give them another role instead.")


def _held(session: Session, user_id: int) -> User:
    user = store.user(session, user_id, for_change=True)
    if user is None:
        raise NotFoundError("person", user_id)
    return user


def _editor(session: Session, user_id: int) -> Editor:
    editor = store.editor(session, user_id)
    if editor is None:
        raise NotFoundError("person", user_id)
    return places.with_places(session, editor, at=None)


def _standing(role: Role, differing: Mapping[int, Role | None]) -> dict[str, object]:
    return {
        "role": str(role),
        "places": {str(key): each.value if each else None for key, each in sorted(differing.items())},
    }


def _record_user(
    session: Session,
    verb: str,
    user_id: int,
    *,
    now: datetime,
    by: int | None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    record(session, at=now, actor=by, verb=verb, subject="user", subject_id=user_id, before=before, after=after)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
