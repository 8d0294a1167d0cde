"""Invitations: person, link and letter come together, and the database alone opens no door."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, text

from curator import tokens
from curator.accounts import admit, store
from curator.accounts.values import Role, SignInRefused
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.letters import store as letters
from curator.letters.values import ClaimedLetter, LetterKind
from curator.tokens import Keys

KEYS = Keys.from_secret("k" * 40)


def _invite(database: Database, now: datetime, address: str = "ada@example.test", *, by: int | None = None) -> int:
    return admit.invite(database, address, name="Ada", role=Role.EDITOR, keys=KEYS, now=now, by=by)


def _letters(database: Database, now: datetime) -> list[ClaimedLetter]:
    with database.write() as session:
        return letters.claim(session, now=now, lease_until=now + timedelta(seconds=1), limit=9)


def _token(database: Database, letter: ClaimedLetter, now: datetime, keys: Keys = KEYS) -> str | None:
    with database.read() as session:
        return admit.invitation_token(session, keys, letter.payload["nonce"], now=now)


def test_an_invitation_makes_a_person_a_letter_and_a_link_that_lets_in_once(database: Database, now: datetime) -> None:
    mina = admit.create_user(database, "mina@example.test", name="Mina", role=Role.OWNER, now=now)
    user_id = _invite(database, now, " Ada@Example.test", by=mina)
    (letter,) = _letters(database, now)
    assert (letter.kind, letter.address, letter.name) == (LetterKind.INVITATION, "Ada@example.test", "Ada")
    assert letter.payload["user_id"] == user_id
    assert letter.payload["by_name"] == "Mina"
    token = _token(database, letter, now)
    assert token is not None
    assert admit.use_link(database, token, now=now, network="192.0.2.7").id == user_id
    with pytest.raises(SignInRefused):
        admit.use_link(database, token, now=now, network="192.0.2.7")
    assert _token(database, letter, now) is None


def test_an_invitation_is_good_for_three_days(database: Database, now: datetime) -> None:
    _invite(database, now)
    (letter,) = _letters(database, now)
    assert _token(database, letter, now + timedelta(hours=71))
    assert _token(database, letter, now + timedelta(hours=72)) is None


def test_inviting_again_sends_another_letter_and_voids_the_first_link(database: Database, now: datetime) -> None:
    assert _invite(database, now) == _invite(database, now)
    first, second = _letters(database, now)
    assert _token(database, first, now) is None
    assert _token(database, second, now)
    with database.read() as session:
        assert len(store.editors(session)) == 1


def test_somebody_who_was_put_out_is_not_invited_and_nothing_is_written(database: Database, now: datetime) -> None:
    user_id = _invite(database, now)
    _letters(database, now)
    admit.deactivate(database, user_id, now=now, by=None)
    with pytest.raises(StateError, match="put out"):
        _invite(database, now)
    later = now + timedelta(days=9)
    assert len(_letters(database, later)) == 1


def test_an_address_that_is_none_is_not_invited(sqlite_database: Database, now: datetime) -> None:
    with pytest.raises(InvalidError):
        _invite(sqlite_database, now, "ada@example.test\r\nBcc: eve@example.test")
    assert _letters(sqlite_database, now) == []


def test_nobody_who_reads_the_database_finds_a_link_there(database: Database, now: datetime) -> None:
    _invite(database, now)
    with database.read() as session:
        tables = inspect(session.connection()).get_table_names()
        everything = str([session.execute(text(f'select * from "{name}"')).all() for name in tables])  # noqa: S608 - the tables' own names
    (letter,) = _letters(database, now)
    token = _token(database, letter, now)
    assert token is not None
    assert token not in everything
    assert letter.payload["nonce"] in everything
    forged = tokens.sign(Keys.from_secret("z" * 40), tokens.Purpose.SIGN_IN, bytes.fromhex(letter.payload["nonce"]))
    with pytest.raises(SignInRefused):
        admit.use_link(database, forged, now=now, network="192.0.2.7")


def test_a_written_invitation_outlives_a_new_secret_key(sqlite_database: Database, now: datetime) -> None:
    _invite(sqlite_database, now)
    (letter,) = _letters(sqlite_database, now)
    newer = Keys.from_secret("n" * 40, older=("k" * 40,))
    assert _token(sqlite_database, letter, now, newer) == _token(sqlite_database, letter, now)
    assert _token(sqlite_database, letter, now, Keys.from_secret("z" * 40)) is None
