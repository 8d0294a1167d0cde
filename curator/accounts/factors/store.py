"""Queries over second factors and recovery codes."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from curator.accounts.tables import RecoveryCode, SecondFactor
from curator.db import changed


def put_secret(session: Session, user_id: int, sealed_secret: str, *, at: datetime) -> None:
    """Keeps a secret that no code has confirmed yet, in the place of an older one."""
    remove(session, user_id)
    session.add(SecondFactor(user_id=user_id, sealed_secret=sealed_secret, created_at=at, used_step=0))
    session.flush()


def sealed_secret(session: Session, user_id: int, *, is_confirmed: bool) -> str | None:
    """Returns the encrypted secret, confirmed or not yet; None when there is none of that kind."""
    row = session.get(SecondFactor, user_id)
    return None if row is None or (row.confirmed_at is not None) is not is_confirmed else row.sealed_secret


def confirm(session: Session, user_id: int, *, step: int, at: datetime) -> bool:
    """Turns the factor on; False when it was on already, or there is none."""
    waiting = SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None)
    return changed(session, update(SecondFactor).where(*waiting).values(confirmed_at=at, used_step=step)) == 1


def use_step(session: Session, user_id: int, step: int) -> bool:
    """Uses up the 30 seconds of a code; False when they, or later ones, were used: of two at once, one gets False."""
    later = SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None), SecondFactor.used_step < step
    return changed(session, update(SecondFactor).where(*later).values(used_step=step)) == 1


def remove(session: Session, user_id: int) -> bool:
    """Forgets a person's secret and recovery codes; False when there was no secret."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    return changed(session, delete(SecondFactor).where(SecondFactor.user_id == user_id)) == 1


def put_codes(session: Session, user_id: int, code_hashes: Iterable[str]) -> None:
    """Keeps recovery codes by their hashes, in the place of older ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=code_hash) for code_hash in code_hashes)


def spend_code(session: Session, user_id: int, code_hash: str, *, at: datetime) -> bool:
    """Uses a recovery code up; False for one that was used, or is none."""
    unused = RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None)
    return changed(session, update(RecoveryCode).where(*unused).values(used_at=at)) == 1


def codes_left(session: Session, user_id: int) -> int:
    """Returns how many recovery codes a person has not used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0
