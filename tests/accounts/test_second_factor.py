"""Second factors: a code beside the password, each once; recovery codes; nothing readable in the database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP
from sqlalchemy import inspect, text

from curator.accounts import admit, codes, second_factor, store
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.values import Editor, Means, Role, SignInRefused, TooManyAttempts, Visit
from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.tokens import Keys

KEYS = Keys.from_secret("k" * 40)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = "ada@example.test"
PASSWORD = "a calm editorial desk"
HALF_A_MINUTE = timedelta(seconds=30)


def _ada(database: Database, now: datetime) -> int:
    user_id = admit.create_user(database, ADDRESS, name="Ada", role=Role.EDITOR, now=now)
    admit.set_password(database, user_id, PASSWORD, now=now)
    return user_id


def _enrolled(database: Database, now: datetime) -> tuple[int, str, list[str]]:
    """Returns Ada, her secret and her recovery codes; the code of `now` is used up by it."""
    user_id = _ada(database, now)
    secret = second_factor.begin(database, user_id, keys=KEYS, now=now)
    return user_id, secret, second_factor.confirm(database, user_id, _code(secret, now), keys=KEYS, now=now)


def _code(secret: str, at: datetime) -> str:
    return TOTP(secret).at(at)


def _pass(database: Database, user_id: int, typed: str, now: datetime, *, keys: Keys = KEYS, epoch: int = 1) -> Editor:
    return second_factor.pass_code(
        database, user_id, typed, epoch=epoch, keys=keys, network="192.0.2.7", visit=Visit(), now=now
    )


def _came_in_at(database: Database, user_id: int) -> datetime | None:
    with database.read() as session:
        row = store.user(session, user_id)
    assert row is not None
    return row.signed_in_at


def test_nothing_is_asked_for_until_a_code_came(database: Database, now: datetime) -> None:
    user_id = _ada(database, now)
    secret = second_factor.begin(database, user_id, keys=KEYS, now=now)
    assert second_factor.pending(database, user_id, keys=KEYS) == secret
    with pytest.raises(InvalidError, match="does not fit"):
        second_factor.confirm(database, user_id, "000000", keys=KEYS, now=now)
    editor = admit.sign_in(database, ADDRESS, PASSWORD, network="x", now=now)
    assert not editor.has_second_factor
    assert len(second_factor.confirm(database, user_id, _code(secret, now), keys=KEYS, now=now)) == 10
    assert second_factor.pending(database, user_id, keys=KEYS) is None


def test_password_and_link_alike_lead_only_up_to_the_code(database: Database, now: datetime) -> None:
    user_id, secret, _ = _enrolled(database, now)
    link = admit.make_link(database, user_id, now=now)
    for editor in (
        admit.sign_in(database, ADDRESS, PASSWORD, network="x", now=now),
        admit.use_link(database, link, now=now, network="x"),
    ):
        assert editor.has_second_factor
    assert _came_in_at(database, user_id) is None
    later = now + HALF_A_MINUTE
    assert _pass(database, user_id, _code(secret, later), later).id == user_id
    assert _came_in_at(database, user_id) == later


def test_a_code_works_once_and_so_does_none_before_it(database: Database, now: datetime) -> None:
    user_id, secret, _ = _enrolled(database, now)
    with pytest.raises(SignInRefused):
        _pass(database, user_id, _code(secret, now), now)
    later = now + 2 * HALF_A_MINUTE
    assert _pass(database, user_id, _code(secret, later), later)
    for step in (timedelta(), -HALF_A_MINUTE):
        with pytest.raises(SignInRefused):
            _pass(database, user_id, _code(secret, later + step), later)


def test_a_recovery_code_works_once_however_it_is_typed(database: Database, now: datetime) -> None:
    user_id, _, recovery = _enrolled(database, now)
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in recovery)
    assert len(set(recovery)) == 10
    assert _pass(database, user_id, f" {recovery[3].upper().replace('-', ' ')} ", now)
    with pytest.raises(SignInRefused):
        _pass(database, user_id, recovery[3], now)
    assert _pass(database, user_id, recovery[4], now)


def test_new_recovery_codes_void_the_old_ones(database: Database, now: datetime) -> None:
    user_id, _, old = _enrolled(database, now)
    new = second_factor.renew_codes(database, user_id, now=now)
    with pytest.raises(SignInRefused):
        _pass(database, user_id, old[0], now)
    assert _pass(database, user_id, new[0], now)


def test_the_sixth_wrong_code_has_to_wait_even_if_it_is_right(database: Database, now: datetime) -> None:
    user_id, secret, recovery = _enrolled(database, now)
    for typed in ("000000", "words", "", "aaaa-bbbb-cccc-dddd", "12345"):
        with pytest.raises(SignInRefused):
            _pass(database, user_id, typed, now)
    for right in (_code(secret, now + HALF_A_MINUTE), recovery[0]):
        with pytest.raises(TooManyAttempts):
            _pass(database, user_id, right, now)
    with pytest.raises(TooManyAttempts):
        second_factor.prove(database, user_id, recovery[0], keys=KEYS, now=now)
    assert _pass(database, user_id, recovery[0], now + admit.WINDOW)


def test_half_a_sign_in_ends_when_all_sign_ins_of_the_person_end(database: Database, now: datetime) -> None:
    user_id, _, recovery = _enrolled(database, now)
    admit.set_password(database, user_id, "another calm desk", now=now)
    with pytest.raises(SignInRefused):
        _pass(database, user_id, recovery[0], now, epoch=1)
    assert _pass(database, user_id, recovery[0], now, epoch=2)
    admit.create_user(database, "mina@example.test", name="Mina", role=Role.OWNER, now=now)
    admit.deactivate(database, user_id, now=now, by=None)
    with pytest.raises(SignInRefused):
        _pass(database, user_id, recovery[1], now, epoch=3)


def test_what_is_on_is_not_set_up_anew_but_taken_off_first(database: Database, now: datetime) -> None:
    user_id, _, _ = _enrolled(database, now)
    with pytest.raises(StateError, match="on already"):
        second_factor.begin(database, user_id, keys=KEYS, now=now)
    assert second_factor.take_off(database, user_id, now=now, by=None)
    assert not second_factor.take_off(database, user_id, now=now, by=None)
    assert not admit.sign_in(database, ADDRESS, PASSWORD, network="x", now=now).has_second_factor


def test_the_secret_outlives_a_new_secret_key_and_no_lost_one(sqlite_database: Database, now: datetime) -> None:
    user_id, secret, _ = _enrolled(sqlite_database, now)
    later = now + HALF_A_MINUTE
    newer = Keys.from_secret("n" * 40, older=("k" * 40,))
    assert _pass(sqlite_database, user_id, _code(secret, later), later, keys=newer)
    with pytest.raises(StateError, match="CURATOR_OLD_SECRET_KEYS"):
        _pass(sqlite_database, user_id, "123456", later, keys=Keys.from_secret("z" * 40))


def test_neither_secret_nor_codes_can_be_read_in_the_database(database: Database, now: datetime) -> None:
    user_id, secret, recovery = _enrolled(database, now)
    _pass(database, user_id, recovery[0], now)
    with database.read() as session:
        tables = inspect(session.connection()).get_table_names()
        everything = str([session.execute(text(f'select * from "{name}"')).all() for name in tables])  # noqa: S608 - the tables' own names
        verbs = {row.verb for row in activity.recent(session, subject="user", subject_id=user_id)}
    assert not [kept for kept in (secret, *recovery, *map(codes.plain, recovery)) if kept in everything]
    assert "turned on the second factor of" in verbs


def test_the_history_says_by_what_and_what_was_refused(database: Database, now: datetime) -> None:
    user_id, _, recovery = _enrolled(database, now)
    _pass(database, user_id, recovery[0], now)
    for typed in ("000000", recovery[0]):
        with pytest.raises(SignInRefused):
            _pass(database, user_id, typed, now)
    with database.read() as session:
        found = sign_ins.tries(session, user_id, since=now)
    assert [(row.means, row.is_let_in) for row in found] == [
        (Means.RECOVERY_CODE, False),
        (Means.CODE, False),
        (Means.RECOVERY_CODE, True),
    ]


@given(
    at=st.integers(min_value=0, max_value=4_000_000_000),
    off=st.integers(min_value=-90, max_value=90),
    spaced=st.booleans(),
)
def test_a_code_is_taken_within_one_step_and_never_beyond(at: int, off: int, spaced: bool) -> None:
    now = datetime.fromtimestamp(at + 1000, UTC)
    other = datetime.fromtimestamp(at + 1000 + off, UTC)
    code = TOTP(SECRET).at(other)
    typed = f"{code[:3]} {code[3:]}" if spaced else code
    step = codes.step_of(SECRET, typed, at=now)
    near = {(at + 1000) // 30 + each for each in (-1, 0, 1)}
    if (at + 1000 + off) // 30 in near:
        assert step is not None
        assert step in near
    else:
        # Codes of six digits repeat by chance; then it is the other step's own code.
        assert step is None or TOTP(SECRET).generate_otp(step) == code


@given(st.text())
def test_no_text_breaks_the_reading_of_codes(typed: str) -> None:
    codes.step_of(SECRET, typed, at=datetime(2026, 11, 16, tzinfo=UTC))
    assert codes.plain(typed) == codes.plain(codes.plain(typed))
