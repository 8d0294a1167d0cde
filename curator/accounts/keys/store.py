"""Queries over API tokens."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from curator.accounts.places.store import has_place
from curator.accounts.tables import ApiToken, User
from curator.accounts.values import ApiScope, ApiTokenRow, Bearer
from curator.db import changed


def tokens(session: Session, user_id: int) -> list[ApiTokenRow]:
    """Returns a person's tokens that are not revoked, newest first; those that have ended too."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return [
        ApiTokenRow(
            row.id, row.name, _scopes(row.scopes), row.created_at, row.used_at, row.expires_at, row.newsletter_id
        )
        for row in session.scalars(query.order_by(ApiToken.id.desc()))
    ]


def add_token(
    session: Session,
    user_id: int,
    token_hash: str,
    *,
    name: str,
    scopes: tuple[ApiScope, ...],
    at: datetime,
    expires_at: datetime | None = None,
    newsletter_id: int | None = None,
) -> int:
    """Writes a token down by its hash and returns its id."""
    row = ApiToken(user_id=user_id, name=name, token_hash=token_hash, scopes=[str(each) for each in scopes])
    row.created_at, row.expires_at, row.newsletter_id = at, expires_at, newsletter_id
    session.add(row)
    session.flush()
    return row.id


def is_token_of(session: Session, token_id: int, user_id: int) -> bool:
    """Tells whether a token, revoked or not, is this person's."""
    query = select(ApiToken.id).where(ApiToken.id == token_id, ApiToken.user_id == user_id)
    return session.scalar(query) is not None


def revoke_token(session: Session, token_id: int, *, at: datetime) -> bool:
    """Ends a token; False when it was ended before."""
    ended = update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None)).values(revoked_at=at)
    return changed(session, ended) == 1


def bearer(session: Session, token_hash: str, *, at: datetime) -> Bearer | None:
    """Returns whom the token with this hash stands for; None when it is revoked or over, or they may not sign in."""
    columns = ApiToken.id, ApiToken.user_id, ApiToken.scopes, ApiToken.used_at, ApiToken.name, ApiToken.newsletter_id
    query = (
        select(*columns)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), User.is_active, has_place())
        .where(or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > at))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    scopes = _scopes(found.scopes)
    return Bearer(found.id, found.user_id, scopes, found.used_at, found.name, found.newsletter_id)


def note_use(session: Session, token_id: int, *, at: datetime) -> None:
    """Notes when a token was last used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def _scopes(stored: list[str]) -> tuple[ApiScope, ...]:
    return tuple(ApiScope(name) for name in stored if name in list(ApiScope))
