"""Tokens by which programs act in a person's name: made and shown once, looked up by their hash, revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from curator.accounts import store
from curator.accounts.keys import store as keys
from curator.accounts.values import ApiScope, Bearer
from curator.activity.store import record
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.names import cleaned_name

PREFIX = "curator_"
"""So that whoever finds a token in a paste, or a scanner for leaked secrets, knows what it is."""

MOST_TOKENS = 20
"""Unrevoked ones of a person; who needs more has lost sight of them."""

_LONGEST = 200
_NOTE_USE_EVERY = timedelta(minutes=1)


def make_token(
    db: Database,
    user_id: int,
    name: str,
    *,
    scopes: tuple[ApiScope, ...],
    now: datetime,
    newsletter_id: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Makes a token of a person's and returns it, this once: only its hash is kept.

    With a newsletter it is for that one alone. Raises InvalidError: "name" for an empty one and for more tokens than
    anybody needs, "scopes" for none, "expires" for an end that is over.
    """
    called = cleaned_name(name)[:100]
    if not called:
        raise InvalidError("name", "Say what the token is for, so that you know it again.")
    if not scopes:
        raise InvalidError("scopes", "Choose at least one thing that the token may do.")
    if expires_at is not None and expires_at <= now:
        raise InvalidError("expires", "It would be over already.")
    token = PREFIX + secrets.token_urlsafe(32)
    with db.write() as session:
        if store.user(session, user_id, for_change=True) is None:
            raise NotFoundError("user", user_id)
        if len(keys.tokens(session, user_id)) >= MOST_TOKENS:
            raise InvalidError("name", f"You have {MOST_TOKENS} tokens. Revoke one that is not used any more.")
        token_id = keys.add_token(
            session,
            user_id,
            hash_of(token),
            name=called,
            scopes=scopes,
            at=now,
            expires_at=expires_at,
            newsletter_id=newsletter_id,
        )
        after = {"name": called, "scopes": [str(scope) for scope in scopes]}
        record(session, at=now, actor=user_id, verb="make", subject="api_token", subject_id=token_id, after=after)
    return token


def revoke_token(db: Database, user_id: int, token_id: int, *, now: datetime) -> None:
    """Ends a token of the person's own at once; twice is fine. Raises NotFoundError for somebody else's."""
    with db.write() as session:
        if not keys.is_token_of(session, token_id, user_id):
            raise NotFoundError("token", token_id)
        if keys.revoke_token(session, token_id, at=now):
            record(session, at=now, actor=user_id, verb="revoke", subject="api_token", subject_id=token_id)


def bearer(db: Database, token: str, *, now: datetime) -> Bearer | None:
    """Returns who a token stands for and what it may do; None for one that is unknown, revoked or over.

    A token of somebody who was put out is none. Its last use is noted to the minute.
    """
    if not token.startswith(PREFIX) or len(token) > _LONGEST or not token.isascii():
        return None
    with db.read() as session:
        found = keys.bearer(session, hash_of(token), at=now)
    if found is not None and (found.used_at is None or found.used_at <= now - _NOTE_USE_EVERY):
        with db.write() as session:
            keys.note_use(session, found.token_id, at=now)
    return found


def hash_of(token: str) -> str:
    """Returns what is kept of a token: it is long and random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()
