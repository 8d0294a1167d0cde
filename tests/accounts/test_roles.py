"""Roles at the desk and by newsletter, absences and stand-ins, and the opposites of all of these."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from curator.accounts import admit, roles, store
from curator.accounts.places.store import with_places
from curator.accounts.reverts import REVERTS
from curator.accounts.values import Editor, Right, Role, StandIn
from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.tokens import Keys
from tests.builders import newsletter_row

DAY = timedelta(days=1)


def _person(database: Database, now: datetime, name: str, role: Role) -> int:
    return admit.create_user(database, f"{name}@example.test", name=name, role=role, now=now)


def _editor(database: Database, user_id: int, at: datetime) -> Editor:
    with database.read() as session:
        found = store.editor(session, user_id)
        assert found is not None
        return with_places(session, found, at=at)


def _change(
    database: Database, user_id: int, role: Role, now: datetime, differing: Mapping[int, Role | None] | None = None
) -> None:
    roles.change_role(database, user_id, role, differing=differing or {}, now=now, by=None)


def _approvers(database: Database, newsletter_id: int, at: datetime) -> set[int]:
    with database.read() as session:
        return store.approvers(session, newsletter_id, at)


def _revert_newest(database: Database, user_id: int, now: datetime) -> str:
    with database.read() as session:
        (change,) = activity.recent(session, limit=1, subject="user", subject_id=user_id)
    return REVERTS[f"user.{change.verb}"](database, change, by=None, now=now)


def test_a_role_in_one_newsletter_counts_there_and_the_other_one_elsewhere(database: Database, now: datetime) -> None:
    one, two = newsletter_row(database, slug="one"), newsletter_row(database, slug="two")
    ada = _person(database, now, "ada", Role.VIEWER)
    _change(database, ada, Role.VIEWER, now, {one: Role.EDITOR, two: None})
    editor = _editor(database, ada, now)
    assert editor.may(Right.PUBLISH, one)
    assert not editor.may(Right.LOOK, two)
    three = newsletter_row(database, slug="three")
    assert editor.may(Right.LOOK, three)
    assert not editor.may(Right.WRITE, three)
    assert editor.may(Right.WRITE), "feeds and items are everybody's who writes anywhere"
    assert not editor.may(Right.MANAGE)


def test_an_owner_is_one_in_every_newsletter(database: Database, now: datetime) -> None:
    one = newsletter_row(database)
    ada = _person(database, now, "ada", Role.OWNER)
    _change(database, ada, Role.OWNER, now, {one: None})
    assert _editor(database, ada, now).may(Right.MANAGE, one)
    with pytest.raises(InvalidError, match="whole desk"):
        _change(database, ada, Role.EDITOR, now, {one: Role.OWNER})


def test_the_last_owner_stays_one(database: Database, now: datetime) -> None:
    ada, ben = (_person(database, now, name, Role.OWNER) for name in ("ada", "ben"))
    _change(database, ada, Role.WRITER, now)
    with pytest.raises(StateError, match="last active owner"):
        _change(database, ben, Role.EDITOR, now)
    assert _editor(database, ben, now).role is Role.OWNER


def test_a_change_of_roles_is_written_down_and_taken_back(database: Database, now: datetime) -> None:
    one = newsletter_row(database)
    _person(database, now, "mina", Role.OWNER)
    ada = _person(database, now, "ada", Role.EDITOR)
    _change(database, ada, Role.EDITOR, now, {one: Role.VIEWER})
    _change(database, ada, Role.WRITER, now)
    with database.read() as session:
        newest, *others = activity.recent(session, subject="user", subject_id=ada)
    assert newest.before == {"role": "editor", "places": {str(one): "viewer"}}
    assert newest.after == {"role": "writer", "places": {}}
    assert len([row for row in others if row.verb == newest.verb]) == 1
    assert _revert_newest(database, ada, now) == "The role is editor again."
    editor = _editor(database, ada, now)
    assert (editor.role, editor.places) == (Role.EDITOR, {one: Role.VIEWER})
    _change(database, ada, Role.EDITOR, now, {one: Role.VIEWER})
    with database.read() as session:
        assert len(activity.recent(session, subject="user", subject_id=ada)) == len(others) + 2, "no change, no row"


def test_a_stand_in_may_publish_from_the_first_day_to_the_last(database: Database, now: datetime) -> None:
    one, two = newsletter_row(database, slug="one"), newsletter_row(database, slug="two")
    mina, theo = _person(database, now, "mina", Role.EDITOR), _person(database, now, "theo", Role.WRITER)
    dates = StandIn(0, theo, mina, one, now + DAY, now + 3 * DAY)
    stand_in_id = roles.add_stand_in(database, dates, now=now, by=mina)
    may = [_editor(database, theo, now + days * DAY).may(Right.PUBLISH, one) for days in range(4)]
    assert may == [False, True, True, False]
    assert not _editor(database, theo, now + DAY).may(Right.PUBLISH, two)
    assert not _editor(database, theo, now + DAY).may(Right.READERS, one)
    with database.read() as session:
        assert store.stand_ins(session, one, now + DAY) == [replace(dates, id=stand_in_id)]
        assert store.stand_ins(session, two, now + DAY) == []
    assert _approvers(database, one, now + DAY) == {mina, theo}
    roles.end_stand_in(database, stand_in_id, now=now, by=mina)
    roles.end_stand_in(database, stand_in_id, now=now, by=mina)
    assert _approvers(database, one, now + DAY) == {mina}


def test_nobody_gives_more_than_they_have(database: Database, now: datetime) -> None:
    one, two = newsletter_row(database, slug="one"), newsletter_row(database, slug="two")
    mina, theo = _person(database, now, "mina", Role.EDITOR), _person(database, now, "theo", Role.WRITER)
    _change(database, mina, Role.EDITOR, now, {two: Role.WRITER})
    roles.add_stand_in(database, StandIn(0, theo, mina, None, now, now + DAY), now=now, by=mina)
    editor = _editor(database, theo, now)
    assert [editor.may(Right.PUBLISH, each) for each in (one, two)] == [True, False]
    with pytest.raises(InvalidError, match="may not approve there"):
        roles.add_stand_in(database, StandIn(0, theo, mina, two, now, now + DAY), now=now, by=mina)
    # Whoever loses the right, or the place, has nobody in their stead any more.
    _change(database, mina, Role.VIEWER, now)
    assert not _editor(database, theo, now).may(Right.PUBLISH, one)
    assert _approvers(database, one, now) == set()


@pytest.mark.parametrize(
    ("begins", "ends", "field"), [(2, 1, "ends"), (-3, -1, "ends"), (0, 400, "ends"), (0, 0, "ends")]
)
def test_dates_that_do_not_fit_together_are_refused(
    sqlite_database: Database, now: datetime, begins: int, ends: int, field: str
) -> None:
    mina, theo = (_person(sqlite_database, now, name, Role.EDITOR) for name in ("mina", "theo"))
    dates = StandIn(0, theo, mina, None, now + begins * DAY, now + ends * DAY)
    with pytest.raises(InvalidError) as refused:
        roles.add_stand_in(sqlite_database, dates, now=now, by=mina)
    assert refused.value.field == field


def test_nobody_stands_in_for_themselves_or_without_a_place(sqlite_database: Database, now: datetime) -> None:
    one = newsletter_row(sqlite_database)
    mina, theo = (_person(sqlite_database, now, name, Role.EDITOR) for name in ("mina", "theo"))
    _change(sqlite_database, theo, Role.EDITOR, now, {one: None})
    for who, why in ((mina, "Nobody stands in"), (theo, "no place")):
        with pytest.raises(InvalidError, match=why):
            roles.add_stand_in(sqlite_database, StandIn(0, who, mina, one, now, now + DAY), now=now, by=mina)


def test_whoever_is_away_is_not_counted_on(database: Database, now: datetime) -> None:
    one = newsletter_row(database)
    mina, theo, ada = (
        _person(database, now, name, role)
        for name, role in (("mina", Role.OWNER), ("theo", Role.EDITOR), ("ada", Role.WRITER))
    )
    assert _approvers(database, one, now) == {mina, theo}
    roles.set_away(database, mina, now + DAY, now=now, by=mina)
    assert _approvers(database, one, now) == {theo}
    roles.add_stand_in(database, StandIn(0, ada, mina, one, now, now + DAY), now=now, by=mina)
    assert _approvers(database, one, now) == {theo, ada}
    assert _approvers(database, one, now + DAY) == {mina, theo}
    admit.deactivate(database, theo, now=now, by=mina)
    assert _approvers(database, one, now) == {ada}


def test_every_change_of_a_person_has_its_opposite(database: Database, now: datetime) -> None:
    mina, theo = _person(database, now, "mina", Role.OWNER), _person(database, now, "theo", Role.WRITER)
    roles.rename(database, theo, "Theo Lind", now=now, by=mina)
    roles.switch_shortcuts(database, theo, is_on=False, now=now, by=theo)
    assert not _editor(database, theo, now).has_shortcuts
    _revert_newest(database, theo, now)
    assert _editor(database, theo, now).has_shortcuts
    roles.rename(database, theo, "Other", now=now, by=mina)
    _revert_newest(database, theo, now)
    assert _editor(database, theo, now).name == "Theo Lind"
    roles.set_away(database, mina, now + DAY, now=now, by=mina)
    _revert_newest(database, mina, now)
    assert mina in _approvers(database, newsletter_row(database), now)
    stand_in_id = roles.add_stand_in(database, StandIn(0, theo, mina, None, now, now + DAY), now=now, by=mina)
    roles.end_stand_in(database, stand_in_id, now=now, by=mina)
    _revert_newest(database, theo, now)
    assert _editor(database, theo, now).steads
    _revert_newest(database, theo, now)
    assert not _editor(database, theo, now).steads
    admit.deactivate(database, theo, now=now, by=mina)
    _revert_newest(database, theo, now)
    assert _editor(database, theo, now)


def test_an_invitation_is_withdrawn_only_from_whoever_never_came(database: Database, now: datetime) -> None:
    keys, one = Keys.from_secret("k" * 40), newsletter_row(database)
    mina = _person(database, now, "mina", Role.OWNER)
    ada = admit.invite(
        database,
        "ada@example.test",
        name="Ada",
        role=Role.VIEWER,
        keys=keys,
        now=now,
        by=mina,
        differing={one: Role.WRITER},
    )
    assert _editor(database, ada, now).may(Right.WRITE, one)
    admit.withdraw(database, ada, now=now, by=mina)
    admit.withdraw(database, ada, now=now, by=mina)
    with database.read() as session:
        assert store.editor(session, ada) is None
    _revert_newest(database, ada, now)
    admit.use_link(database, admit.make_link(database, ada, now=now), now=now, network="x")
    with pytest.raises(StateError, match="came in already"):
        admit.withdraw(database, ada, now=now, by=mina)
