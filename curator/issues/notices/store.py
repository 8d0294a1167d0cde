"""Who wants which notices, and the letters that carry them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from curator.accounts import store as accounts
from curator.addresses import address_key
from curator.db import upsert
from curator.issues.notices.values import BY_KIND
from curator.issues.tables import NoticeOff
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter


def switched_off(session: Session, user_id: int) -> frozenset[LetterKind]:
    """Returns the kinds that a person does not want."""
    kinds = session.scalars(select(NoticeOff.kind).where(NoticeOff.user_id == user_id))
    return frozenset(LetterKind(kind) for kind in kinds)


def switch_off(session: Session, user_id: int, kinds: Collection[LetterKind]) -> None:
    """Makes these the kinds that a person does not want."""
    session.execute(delete(NoticeOff).where(NoticeOff.user_id == user_id))
    upsert(session, NoticeOff, [{"user_id": user_id, "kind": kind} for kind in kinds], keys=["user_id", "kind"])


def tell(
    session: Session,
    kind: LetterKind,
    *,
    newsletter_id: int,
    issue_id: int,
    once: str,
    now: datetime,
    but: int | None = None,
    only: int | None = None,
    words: str = "",
    by_name: str = "",
) -> int:
    """Writes a notice to everybody who may do something about it there and wants it; returns to how many.

    `once` is what the notice is about (a moment, a revision): the same again writes nothing. `but` is whose own deed
    it tells of; with `only` nobody else is told.
    """
    off = set(session.scalars(select(NoticeOff.user_id).where(NoticeOff.kind == kind)))
    told = 0
    for person in accounts.able(session, BY_KIND[kind].right, newsletter_id, at=now):
        if person.id in off or person.id == but or (only is not None and person.id != only):
            continue
        letter = NewLetter(
            kind=kind,
            address=person.address,
            address_key=address_key(person.address),
            name=person.name,
            payload={"issue_id": issue_id, "user_id": person.id, "words": words, "by_name": by_name},
            key=f"{kind}:{issue_id}:{once}:{person.id}",
            newsletter_id=newsletter_id,
        )
        told += letters.write(session, letter, now=now)
    return told
