"""Who gets in, who does not, and what ends it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import argon2
import pytest

from curator.accounts import admit, store
from curator.accounts.tables import User
from curator.accounts.values import Editor, Role, SignInRefused, TooManyAttempts
from curator.activity.store import recent
from curator.db import Database
from curator.errors import CuratorError, InvalidError, NotFoundError, StateError

_PASSWORD = "correct horse battery"
_NETWORK = "192.0.2.7"


def _user(database: Database, now: datetime, *, address: str = "ada@example.test", role: Role = Role.OWNER) -> int:
    return admit.create_user(database, address, name="Ada", role=role, now=now)


def _with_password(database: Database, now: datetime) -> int:
    user_id = _user(database, now)
    admit.set_password(database, user_id, _PASSWORD, now=now)
    return user_id


def _sign_in(database: Database, now: datetime, password: str = _PASSWORD, **given: str) -> Editor:
    return admit.sign_in(
        database,
        given.get("address", "ada@example.test"),
        password,
        network=given.get("network", _NETWORK),
        now=now,
    )


def _refused(act: Callable[[], object]) -> CuratorError | None:
    try:
        act()
    except (SignInRefused, TooManyAttempts, StateError) as error:
        return error
    return None


def test_a_person_is_made_once(database: Database, now: datetime) -> None:
    with database.read() as session:
        assert not store.has_users(session)
    user_id = admit.create_user(database, "Ada@Example.TEST", name=" Ada\nL. ", role=Role.OWNER, now=now)
    with pytest.raises(InvalidError, match="already") as refused:
        _user(database, now)
    assert refused.value.field == "address"
    with database.read() as session:
        assert store.has_users(session)
        assert store.editor(session, user_id) == Editor(user_id, "Ada@example.test", "Ada L.", Role.OWNER, 0)
        assert store.user_id(session, "ada@example.test") == user_id
        (row,) = store.editors(session)
    assert (row.is_active, row.has_password, row.signed_in_at) == (True, False, None)


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@example.test\r\nBcc: eve@example.test", "a" * 400, "ada@b\u2028.test"]
)
def test_an_address_that_is_none_is_refused(sqlite_database: Database, now: datetime, address: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _user(sqlite_database, now, address=address)
    assert refused.value.field == "address"


def test_a_person_without_a_name_is_called_by_their_address(sqlite_database: Database, now: datetime) -> None:
    user_id = admit.create_user(sqlite_database, "eve@example.test", name=" \n", role=Role.EDITOR, now=now)
    with sqlite_database.read() as session:
        known = store.editor(session, user_id)
    assert known is not None
    assert known.name == "eve"


def test_the_right_password_lets_in_whatever_the_spelling_of_the_address(database: Database, now: datetime) -> None:
    user_id = _with_password(database, now)
    editor = _sign_in(database, now, address=" ADA@Example.TEST ")
    assert (editor.id, editor.role, editor.epoch) == (user_id, Role.OWNER, 1)
    with database.read() as session:
        assert store.editors(session)[0].signed_in_at == now
        log = recent(session)
    assert (log[0].verb, log[0].actor) == ("signed in", user_id)
    assert "example.test" not in str(log)


def test_every_refusal_is_worded_the_same(database: Database, now: datetime) -> None:
    _with_password(database, now)
    _user(database, now, address="without@example.test")
    out = _user(database, now, address="out@example.test")
    admit.set_password(database, out, _PASSWORD, now=now)
    admit.deactivate(database, out, now=now, by=None)
    refusals = [
        _refused(lambda: _sign_in(database, now, "a wrong password")),
        _refused(lambda: _sign_in(database, now, "")),
        _refused(lambda: _sign_in(database, now, address="nobody@example.test")),
        _refused(lambda: _sign_in(database, now, address="no address at all")),
        _refused(lambda: _sign_in(database, now, address="nul\0@example.test \ud800")),
        _refused(lambda: _sign_in(database, now, address="without@example.test")),
        _refused(lambda: _sign_in(database, now, address="out@example.test")),
    ]
    assert {(type(each), str(each)) for each in refusals} == {
        (SignInRefused, "This address and password do not fit together.")
    }


def test_the_sixth_wrong_try_of_an_address_has_to_wait_even_with_the_right_password(
    database: Database, now: datetime
) -> None:
    _with_password(database, now)
    wrong = [_refused(lambda: _sign_in(database, now, "a wrong password")) for _ in range(5)]
    assert {type(each) for each in wrong} == {SignInRefused}
    with pytest.raises(TooManyAttempts) as refused:
        _sign_in(database, now)
    assert refused.value.retry_in is not None
    assert _sign_in(database, now + refused.value.retry_in)


def test_an_unknown_address_is_slowed_down_like_a_known_one(sqlite_database: Database, now: datetime) -> None:
    tries = [_refused(lambda: _sign_in(sqlite_database, now, address="nobody@example.test")) for _ in range(6)]
    assert isinstance(tries[5], TooManyAttempts)


def test_a_right_sign_in_clears_the_count_of_its_address(sqlite_database: Database, now: datetime) -> None:
    _with_password(sqlite_database, now)
    for _ in range(3):
        for _ in range(4):
            _refused(lambda: _sign_in(sqlite_database, now, "a wrong password"))
        assert _sign_in(sqlite_database, now)


def test_a_network_gets_twenty_wrong_tries_over_all_addresses_and_links(
    sqlite_database: Database, now: datetime
) -> None:
    _with_password(sqlite_database, now)
    _guess_links(sqlite_database, now, times=17)
    wrong = [_refused(lambda n=n: _sign_in(sqlite_database, now, address=f"x{n}@example.test")) for n in range(4)]
    assert [type(each) for each in wrong] == [SignInRefused] * 3 + [TooManyAttempts]
    assert isinstance(_refused(lambda: _sign_in(sqlite_database, now)), TooManyAttempts)
    assert _sign_in(sqlite_database, now, network="198.51.100.1")


def test_right_sign_ins_of_a_whole_office_are_not_counted(sqlite_database: Database, now: datetime) -> None:
    _with_password(sqlite_database, now)
    _guess_links(sqlite_database, now, times=19)
    assert all(_sign_in(sqlite_database, now) for _ in range(3))


def _guess_links(database: Database, now: datetime, *, times: int) -> list[CuratorError | None]:
    return [
        _refused(lambda n=n: admit.use_link(database, f"guess {n}", now=now, network=_NETWORK)) for n in range(times)
    ]


def test_a_hash_with_older_parameters_is_renewed_at_sign_in(database: Database, now: datetime) -> None:
    user_id = _user(database, now)
    with database.write() as session:
        old = argon2.PasswordHasher(time_cost=1, memory_cost=1024).hash(_PASSWORD)
        session.get_one(User, user_id).password_hash = old
    assert _sign_in(database, now).epoch == 0
    with database.read() as session:
        kept = session.get_one(User, user_id).password_hash
    assert kept is not None
    assert kept != old
    assert _sign_in(database, now)


def test_a_new_password_ends_sign_ins_and_links(database: Database, now: datetime) -> None:
    user_id = _with_password(database, now)
    before = _sign_in(database, now)
    link = admit.make_link(database, user_id, now=now)
    admit.set_password(database, user_id, "another long password", now=now, by=user_id)
    with database.read() as session:
        after = store.editor(session, user_id)
    assert after is not None
    assert after.epoch == before.epoch + 1
    assert _refused(lambda: _sign_in(database, now))
    assert _refused(lambda: admit.use_link(database, link, now=now, network=_NETWORK))
    assert _sign_in(database, now, "another long password")


def test_a_weak_password_changes_nothing(database: Database, now: datetime) -> None:
    user_id = _with_password(database, now)
    for weak in ("short", "ada@example.test"):
        with pytest.raises(InvalidError):
            admit.set_password(database, user_id, weak, now=now)
    with pytest.raises(NotFoundError):
        admit.set_password(database, 4711, _PASSWORD, now=now)
    assert _sign_in(database, now).epoch == 1


def test_a_link_lets_in_once(database: Database, now: datetime) -> None:
    user_id = _user(database, now)
    token = admit.make_link(database, user_id, now=now)
    assert admit.use_link(database, token, now=now, network=_NETWORK).id == user_id
    with pytest.raises(SignInRefused, match="Ask for a new one"):
        admit.use_link(database, token, now=now, network=_NETWORK)


def test_looking_at_a_link_tells_whose_it_is_and_leaves_it_usable(database: Database, now: datetime) -> None:
    user_id = _user(database, now)
    token = admit.make_link(database, user_id, now=now)
    for _ in range(2):
        owner = admit.link_owner(database, token, now=now)
        assert owner is not None
        assert owner.id == user_id
    admit.use_link(database, token, now=now, network=_NETWORK)
    assert admit.link_owner(database, token, now=now) is None
    assert admit.link_owner(database, "nonsense", now=now) is None
    stale = admit.make_link(database, user_id, now=now)
    assert admit.link_owner(database, stale, now=now + timedelta(hours=24)) is None


def test_a_link_is_good_until_its_time_is_up(sqlite_database: Database, now: datetime) -> None:
    user_id = _user(sqlite_database, now)
    token = admit.make_link(sqlite_database, user_id, now=now, valid_for=timedelta(hours=1))
    late = now + timedelta(hours=1)
    assert _refused(lambda: admit.use_link(sqlite_database, token, now=late, network=_NETWORK))
    in_time = late - timedelta(seconds=1)
    assert admit.use_link(sqlite_database, token, now=in_time, network=_NETWORK).id == user_id


def test_a_new_link_voids_the_older_one(database: Database, now: datetime) -> None:
    user_id = _user(database, now)
    old = admit.make_link(database, user_id, now=now)
    new = admit.make_link(database, user_id, now=now)
    assert _refused(lambda: admit.use_link(database, old, now=now, network=_NETWORK))
    assert admit.use_link(database, new, now=now, network=_NETWORK).id == user_id


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "\ud800", "\x00"])
def test_any_other_text_is_no_link(sqlite_database: Database, now: datetime, token: str) -> None:
    with pytest.raises(SignInRefused):
        admit.use_link(sqlite_database, token, now=now, network=_NETWORK)


def test_guessing_links_is_slowed_down(sqlite_database: Database, now: datetime) -> None:
    tries = _guess_links(sqlite_database, now, times=21)
    assert [type(each) for each in tries] == [SignInRefused] * 20 + [TooManyAttempts]


def test_of_two_who_use_one_link_at_once_one_gets_in(database: Database, now: datetime) -> None:
    user_id = _user(database, now)
    for _ in range(5):
        token = admit.make_link(database, user_id, now=now)
        with ThreadPoolExecutor(2) as pool:
            refusals = list(
                pool.map(
                    lambda network, token=token: _refused(
                        lambda: admit.use_link(database, token, now=now, network=network)
                    ),
                    ("192.0.2.1", "192.0.2.2"),
                )
            )
        assert refusals.count(None) == 1


def test_whoever_is_put_out_is_out_at_once(database: Database, now: datetime) -> None:
    owner = _user(database, now, address="owner@example.test")
    user_id = _with_password(database, now)
    link = admit.make_link(database, user_id, now=now)
    for _ in range(2):
        admit.deactivate(database, user_id, now=now, by=owner)
    with database.read() as session:
        assert store.editor(session, user_id) is None
        assert [entry.verb for entry in recent(session, subject_id=user_id)].count("deactivated") == 1
    assert _refused(lambda: _sign_in(database, now))
    assert _refused(lambda: admit.use_link(database, link, now=now, network=_NETWORK))
    with pytest.raises(StateError):
        admit.make_link(database, user_id, now=now)
    for _ in range(2):
        admit.reactivate(database, user_id, now=now, by=owner)
    assert _sign_in(database, now).epoch == 2


def test_the_last_active_owner_stays(database: Database, now: datetime) -> None:
    owner = _user(database, now)
    _user(database, now, address="editor@example.test", role=Role.EDITOR)
    with pytest.raises(StateError, match="last active owner"):
        admit.deactivate(database, owner, now=now, by=owner)
    with pytest.raises(NotFoundError):
        admit.deactivate(database, 4711, now=now, by=owner)


def test_two_owners_cannot_put_each_other_out_at_once(database: Database, now: datetime) -> None:
    owners = [_user(database, now, address=f"owner{n}@example.test") for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        refusals = list(
            pool.map(lambda user_id: _refused(lambda: admit.deactivate(database, user_id, now=now, by=None)), owners)
        )
    assert refusals.count(None) == 1
    with database.read() as session:
        assert [row.is_active for row in store.editors(session)].count(True) == 1


def test_links_are_only_for_people_who_are_there(database: Database, now: datetime) -> None:
    with pytest.raises(NotFoundError):
        admit.make_link(database, 4711, now=now)
    with pytest.raises(NotFoundError):
        admit.reactivate(database, 4711, now=now, by=None)
