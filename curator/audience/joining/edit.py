"""What the desk says of a newsletter's sign-up: the interests that it offers, and its rules; all of it with an undo."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.audience.joining import store
from curator.audience.values import InterestForm, InterestRow, SignUpRules, Welcome
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.names import one_line

MOST_INTERESTS = 30
_LONGEST_NAME = 80
# Whose an interest was is kept for the undo, as ids; beyond so many the log would be heavier than the loss.
_MOST_KEPT = 50_000


def change_interests(
    db: Database, newsletter_id: int, wanted: Sequence[InterestForm], *, by: int | None, now: datetime
) -> bool:
    """Makes a newsletter's interests these, in their order; returns whether anything changed.

    One with an id keeps whoever chose it, under another name too; one that is missing is removed. Raises
    InvalidError("interests").
    """
    named = _checked(wanted)
    with db.write() as session:
        before = store.interests(session, [newsletter_id])[newsletter_id]
        gone = _written(session, newsletter_id, before, named)
        after = store.interests(session, [newsletter_id])[newsletter_id]
        if before == after:
            return False
        activity.record(
            session,
            at=now,
            actor=by,
            verb="changed the interests of",
            subject="newsletter",
            subject_id=newsletter_id,
            before={"interests": _facts(before), "gone": gone, "named": ", ".join(each.name for each in before)},
            after={"interests": _facts(after), "named": ", ".join(each.name for each in after)},
        )
        return True


def interests_as(
    db: Database,
    newsletter_id: int,
    wanted: Sequence[Sequence[Any]],
    readers: dict[str, list[int] | None],
    *,
    by: int | None,
    now: datetime,
) -> bool:
    """Puts interests back as `change_interests` noted them, with whoever had chosen those that were removed."""
    with db.read() as session:
        known = {each.id for each in store.interests(session, [newsletter_id])[newsletter_id]}
    forms = [InterestForm(name, id_ if id_ in known else None) for id_, name in wanted]
    is_changed = change_interests(db, newsletter_id, forms, by=by, now=now)
    with db.write() as session:
        by_name = {each.name: each.id for each in store.interests(session, [newsletter_id])[newsletter_id]}
        for id_, name in wanted:
            store.give(session, by_name[name], readers.get(str(id_)) or [])
    return is_changed


def change_rules(db: Database, newsletter_id: int, wanted: SignUpRules, *, by: int | None, now: datetime) -> bool:
    """Writes a newsletter's rules, and returns whether they changed. Whoever calls has checked addresses."""
    with db.write() as session:
        before = store.rules(session, newsletter_id)
        if before == wanted:
            return False
        store.set_rules(session, newsletter_id, wanted)
        activity.record(
            session,
            at=now,
            actor=by,
            verb="changed the sign-up of",
            subject="newsletter",
            subject_id=newsletter_id,
            before=facts_of(before),
            after=facts_of(wanted),
        )
        return True


def facts_of(rules: SignUpRules) -> dict[str, Any]:
    """Returns rules fit for JSON."""
    return {
        "role_addresses": rules.role_addresses.value,
        "disposable_addresses": rules.disposable_addresses.value,
        "frame_origins": " ".join(rules.frame_origins),
        "own_page": rules.own_page,
    }


def rules_from(facts: dict[str, Any]) -> SignUpRules:
    """Returns the rules that `facts_of` was given."""
    return SignUpRules(
        Welcome(facts["role_addresses"]),
        Welcome(facts["disposable_addresses"]),
        tuple(facts["frame_origins"].split()),
        facts["own_page"],
    )


def _checked(wanted: Sequence[InterestForm]) -> list[InterestForm]:
    named = [InterestForm(one_line(each.name, max_characters=1000), each.id) for each in wanted]
    named = [each for each in named if each.name]
    if len(named) > MOST_INTERESTS:
        raise InvalidError("interests", f"These are {len(named)} interests; at most {MOST_INTERESTS} fit.")
    if any(len(each.name) > _LONGEST_NAME for each in named):
        raise InvalidError("interests", f"An interest's name has at most {_LONGEST_NAME} characters.")
    keys = [each.name.casefold() for each in named]
    if len(keys) != len(set(keys)):
        raise InvalidError("interests", "The same interest stands there twice.")
    return named


def _written(
    session: Session, newsletter_id: int, before: Sequence[InterestRow], wanted: Sequence[InterestForm]
) -> dict[str, list[int] | None]:
    """Writes interests and returns whose those were that are gone, by id."""
    known, kept = {each.id for each in before}, {each.id for each in wanted}
    gone = {}
    for row in before:
        if row.id not in kept:
            readers = store.drop_interest(session, row.id)
            gone[str(row.id)] = readers if len(readers) <= _MOST_KEPT else None
        else:
            # Two that change their names would else be called alike for a moment.
            store.set_interest(session, row.id, name=f"{row.id}\t{row.name}"[:_LONGEST_NAME], position=row.position)
    for place, each in enumerate(wanted):
        if each.id in known and each.id is not None:
            store.set_interest(session, each.id, name=each.name, position=place)
        else:
            store.add_interest(session, newsletter_id, each.name, position=place)
    return gone


def _facts(rows: Sequence[InterestRow]) -> list[list[Any]]:
    return [[each.id, each.name] for each in rows]
