"""Queries over suppressions: addresses that are never mailed, and the marks of those that were erased."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from curator.audience.tables import Subscriber, Suppression
from curator.audience.values import SuppressionReason, SuppressionRow
from curator.db import changed, in_parts, upsert, veil_of
from curator.errors import StateError
from curator.leavings import note as leavings
from curator.names import one_line
from curator.tokens import Veil


def rows(session: Session, *, limit: int = 200, after: str = "") -> list[SuppressionRow]:
    """Returns addresses that are never mailed, by address, at most `limit` after the address `after`.

    What is left of erased ones is no address, so nobody could read it.
    """
    rows = session.execute(
        select(Suppression.address_key, Suppression.reason, Suppression.note, Suppression.at)
        .where(Suppression.address_key > one_line(after, max_characters=320))
        .where(~Suppression.address_key.startswith(Veil.PREFIX, autoescape=True))
        .order_by(Suppression.address_key)
        .limit(limit)
    )
    return [SuppressionRow(key, SuppressionReason(reason), note, at) for key, reason, note, at in rows]


def why(session: Session, address_key: str, *, for_change: bool = False) -> SuppressionReason | None:
    """Returns why an address must never be mailed, None when it may; `for_change` holds the row until the commit.

    One that was erased is known by its mark.
    """
    keys = [address_key, *_marks(session, [address_key])]
    query = select(Suppression.reason).where(Suppression.address_key.in_(keys))
    reasons = {SuppressionReason(each) for each in session.scalars(query.with_for_update() if for_change else query)}
    return SuppressionReason.ERASED if SuppressionReason.ERASED in reasons else next(iter(reasons), None)


def add(session: Session, address_key: str, reason: SuppressionReason, *, note: str, at: datetime) -> bool:
    """Writes a suppression down; False when the address has one already, which stays as it is.

    Whoever is being erased at this moment is waited for: afterwards their mark is there, and nothing is written.
    """
    session.execute(select(Subscriber.id).where(Subscriber.address_key == address_key).with_for_update(read=True))
    if why(session, address_key) is SuppressionReason.ERASED:
        return False
    row = {"address_key": address_key, "reason": reason, "note": note, "at": at}
    if upsert(session, Suppression, [row], keys=["address_key"]) != 1:
        return False
    leavings.suppressed(session, [address_key], reason=reason, at=at)
    return True


def put(session: Session, address_key: str, reason: SuppressionReason, *, note: str, at: datetime) -> None:
    """Writes a suppression over whatever is there."""
    row = {"address_key": address_key, "reason": reason, "note": note, "at": at}
    upsert(session, Suppression, [row], keys=["address_key"], update=["reason", "note", "at"])
    leavings.suppressed(session, [address_key], reason=reason, at=at)


def put_mark(session: Session, mark: str, reason: SuppressionReason, *, at: datetime) -> bool:
    """Writes down that whoever has this mark is never mailed, where the address is not known; False when it was so."""
    row = {"address_key": mark, "reason": reason, "note": "", "at": at}
    return upsert(session, Suppression, [row], keys=["address_key"]) == 1


def drop(session: Session, address_key: str, *, at: datetime) -> SuppressionReason | None:
    """Removes a suppression, and a mark that stands for it, and returns its reason, None when there was none."""
    keys = [address_key, *_marks(session, [address_key])]
    gone = delete(Suppression).where(Suppression.address_key.in_(keys)).returning(Suppression.reason)
    reasons = list(session.execute(gone).scalars())
    if reasons:
        leavings.lifted(session, address_key, at=at)
    return SuppressionReason(reasons[0]) if reasons else None


def among(session: Session, address_keys: Collection[str]) -> set[str]:
    """Returns which of these keys must never be mailed, those among them that were erased too."""
    marks = _marks(session, address_keys)
    wanted = [*address_keys, *marks]
    found = {
        key
        for some in in_parts(wanted, 2000)
        for key in session.scalars(select(Suppression.address_key).where(Suppression.address_key.in_(some)))
    }
    return {marks.get(key, key) for key in found}


def erase(session: Session, address_key: str, *, at: datetime) -> None:
    """Leaves nothing of an address but its mark, by which it is known should it come again."""
    veil = veil_of(session)
    assert veil is not None, "this database was opened without the keys that make marks"
    session.execute(delete(Suppression).where(Suppression.address_key == address_key))
    row = {"address_key": veil.mark(address_key), "reason": SuppressionReason.ERASED, "note": "", "at": at}
    upsert(session, Suppression, [row], keys=["address_key"])


def forget_erasure(session: Session, address_key: str, *, at: datetime) -> bool:
    """Takes the mark of an address away, because its owner signed up anew and confirmed it; False without one."""
    marks = list(_marks(session, [address_key]))
    gone = delete(Suppression).where(Suppression.address_key.in_(marks)) if marks else None
    if gone is None or not changed(session, gone):
        return False
    leavings.came_back(session, address_key, at=at)
    return True


def _marks(session: Session, address_keys: Collection[str]) -> dict[str, str]:
    """Returns the keys of addresses by their marks. Where marks cannot be made none may be there.

    Raises StateError for that: whoever is not known would be taken in again.
    """
    veil = veil_of(session)
    if veil is not None:
        return {mark: key for key in address_keys for mark in veil.marks(key)}
    is_mark = Suppression.address_key.startswith(Veil.PREFIX, autoescape=True)
    if session.scalar(select(Suppression.address_key).where(is_mark).limit(1)) is not None:
        raise StateError("Addresses were erased here, which are known by the installation's secret alone.")
    return {}
