"""Rows of what readers send in: tips with their notes, who takes any, and from where none are taken."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from curator.db import changed, insert_once, upsert
from curator.errors import NotFoundError
from curator.feeds.articles import store as articles
from curator.feeds.articles.store import NewPage
from curator.feeds.tables import Item
from curator.picks.tables import TipBlock, TipBox, TipNote, TipRow
from curator.picks.tips.values import (
    BLOCKED_FOR,
    KEPT_AFTER_REFUSAL,
    KEPT_FOR,
    SENDERS_KEPT_FOR,
    Heard,
    Tip,
    Tipped,
    TipState,
    Told,
)

PAGE = 50
# What a page shows of what readers wrote about one link: beyond it, their number says enough.
_MOST_TOLD = 5
_MOST_NOTES = 50
"""Notes kept of one link; who comes later is counted."""

_DECIDED = (TipState.REFUSED, TipState.SPAM)

# --- whether a newsletter takes tips


def is_open(session: Session, newsletter_id: int) -> bool:
    """Tells whether a newsletter takes tips."""
    return bool(session.scalar(select(TipBox.is_open).where(TipBox.newsletter_id == newsletter_id)))


def set_open(session: Session, newsletter_id: int, *, is_open: bool) -> None:
    """Says whether a newsletter takes tips."""
    row = {"newsletter_id": newsletter_id, "is_open": is_open}
    upsert(session, TipBox, [row], keys=["newsletter_id"], update=["is_open"])


# --- from readers


def is_blocked(session: Session, sender_keys: Collection[str], *, now: datetime) -> bool:
    """Tells whether nothing is taken from one of these."""
    query = select(TipBlock.sender_key).where(TipBlock.sender_key.in_(sender_keys), TipBlock.until > now)
    return session.scalar(query.limit(1)) is not None


def waiting(session: Session, newsletter_id: int) -> int:
    """Returns how many links wait for an editor."""
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.state == TipState.WAITING
    return session.scalar(select(func.count()).select_from(TipRow).where(*is_it)) or 0


def knows(session: Session, newsletter_id: int, page: NewPage) -> bool:
    """Tells whether somebody sent this page before."""
    return _id_of(session, newsletter_id, page) is not None


def put(session: Session, newsletter_id: int, page: NewPage, *, now: datetime) -> TipRow:
    """Returns the row of a page that a reader sends, held until the commit; a new one waits and counts nobody yet."""
    row = {
        "newsletter_id": newsletter_id,
        "page_key": page.identity,
        "url": page.url,
        "canonical_url": page.canonical_url,
        "state": TipState.WAITING,
        "tipped": 0,
        "is_new_item": False,
        "first_at": now,
        "last_at": now,
    }
    insert_once(session, TipRow, row)
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.page_key == page.identity
    return session.execute(select(TipRow).where(*is_it).with_for_update()).scalar_one()


def hear(session: Session, tip: TipRow, heard: Heard, *, sender_key: str, now: datetime) -> None:
    """Keeps what a reader wrote and counts them once; from the same one again, what they left out before."""
    key = "" if heard.address is None else heard.address.key
    known = _of_sender(session, tip.id, address_key=key, sender_key=sender_key)
    if known is None:
        known = TipNote(tip_id=tip.id, note="", name="", address="", address_key="", words=heard.words, at=now)
        known.sender_key = sender_key
        tip.tipped, tip.last_at = tip.tipped + 1, now
        if tip.tipped <= _MOST_NOTES:
            session.add(known)
    known.note, known.name = known.note or heard.note, known.name or heard.name
    if heard.address is not None and not known.address and known.thanked_at is None:
        known.address, known.address_key, known.words = heard.address.address, heard.address.key, heard.words
    session.flush()


def _of_sender(session: Session, tip_id: int, *, address_key: str, sender_key: str) -> TipNote | None:
    """Returns what the same reader wrote with this tip before: by their address, else by where it came from."""
    by_address = and_(TipNote.address_key == address_key, TipNote.address_key != "")
    # Two addresses from one network are two readers; without an address it is the same one again.
    nameless = [TipNote.address_key == ""] if address_key else []
    by_network = and_(TipNote.sender_key == sender_key, *nameless)
    same = TipNote.tip_id == tip_id, or_(by_address, by_network)
    return session.scalars(select(TipNote).where(*same).order_by(TipNote.id).limit(1)).one_or_none()


# --- to editors


def tips(
    session: Session, newsletter_id: int, state: TipState, *, before: int | None = None, limit: int = PAGE
) -> list[Tip]:
    """Returns at most `limit` tips that stand there, the last sent first; behind the tip `before`. Three queries."""
    query = select(TipRow).where(TipRow.newsletter_id == newsletter_id, TipRow.state == state)
    if before is not None:
        last_at = select(TipRow.last_at).where(TipRow.id == before).scalar_subquery()
        query = query.where(tuple_(TipRow.last_at, TipRow.id) < tuple_(last_at, before))
    query = query.order_by(TipRow.last_at.desc(), TipRow.id.desc()).limit(limit)
    return _told_of(session, session.scalars(query).all())


def tip(session: Session, tip_id: int) -> Tip:
    """Returns one tip; raises NotFoundError."""
    return _told_of(session, [row(session, tip_id)])[0]


def row(session: Session, tip_id: int, *, lock: bool = False) -> TipRow:
    """Returns a tip's row, with `lock` held until the commit; raises NotFoundError."""
    query = select(TipRow).where(TipRow.id == tip_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFoundError("tip", tip_id)
    return found


def urls(session: Session, tip_ids: Collection[int]) -> dict[int, str]:
    """Returns the links of tips by id; one that is forgotten is missing."""
    found = session.execute(select(TipRow.id, TipRow.url).where(TipRow.id.in_(tip_ids)))
    return {each.id: each.url for each in found}


def newsletter_of(session: Session, tip_id: int) -> int | None:
    """Returns whose tip it is, None when it is not there."""
    return session.scalar(select(TipRow.newsletter_id).where(TipRow.id == tip_id))


def decide(session: Session, tip_ids: Sequence[int], state: TipState, *, by: int | None, now: datetime) -> None:
    """Writes down what an editor decided; WAITING opens them again."""
    is_open_again = state is TipState.WAITING
    values = {"decided_by": None if is_open_again else by, "decided_at": None if is_open_again else now}
    session.execute(update(TipRow).where(TipRow.id.in_(tip_ids)).values(state=state, **values))


def senders(session: Session, tip_id: int) -> tuple[set[str], set[str]]:
    """Returns from where a tip came: the keys of its networks, and its address keys."""
    found = session.execute(select(TipNote.sender_key, TipNote.address_key).where(TipNote.tip_id == tip_id)).all()
    return {each.sender_key for each in found} - {""}, {each.address_key for each in found} - {""}


def waiting_from(session: Session, newsletter_id: int, sender_keys: Collection[str]) -> list[int]:
    """Returns the waiting tips of a newsletter that came from there and from nowhere else; at most 500."""
    from_there = select(TipNote.tip_id).where(TipNote.sender_key.in_(sender_keys))
    from_elsewhere = select(TipNote.tip_id).where(TipNote.sender_key.not_in(sender_keys))
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.state == TipState.WAITING, TipRow.id.in_(from_there)
    query = select(TipRow.id).where(*is_it, TipRow.id.not_in(from_elsewhere)).order_by(TipRow.id).limit(500)
    return list(session.scalars(query))


def block(session: Session, sender_keys: Iterable[str], *, tip_id: int, now: datetime) -> None:
    """Takes nothing from there for a while."""
    until = now + BLOCKED_FOR
    rows = [{"sender_key": each, "until": until, "tip_id": tip_id} for each in sorted(sender_keys)]
    upsert(session, TipBlock, rows, keys=["sender_key"], update=["until", "tip_id"])


def unblock(session: Session, tip_id: int) -> list[str]:
    """Takes again what comes from where a tip came that was marked as spam, and returns from where."""
    gone = delete(TipBlock).where(TipBlock.tip_id == tip_id).returning(TipBlock.sender_key)
    return sorted(session.scalars(gone))


# --- what became of them


def tipped(session: Session, newsletter_id: int, item_ids: Sequence[int]) -> dict[int, Tipped]:
    """Returns what readers said of those of a page's items that an editor accepted from them; two queries."""
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.state == TipState.ACCEPTED, TipRow.item_id.in_(item_ids)
    rows = session.scalars(select(TipRow).where(*is_it)).all()
    notes = _notes(session, [each.id for each in rows])
    found = {}
    for each in rows:
        first = next((note.note for note in notes.get(each.id, ()) if note.note), "")
        found[each.item_id or 0] = Tipped(each.tipped, first)
    return found


def tipped_items(session: Session, newsletter_id: int, *, since: datetime) -> dict[int, int]:
    """Returns how many readers sent in each item that was accepted since a moment, by item."""
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.state == TipState.ACCEPTED, TipRow.decided_at >= since
    query = select(TipRow.item_id, TipRow.tipped).where(*is_it, TipRow.item_id.is_not(None))
    return {each.item_id: each.tipped for each in session.execute(query) if each.item_id is not None}


@dataclass(frozen=True)
class Owed:
    """A reader who is to be thanked for a tip: where, and for which item."""

    note_id: int
    address: str
    address_key: str
    item_id: int


def owed(session: Session, newsletter_id: int, item_ids: Collection[int]) -> list[Owed]:
    """Returns who asked to be thanked for these items and has not been, the first to send first."""
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.state == TipState.ACCEPTED, TipRow.item_id.in_(item_ids)
    query = (
        select(TipNote.id, TipNote.address, TipNote.address_key, TipRow.item_id)
        .join(TipRow, TipRow.id == TipNote.tip_id)
        .where(*is_it, TipNote.address != "", TipNote.thanked_at.is_(None))
        .order_by(TipNote.id)
    )
    found = session.execute(query)
    return [Owed(note_id, address, key, item_id) for note_id, address, key, item_id in found if item_id is not None]


def note_thanked(session: Session, note_ids: Collection[int], *, now: datetime) -> None:
    """Writes down that the thanks are on their way; the letter has the address, and the tip has it no more."""
    statement = update(TipNote).where(TipNote.id.in_(note_ids))
    session.execute(statement.values(thanked_at=now, address="", address_key=""))


# --- forgetting


def forget(session: Session, *, now: datetime) -> int:
    """Forgets what is not needed any more and returns how many rows it touched.

    Addresses and names go with their time or after a refusal, networks after a month, refused tips in the end.
    """
    decided = TipRow.state.in_(_DECIDED)
    refused = select(TipRow.id).where(decided, TipRow.decided_at < now - KEPT_AFTER_REFUSAL)
    nobody = {"address": "", "address_key": "", "name": ""}
    has_somebody = or_(TipNote.address != "", TipNote.name != "")
    is_old = or_(TipNote.at < now - KEPT_FOR, TipNote.tip_id.in_(refused))
    touched = _set(session, has_somebody, is_old, **nobody)
    touched += _set(session, TipNote.sender_key != "", TipNote.at < now - SENDERS_KEPT_FOR, sender_key="")
    touched += changed(session, delete(TipBlock).where(TipBlock.until < now))
    return touched + changed(session, delete(TipRow).where(decided, TipRow.decided_at < now - KEPT_FOR))


def forget_address(session: Session, address_key: str) -> int:
    """Forgets whose tips these were, for somebody who is erased; the links stay. Returns how many notes there were."""
    return _set(session, TipNote.address_key == address_key, address="", address_key="", name="", note="")


def told_by(session: Session, address_key: str) -> list[tuple[str, Told]]:
    """Returns the links that somebody sent with their address, and what they wrote; for a copy of what is kept."""
    query = select(TipRow.url, TipNote).join(TipNote, TipNote.tip_id == TipRow.id)
    found = session.execute(query.where(TipNote.address_key == address_key).order_by(TipNote.id))
    return [(url, _as_told(note)) for url, note in found]


def _set(session: Session, *where: ColumnElement[bool], **values: object) -> int:
    return changed(session, update(TipNote).where(*where).values(**values))


def _id_of(session: Session, newsletter_id: int, page: NewPage) -> int | None:
    is_it = TipRow.newsletter_id == newsletter_id, TipRow.page_key == page.identity
    return session.scalar(select(TipRow.id).where(*is_it))


def _told_of(session: Session, rows: Sequence[TipRow]) -> list[Tip]:
    notes = _notes(session, [each.id for each in rows])
    known = articles.known_pages(session, [each.canonical_url for each in rows if each.item_id is None])
    items = [each.item_id for each in rows if each.item_id is not None]
    titled = session.execute(select(Item.id, Item.title).where(Item.id.in_(items)))
    titles = {each.id: each.title for each in titled}
    found = []
    for each in rows:
        item_id = each.item_id if each.item_id is not None else known.get(each.canonical_url, (None, ""))[0]
        title = titles.get(item_id or 0, "") or known.get(each.canonical_url, (None, ""))[1]
        found.append(_tip(each, notes.get(each.id, []), item_id, title))
    return found


def _tip(row: TipRow, notes: Sequence[TipNote], item_id: int | None, title: str) -> Tip:
    said = sorted(notes, key=lambda note: (not note.note, note.id))[:_MOST_TOLD]
    return Tip(
        id=row.id,
        newsletter_id=row.newsletter_id,
        url=row.url,
        state=TipState(row.state),
        tipped=row.tipped,
        first_at=row.first_at,
        last_at=row.last_at,
        item_id=item_id,
        item_title=title,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        told=tuple(_as_told(note) for note in said),
    )


def _notes(session: Session, tip_ids: Sequence[int]) -> dict[int, list[TipNote]]:
    found: dict[int, list[TipNote]] = {}
    for note in session.scalars(select(TipNote).where(TipNote.tip_id.in_(tip_ids)).order_by(TipNote.id)):
        found.setdefault(note.tip_id, []).append(note)
    return found


def _as_told(note: TipNote) -> Told:
    return Told(note.note, note.name, note.at, has_address=bool(note.address) and note.thanked_at is None)
