"""API tokens, on both databases: shown once, kept as a hash, ended at once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.accounts import admit
from curator.accounts.api_tokens import MOST_TOKENS, bearer, make_token, revoke_token
from curator.accounts.keys import store
from curator.accounts.tables import ApiToken
from curator.accounts.values import ApiScope, ApiTokenRow, Role
from curator.activity.store import recent
from curator.db import Database
from curator.errors import InvalidError, NotFoundError

SCOPES = (ApiScope.WRITE_ITEMS,)


def person(db: Database, now: datetime, name: str = "mina") -> int:
    return admit.create_user(db, f"{name}@podcast.example", name=name, role=Role.OWNER, now=now)


def made(db: Database, user_id: int, now: datetime, name: str = "Phone") -> str:
    return make_token(db, user_id, name, scopes=SCOPES, now=now)


def tokens(db: Database, user_id: int) -> list[ApiTokenRow]:
    with db.read() as session:
        return store.tokens(session, user_id)


def test_a_token_stands_for_its_maker_and_only_its_hash_is_kept(database: Database, now: datetime) -> None:
    mina = person(database, now)
    token = made(database, mina, now, "  Phone\nshortcut ")
    found = bearer(database, token, now=now)
    assert found is not None
    assert (found.user_id, found.scopes) == (mina, SCOPES)
    assert [row.name for row in tokens(database, mina)] == ["Phone shortcut"]
    with database.read() as session:
        stored = session.scalars(select(ApiToken)).one()
        noted = recent(session)[0]
    assert token not in str(vars(stored)) + str(noted)
    assert (noted.verb, noted.actor) == ("make", mina)


def test_its_last_use_is_noted_to_the_minute(database: Database, now: datetime) -> None:
    mina = person(database, now)
    token = made(database, mina, now)
    assert tokens(database, mina)[0].used_at is None
    for seconds in (0, 30, 61):
        bearer(database, token, now=now + timedelta(seconds=seconds))
    assert tokens(database, mina)[0].used_at == now + timedelta(seconds=61)
    bearer(database, token, now=now + timedelta(seconds=90))
    assert tokens(database, mina)[0].used_at == now + timedelta(seconds=61)


def test_a_revoked_token_is_nothing_from_then_on(database: Database, now: datetime) -> None:
    mina = person(database, now)
    token = made(database, mina, now)
    for _ in range(2):
        revoke_token(database, mina, tokens(database, mina)[0].id if tokens(database, mina) else 1, now=now)
    assert bearer(database, token, now=now) is None
    with database.read() as session:
        assert [row.verb for row in recent(session, subject="api_token")] == ["revoke", "make"]


def test_nobody_revokes_somebody_elses(database: Database, now: datetime) -> None:
    mina, theo = person(database, now), person(database, now, "theo")
    token = made(database, mina, now)
    with pytest.raises(NotFoundError):
        revoke_token(database, theo, tokens(database, mina)[0].id, now=now)
    assert bearer(database, token, now=now) is not None


def test_a_token_of_somebody_who_was_put_out_is_nothing(database: Database, now: datetime) -> None:
    mina, theo = person(database, now), person(database, now, "theo")
    token = made(database, theo, now)
    admit.deactivate(database, theo, now=now, by=mina)
    assert bearer(database, token, now=now) is None


@pytest.mark.parametrize(
    "text", ["", "curator_", "x" * 43, "curator_" + "a" * 43, "curator_é", "curator_" + "a" * 10_000]
)
def test_any_other_text_is_nothing(sqlite_database: Database, now: datetime, text: str) -> None:
    made(sqlite_database, person(sqlite_database, now), now)
    assert bearer(sqlite_database, text, now=now) is None


def test_a_token_has_a_name_and_nobody_has_many(sqlite_database: Database, now: datetime) -> None:
    mina = person(sqlite_database, now)
    with pytest.raises(InvalidError, match="what the token is for"):
        made(sqlite_database, mina, now, " ")
    for number in range(MOST_TOKENS):
        made(sqlite_database, mina, now, str(number))
    with pytest.raises(InvalidError, match="Revoke one"):
        made(sqlite_database, mina, now)
