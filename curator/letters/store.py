"""Queries on the outbox of letters: write one, claim it, say what became of it."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState, NewLetter

# Somebody who signed up last week does not remember it: a letter about it would only puzzle them.
_LONGEST_HOLD = timedelta(days=3)


def write(session: Session, letter: NewLetter, *, now: datetime) -> bool:
    """Writes a letter down, to leave at once; False when one with its key is there already."""
    row = {
        "kind": letter.kind,
        "state": LetterState.QUEUED,
        "address": letter.address,
        "address_key": letter.address_key,
        "name": letter.name,
        "newsletter_id": letter.newsletter_id,
        "payload": dict(letter.payload or {}),
        "key": letter.key,
        "reason": "",
        "attempt": 0,
        "fence": 0,
        "due_at": now,
        "created_at": now,
    }
    return upsert(session, Letter, [row], keys=["key"]) == 1


def written_since(session: Session, address_key: str, kinds: tuple[LetterKind, ...], *, since: datetime) -> int:
    """Returns how many letters of these kinds were written to an address since a moment, whatever became of them."""
    query = select(func.count()).where(
        Letter.address_key == address_key, Letter.created_at >= since, Letter.kind.in_(kinds)
    )
    return session.scalar(query.select_from(Letter)) or 0


def release_held(session: Session, newsletter_id: int, *, now: datetime) -> int:
    """Lets a newsletter's held letters leave at once, because its test mode is over; returns how many.

    Those that were held for too long are dropped with that reason.
    """
    held = update(Letter).where(Letter.newsletter_id == newsletter_id, Letter.state == LetterState.HELD)
    is_old = Letter.created_at < now - _LONGEST_HOLD
    dropped = {"state": LetterState.DROPPED, "reason": "It was held for more than 3 days.", "finished_at": now}
    session.execute(held.where(is_old).values(**dropped))
    released = session.execute(held.values(state=LetterState.QUEUED, reason="", due_at=now))
    return cast("CursorResult[Any]", released).rowcount
