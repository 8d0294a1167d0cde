"""Queries on the outbox of letters: write one, claim it, say what became of it."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState, NewLetter


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
