"""Keeps people signed in: each browser holds a token, and whatever ends its row signs it out at once."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.accounts.places.store import with_places
from curator.accounts.sign_ins import store
from curator.accounts.values import Editor, Means, SignInRow, Visit
from curator.activity.store import record
from curator.db import Database
from curator.errors import NotFoundError, StorageError

LASTS_FOR = timedelta(days=14)
"""How long a sign-in outlives its last use."""

KEPT_FOR = timedelta(days=90)
"""How long the history of sign-ins goes back."""

_NOTE_EVERY = timedelta(minutes=1)
_LONGEST = 100


@dataclass(frozen=True)
class Seat:
    """Who is signed in by a token, and by which sign-in."""

    editor: Editor
    sign_in_id: int


def begin(db: Database, editor: Editor, means: Means, *, visit: Visit, now: datetime) -> str:
    """Signs somebody in and returns the token of it, this once: only its hash is kept."""
    token = secrets.token_urlsafe(32)
    row = SignInRow(0, means, visit, created_at=now, seen_at=now)
    with db.write() as session:
        store.open_sign_in(session, row, user_id=editor.id, epoch=editor.epoch, token_hash=_hash_of(token))
    return token


def follow(db: Database, token: str, *, now: datetime) -> Seat | None:
    """Returns who is signed in by this token, with places and steads; None when nobody is (any more).

    Its last use is noted to the minute; a database that cannot be written just now lets people read all the same.
    """
    if not token or len(token) > _LONGEST:
        return None
    with db.read() as session:
        found = store.holder(session, _hash_of(token), since=now - LASTS_FOR)
        if found is None:
            return None
        editor, sign_in_id, seen_at = found
        editor = with_places(session, editor, at=now)
    if seen_at <= now - _NOTE_EVERY:
        with suppress(StorageError), db.write() as session:
            store.note_seen(session, sign_in_id, at=now)
    return Seat(editor, sign_in_id)


def end(db: Database, user_id: int, sign_in_id: int, *, now: datetime) -> None:
    """Ends one of a person's own sign-ins at once; raises NotFoundError for somebody else's, or none."""
    with db.write() as session:
        if not store.end(session, user_id, sign_in_id=sign_in_id):
            raise NotFoundError("sign-in", sign_in_id)
        record(session, at=now, actor=user_id, verb="ended a sign-in of", subject="user", subject_id=user_id)


def leave(db: Database, user_id: int, sign_in_id: int) -> None:
    """Signs out; twice is fine."""
    with db.write() as session:
        store.end(session, user_id, sign_in_id=sign_in_id)


def end_others(db: Database, user_id: int, *, but: int | None, now: datetime, by: int | None) -> int:
    """Ends all of a person's sign-ins but one, and returns how many that were."""
    with db.write() as session:
        ended = store.end_others(session, user_id, but=but)
        if ended:
            record(session, at=now, actor=by, verb="ended the sign-ins of", subject="user", subject_id=user_id)
    return ended


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
