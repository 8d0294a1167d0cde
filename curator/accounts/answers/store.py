"""Queries over what programs were answered."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from curator.accounts.tables import ApiAnswer, ApiToken
from curator.accounts.values import KeptAnswer
from curator.db import changed, insert_once


def begin(session: Session, token_id: int, key_hash: str, *, fingerprint: str, at: datetime) -> bool:
    """Notes that a request is under way; False when one with this key is known."""
    row = {"token_id": token_id, "key_hash": key_hash, "fingerprint": fingerprint, "at": at, "headers": {}, "body": ""}
    return insert_once(session, ApiAnswer, row)


def take_over(session: Session, token_id: int, key_hash: str, *, seen_at: datetime, at: datetime) -> bool:
    """Goes on with a request that somebody began and never ended; False when another was quicker."""
    mine = update(ApiAnswer).where(*_is(token_id, key_hash), ApiAnswer.at == seen_at, ApiAnswer.status.is_(None))
    return changed(session, mine.values(at=at)) == 1


def kept(session: Session, token_id: int, key_hash: str) -> KeptAnswer | None:
    """Returns what is known of a request, None for one that is not."""
    columns = ApiAnswer.fingerprint, ApiAnswer.at, ApiAnswer.status, ApiAnswer.headers, ApiAnswer.body
    found = session.execute(select(*columns).where(*_is(token_id, key_hash))).one_or_none()
    return None if found is None else KeptAnswer(*found)


def keep(session: Session, token_id: int, key_hash: str, *, status: int, headers: Mapping[str, str], body: str) -> None:
    """Keeps what a request was answered."""
    values = {"status": status, "headers": dict(headers), "body": body}
    session.execute(update(ApiAnswer).where(*_is(token_id, key_hash)).values(values))


def forget(session: Session, token_id: int, key_hash: str) -> None:
    """Forgets a request that changed nothing: its key may be used again."""
    session.execute(delete(ApiAnswer).where(*_is(token_id, key_hash)))


def forget_of(session: Session, user_id: int) -> None:
    """Forgets what a person's programs were answered: what they may hear again is asked anew."""
    theirs = select(ApiToken.id).where(ApiToken.user_id == user_id)
    session.execute(delete(ApiAnswer).where(ApiAnswer.token_id.in_(theirs), ApiAnswer.status.is_not(None)))


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets at most `limit` answers of before a moment and returns how many."""
    old = select(ApiAnswer.token_id, ApiAnswer.key_hash).where(ApiAnswer.at < before).limit(limit)
    rows = session.execute(old).all()
    for token_id, key_hash in rows:
        forget(session, token_id, key_hash)
    return len(rows)


def _is(token_id: int, key_hash: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ApiAnswer.token_id == token_id, ApiAnswer.key_hash == key_hash
