"""Queries on the outbox of letters: write one, claim it, say what became of it.

A letter leaves at least once: a sender that is killed between a message's last byte and the note that it left leaves
the letter claimed, and whoever claims it after the lease sends it again, with the same Message-ID. For a letter that is
right: somebody waits for it, and a second copy of a confirmation harms nobody. An issue must never come twice, so the
mailings keep a ledger, a journal and deliveries in doubt instead.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, not_, or_, select, true, update
from sqlalchemy.orm import Session

from curator.db import changed, upsert
from curator.letters.tables import Letter
from curator.letters.values import EVERY_LETTER, ClaimedLetter, Lane, LetterKind, LetterRow, LetterState, NewLetter

# Whoever signed up while a newsletter was in test mode has forgotten it after three days; but what asks them to confirm
# is all they ever hear of it, and its link works for seven.
_HELD_FOR, _ASKING_HELD_FOR = timedelta(days=3), timedelta(days=7)
_FINAL = tuple(state for state in LetterState if state.is_final)
_LONGEST_REASON = 200

# -- writing


def write(session: Session, letter: NewLetter, *, now: datetime) -> bool:
    """Writes a letter down, to leave at once; False when one with its key is there already."""
    payload = dict(letter.payload or {})
    row = {
        "kind": letter.kind,
        "state": LetterState.QUEUED,
        "address": letter.address,
        "address_key": letter.address_key,
        "name": letter.name,
        "newsletter_id": letter.newsletter_id or payload.get("newsletter_id"),
        "payload": payload,
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


def history(
    session: Session, address_key: str, *, before: datetime | None, limit: int
) -> list[tuple[LetterKind, LetterState, int | None, datetime]]:
    """Returns the letters to an address, newest first: kind, state, newsletter, and when each was written."""
    query = select(Letter.kind, Letter.state, Letter.newsletter_id, Letter.created_at).where(
        Letter.address_key == address_key
    )
    query = query if before is None else query.where(Letter.created_at < before)
    rows = session.execute(query.order_by(Letter.created_at.desc(), Letter.id.desc()).limit(limit))
    return [(LetterKind(kind), LetterState(state), newsletter_id, at) for kind, state, newsletter_id, at in rows]


# -- sending


def has_due(session: Session, *, now: datetime, lane: Lane = EVERY_LETTER) -> bool:
    """Tells whether `claim` would find something; fit for a read session."""
    return session.scalar(select(Letter.id).where(_is_claimable(now), _is_in(lane)).limit(1)) is not None


def count_due(session: Session, *, now: datetime) -> int:
    """Returns how many letters wait to be sent."""
    waits = Letter.state == LetterState.QUEUED, Letter.due_at <= now
    return session.scalar(select(func.count()).select_from(Letter).where(*waits)) or 0


def oldest_due_at(session: Session, *, now: datetime, lane: Lane = EVERY_LETTER) -> datetime | None:
    """Returns since when the letter of a lane that is due longest waits; None when none is due."""
    waits = Letter.state == LetterState.QUEUED, Letter.due_at <= now, _is_in(lane)
    return session.scalar(select(func.min(Letter.due_at)).where(*waits))


def claim(
    session: Session, *, now: datetime, lease_until: datetime, limit: int = 1, lane: Lane = EVERY_LETTER
) -> list[ClaimedLetter]:
    """Takes the letters of a lane that are due longest, at most `limit`; one whose lease is over is taken over.

    Letters that were never tried come first: nobody's fresh one waits behind those that a relay will not take. A
    take-over counts as an attempt, so that a letter that kills its senders is given up one day.
    On PostgreSQL letters that another sender is taking are left out; SQLite has one writer.
    """
    order = case((Letter.attempt == 0, 0), else_=1), Letter.due_at, Letter.id
    query = select(Letter.id).where(_is_claimable(now), _is_in(lane)).order_by(*order).limit(limit)
    attempt = case((Letter.state == LetterState.SENDING, Letter.attempt + 1), else_=Letter.attempt)
    ids = session.scalars(query.with_for_update(skip_locked=True)).all()
    taken = (
        update(Letter)
        .where(Letter.id.in_(ids), _is_claimable(now))
        .values(state=LetterState.SENDING, lease_until=lease_until, fence=Letter.fence + 1, attempt=attempt)
        .returning(Letter)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    found = {letter.id: letter for letter in session.scalars(taken)} if ids else {}
    return [_claimed(found[id_], lease_until) for id_ in ids if id_ in found]


def finish(session: Session, letter: ClaimedLetter, state: LetterState, *, now: datetime, reason: str = "") -> bool:
    """Ends a letter as sent, refused or dropped; False when its fence moved on, so another sender holds it."""
    return _leave(session, letter, state=state, reason=reason, finished_at=now)


def readers_address(session: Session, letter_id: int) -> str | None:
    """Returns whose letter it is, None where it is no reader's or is forgotten."""
    row = session.execute(select(Letter.address, Letter.kind).where(Letter.id == letter_id)).one_or_none()
    return None if row is None or not LetterKind(row.kind).is_to_reader else row.address


def note_return(session: Session, letter_id: int, *, reason: str) -> bool:
    """Writes down that a letter which had left came back; False when it had not, or came back before."""
    is_sent = Letter.id == letter_id, Letter.state == LetterState.SENT
    return _changed(session, *is_sent, state=LetterState.REFUSED, reason=reason[:_LONGEST_REASON]) == 1


def put_off(session: Session, letter: ClaimedLetter, *, due_at: datetime, reason: str, is_tried: bool) -> bool:
    """Queues a letter again for later; `is_tried` counts this time among its attempts. False as in `finish`."""
    attempt = letter.attempt + is_tried
    return _leave(session, letter, state=LetterState.QUEUED, reason=reason, due_at=due_at, attempt=attempt)


def put_off_due(session: Session, *, now: datetime, until: datetime, reason: str, lane: Lane = EVERY_LETTER) -> int:
    """Lets every letter of a lane that is due wait until a moment, because the relay fails; returns how many."""
    waiting = Letter.state == LetterState.QUEUED, Letter.due_at <= now, _is_in(lane)
    return _changed(session, *waiting, due_at=until, reason=reason[:_LONGEST_REASON])


def hold(session: Session, letter: ClaimedLetter, *, reason: str) -> bool:
    """Keeps a letter until `release_held`; False as in `finish`."""
    return _leave(session, letter, state=LetterState.HELD, reason=reason)


def release_held(session: Session, newsletter_id: int, *, now: datetime) -> int:
    """Queues a newsletter's held letters, now that it is live, and returns how many.

    Those that were held for more than 3 days are dropped; that a sign-up be confirmed is asked for 7 days.
    """
    held = Letter.newsletter_id == newsletter_id, Letter.state == LetterState.HELD
    asks = Letter.kind == LetterKind.CONFIRM
    for is_it, longest in ((asks, _ASKING_HELD_FOR), (not_(asks), _HELD_FOR)):
        dropped = {"state": LetterState.DROPPED, "reason": f"It was held for more than {longest.days} days."}
        _changed(session, *held, is_it, Letter.created_at < now - longest, finished_at=now, **dropped)
    return _changed(session, *held, state=LetterState.QUEUED, reason="", due_at=now)


def holding_newsletter_ids(session: Session) -> list[int]:
    """Returns the newsletters that letters are held for."""
    query = select(Letter.newsletter_id).where(Letter.state == LetterState.HELD, Letter.newsletter_id.is_not(None))
    return [id_ for id_ in session.scalars(query.distinct()) if id_ is not None]


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Deletes at most `limit` letters that ended before a moment, or were held since before it; returns how many.

    Each person's newest test mail of a newsletter stays, for the first-send checklist.
    """
    is_over = and_(Letter.state.in_(_FINAL), Letter.finished_at < before)
    is_left = and_(Letter.state == LetterState.HELD, Letter.created_at < before)
    over = select(Letter.id).where(or_(is_over, is_left), Letter.id.not_in(_proofs()))
    over = over.order_by(Letter.id).limit(limit)
    statement = delete(Letter).where(Letter.id.in_(over)).execution_options(synchronize_session=False)
    return changed(session, statement)


# -- looking


def newest_by_address(session: Session, kind: LetterKind, address_keys: Collection[str]) -> dict[str, LetterRow]:
    """Returns the newest letter of a kind to each of these addresses that ever got one."""
    query = select(Letter).where(Letter.kind == kind, Letter.address_key.in_(address_keys))
    return {letter.address_key: _row(letter) for letter in session.scalars(query.order_by(Letter.id))}


def by_keys(session: Session, keys: Collection[str]) -> dict[str, LetterRow]:
    """Returns those letters with one of these keys that are still kept, by key."""
    query = select(Letter).where(Letter.key.in_(keys))
    return {letter.key: _row(letter) for letter in session.scalars(query) if letter.key is not None}


def _is_claimable(now: datetime) -> ColumnElement[bool]:
    waits = and_(Letter.state == LetterState.QUEUED, Letter.due_at <= now)
    was_left = and_(Letter.state == LetterState.SENDING, Letter.lease_until <= now)
    return or_(waits, was_left)


def _is_in(lane: Lane) -> ColumnElement[bool]:
    if not lane.is_rest:
        return Letter.newsletter_id.in_(lane.newsletter_ids)
    if not lane.newsletter_ids:
        return true()
    return or_(Letter.newsletter_id.is_(None), Letter.newsletter_id.not_in(lane.newsletter_ids))


def _proofs() -> Select[int]:
    """Selects each person's newest test mail of each newsletter: it stays the proof that one arrived."""
    sent = Letter.kind == LetterKind.TEST, Letter.state == LetterState.SENT
    return select(func.max(Letter.id)).where(*sent).group_by(Letter.newsletter_id, Letter.address_key)


def _leave(session: Session, letter: ClaimedLetter, *, reason: str, **values: Any) -> bool:
    held = Letter.id == letter.id, Letter.fence == letter.fence, Letter.state == LetterState.SENDING
    return _changed(session, *held, lease_until=None, reason=reason[:_LONGEST_REASON], **values) == 1


def _changed(session: Session, *where: ColumnElement[bool], **values: Any) -> int:
    statement = update(Letter).where(*where).values(**values).execution_options(synchronize_session=False)
    return changed(session, statement)


def _claimed(letter: Letter, lease_until: datetime) -> ClaimedLetter:
    return ClaimedLetter(
        id=letter.id,
        kind=LetterKind(letter.kind),
        address=letter.address,
        address_key=letter.address_key,
        name=letter.name,
        payload=letter.payload,
        newsletter_id=letter.newsletter_id,
        attempt=letter.attempt,
        fence=letter.fence,
        created_at=letter.created_at,
        lease_until=lease_until,
    )


def _row(letter: Letter) -> LetterRow:
    return LetterRow(
        kind=LetterKind(letter.kind),
        state=LetterState(letter.state),
        address=letter.address,
        payload=letter.payload,
        reason=letter.reason,
        due_at=letter.due_at,
        created_at=letter.created_at,
        finished_at=letter.finished_at,
    )
