"""Queries over running sign-ins and over the history of tries."""

from datetime import datetime

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from curator.accounts import store as accounts
from curator.accounts.tables import SignIn, SignInTry, User
from curator.accounts.values import Editor, Means, SignInRow, TryRow, Visit
from curator.db import changed


def open_sign_in(session: Session, row: SignInRow, *, user_id: int, epoch: int, token_hash: str) -> None:
    """Writes a sign-in down by its token's hash (the id that is given is not looked at)."""
    session.add(
        SignIn(
            user_id=user_id,
            epoch=epoch,
            token_hash=token_hash,
            means=row.means,
            network=row.visit.network,
            browser=row.visit.browser,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
    )


def holder(session: Session, token_hash: str, *, since: datetime) -> tuple[Editor, int, datetime] | None:
    """Returns (editor, sign-in, last seen) of a running sign-in; None when it ended, was unused since, or is void."""
    query = (
        select(User, accounts.HAS_FACTOR, SignIn.id, SignIn.seen_at)
        .join(SignIn, User.id == SignIn.user_id)
        .where(SignIn.token_hash == token_hash, SignIn.epoch == User.epoch, User.is_active, SignIn.seen_at > since)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (accounts.editor_of(found[0], has_factor=found[1]), found[2], found[3])


def note_seen(session: Session, sign_in_id: int, *, at: datetime) -> None:
    """Notes when a sign-in was last used."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=at))


def running(session: Session, user_id: int, *, since: datetime, limit: int = 50) -> list[SignInRow]:
    """Returns at most `limit` running sign-ins of a person, the last used first."""
    query = (
        select(SignIn)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.user_id == user_id, SignIn.epoch == User.epoch, SignIn.seen_at > since)
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        .limit(limit)
    )
    return [
        SignInRow(row.id, Means(row.means), Visit(row.network, row.browser), row.created_at, row.seen_at)
        for row in session.scalars(query)
    ]


def end(session: Session, user_id: int, *, sign_in_id: int) -> bool:
    """Ends one sign-in of a person; False when it is none of theirs (any more)."""
    return changed(session, delete(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == user_id)) == 1


def end_others(session: Session, user_id: int, *, but: int | None) -> int:
    """Ends a person's sign-ins but one; returns how many."""
    query = delete(SignIn).where(SignIn.user_id == user_id)
    return changed(session, query if but is None else query.where(SignIn.id != but))


def note_try(session: Session, address_key: str, row: TryRow) -> None:
    """Writes down a sign-in, or one that was refused. For an unknown address it is one statement all the same."""
    values = (row.at, row.means, row.is_let_in, row.visit.network, row.visit.browser)
    columns = (SignInTry.at, SignInTry.means, SignInTry.is_let_in, SignInTry.network, SignInTry.browser)
    who = select(User.id, *(literal(value, column.type) for value, column in zip(values, columns, strict=True))).where(
        User.address_key == address_key
    )
    session.execute(insert(SignInTry).from_select(["user_id", *(column.key for column in columns)], who))


def tries(session: Session, user_id: int, *, since: datetime, limit: int = 50) -> list[TryRow]:
    """Returns at most `limit` of a person's tries since a moment, newest first."""
    query = select(SignInTry).where(SignInTry.user_id == user_id, SignInTry.at >= since)
    return [
        TryRow(row.at, Means(row.means), row.is_let_in, Visit(row.network, row.browser))
        for row in session.scalars(query.order_by(SignInTry.at.desc(), SignInTry.id.desc()).limit(limit))
    ]


def prune_tries(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets at most `limit` tries of before a moment; returns how many."""
    old = select(SignInTry.id).where(SignInTry.at < before).limit(limit)
    statement = delete(SignInTry).where(SignInTry.id.in_(old)).execution_options(synchronize_session=False)
    return changed(session, statement)


def prune_sign_ins(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets at most `limit` sign-ins that were last used before a moment; returns how many."""
    old = select(SignIn.id).where(SignIn.seen_at < before).limit(limit)
    statement = delete(SignIn).where(SignIn.id.in_(old)).execution_options(synchronize_session=False)
    return changed(session, statement)
