"""Queries over API tokens."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from curator.accounts.places.store import has_place
from curator.accounts.tables import ApiToken, Membership, User
from curator.accounts.values import ApiScope, ApiTokenRow, Bearer, Right, Role
from curator.db import changed


def tokens(session: Session, user_id: int) -> list[ApiTokenRow]:
    """Returns a person's tokens that are not revoked, newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return [
        ApiTokenRow(row.id, row.name, _scopes(row.scopes), row.created_at, row.used_at)
        for row in session.scalars(query.order_by(ApiToken.id.desc()))
    ]


def add_token(
    session: Session, user_id: int, token_hash: str, *, name: str, scopes: tuple[ApiScope, ...], at: datetime
) -> int:
    """Writes a token down by its hash and returns its id."""
    row = ApiToken(user_id=user_id, name=name, token_hash=token_hash, scopes=[str(each) for each in scopes])
    row.created_at = at
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


def bearer(session: Session, token_hash: str) -> Bearer | None:
    """Returns whom the token with this hash stands for; None when it is revoked or they may not sign in."""
    query = (
        select(ApiToken.id, ApiToken.user_id, ApiToken.scopes, ApiToken.used_at)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), User.is_active, _writes(), has_place())
    )
    found = session.execute(query).one_or_none()
    return None if found is None else Bearer(found.id, found.user_id, _scopes(found.scopes), found.used_at)


def _writes() -> ColumnElement[bool]:
    """Whoever only looks adds nothing by a program either."""
    writing = [role for role in Role if Right.WRITE in role.rights]
    somewhere = select(Membership.user_id).where(Membership.user_id == User.id, Membership.role.in_(writing))
    return or_(User.role.in_(writing), somewhere.exists())


def note_use(session: Session, token_id: int, *, at: datetime) -> None:
    """Notes when a token was last used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def _scopes(stored: list[str]) -> tuple[ApiScope, ...]:
    return tuple(ApiScope(name) for name in stored if name in list(ApiScope))
