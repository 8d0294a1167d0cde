"""The promotions' rows: slots, promotions, and what is booked where."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from curator.db import insert_once
from curator.errors import NotFoundError
from curator.promotions import due
from curator.promotions.tables import BookingRow, PromotionRow, PromotionSlot
from curator.promotions.values import (
    Booking,
    BookingState,
    Promotion,
    PromotionForm,
    PromotionKind,
    Running,
    Slot,
    SlotForm,
    SlotPlace,
    Words,
    words_of,
)

# --- whose they are


def newsletter_of_slot(session: Session, slot_id: int) -> int | None:
    """Returns the newsletter of a slot, None for one that is not there."""
    return session.scalar(select(PromotionSlot.newsletter_id).where(PromotionSlot.id == slot_id))


def newsletter_of_promotion(session: Session, promotion_id: int) -> int | None:
    """Returns the newsletter of a promotion, None for one that is not there."""
    return session.scalar(select(PromotionRow.newsletter_id).where(PromotionRow.id == promotion_id))


def newsletter_of_booking(session: Session, booking_id: int) -> int | None:
    """Returns the newsletter of what is booked, None for what is not there."""
    query = select(PromotionSlot.newsletter_id).join(BookingRow, BookingRow.slot_id == PromotionSlot.id)
    return session.scalar(query.where(BookingRow.id == booking_id))


def ids_of(session: Session, newsletter_id: int) -> tuple[list[int], list[int], list[int]]:
    """Returns the ids of a newsletter's promotions, slots and bookings, at most 1,000 of each, newest first."""
    mine = PromotionSlot.newsletter_id == newsletter_id
    queries = (
        select(PromotionRow.id).where(PromotionRow.newsletter_id == newsletter_id).order_by(PromotionRow.id.desc()),
        select(PromotionSlot.id).where(mine).order_by(PromotionSlot.id.desc()),
        select(BookingRow.id).join(PromotionSlot).where(mine).order_by(BookingRow.id.desc()),
    )
    promotions_of, slots_of, bookings_of_all = (list(session.scalars(query.limit(1000))) for query in queries)
    return promotions_of, slots_of, bookings_of_all


# --- slots


def slots(session: Session, newsletter_id: int, *, with_put_away: bool = False) -> list[Slot]:
    """Returns a newsletter's slots by id, which is the order in which they were made; at most 50."""
    query = select(PromotionSlot).where(PromotionSlot.newsletter_id == newsletter_id)
    if not with_put_away:
        query = query.where(PromotionSlot.is_put_away.is_(False))
    return [_slot(row) for row in session.scalars(query.order_by(PromotionSlot.id).limit(50))]


def slot(session: Session, slot_id: int, *, lock: bool = False) -> Slot:
    """Returns one slot; `lock` holds it until the transaction ends. Raises NotFoundError."""
    query = select(PromotionSlot).where(PromotionSlot.id == slot_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("slot", slot_id)
    return _slot(row)


def slots_by_id(session: Session, ids: Iterable[int]) -> dict[int, Slot]:
    """Returns slots by id, put away or not; no query for none."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: _slot(row) for row in session.scalars(select(PromotionSlot).where(PromotionSlot.id.in_(wanted)))}


def add_slot(session: Session, newsletter_id: int, form: SlotForm) -> int:
    """Writes a new slot and returns its id."""
    row = PromotionSlot(newsletter_id=newsletter_id, **asdict(form))
    session.add(row)
    session.flush()
    return row.id


def set_slot(session: Session, slot_id: int, **values: Any) -> None:
    """Writes some of a slot's columns; its version rises."""
    values["version"] = PromotionSlot.version + 1
    session.execute(update(PromotionSlot).where(PromotionSlot.id == slot_id).values(**values))


# --- promotions


def promotions(session: Session, newsletter_id: int, *, limit: int = 200) -> list[Promotion]:
    """Returns at most `limit` of a newsletter's promotions, the newest first."""
    query = select(PromotionRow).where(PromotionRow.newsletter_id == newsletter_id)
    return [_promotion(row) for row in session.scalars(query.order_by(PromotionRow.id.desc()).limit(limit))]


def promotion(session: Session, promotion_id: int, *, lock: bool = False) -> Promotion:
    """Returns one promotion; `lock` holds it until the transaction ends. Raises NotFoundError."""
    query = select(PromotionRow).where(PromotionRow.id == promotion_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("promotion", promotion_id)
    return _promotion(row)


def promotions_by_id(session: Session, ids: Iterable[int]) -> dict[int, Promotion]:
    """Returns promotions by id; no query for none."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: _promotion(row) for row in session.scalars(select(PromotionRow).where(PromotionRow.id.in_(wanted)))}


def ends(session: Session, ids: Iterable[int]) -> dict[int, datetime]:
    """Returns when promotions end that do, by id; no query for none."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = select(PromotionRow.id, PromotionRow.ends_at).where(PromotionRow.id.in_(wanted))
    return {id_: at for id_, at in session.execute(query) if at is not None}


def add_promotion(session: Session, newsletter_id: int, form: PromotionForm, *, now: datetime) -> int:
    """Writes a new promotion and returns its id."""
    row = PromotionRow(newsletter_id=newsletter_id, created_at=now, **_columns(form))
    session.add(row)
    session.flush()
    return row.id


def set_promotion(session: Session, promotion_id: int, form: PromotionForm) -> None:
    """Writes a promotion anew; its version rises."""
    _set_promotion(session, promotion_id, **_columns(form))


def set_words(session: Session, promotion_id: int, words: Words) -> None:
    """Writes what readers see of a promotion; its version rises."""
    _set_promotion(session, promotion_id, **asdict(words))


def put_away(session: Session, promotion_id: int, *, is_away: bool) -> None:
    """Puts a promotion away, or takes it out again; its version rises."""
    _set_promotion(session, promotion_id, is_put_away=is_away)


# --- bookings


def bookings(session: Session, newsletter_id: int, *, first: date, last: date) -> list[Booking]:
    """Returns a newsletter's bookings from one date to another, by date and slot; at most 1,000."""
    query = select(BookingRow).join(PromotionSlot, PromotionSlot.id == BookingRow.slot_id)
    mine = PromotionSlot.newsletter_id == newsletter_id, BookingRow.issue_on.between(first, last)
    rows = session.scalars(query.where(*mine).order_by(BookingRow.issue_on, BookingRow.slot_id).limit(1000))
    return [_booking(row) for row in rows]


def bookings_of(session: Session, promotion_id: int) -> list[Booking]:
    """Returns where a promotion is booked, by date; at most 200."""
    query = select(BookingRow).where(BookingRow.promotion_id == promotion_id)
    return [_booking(row) for row in session.scalars(query.order_by(BookingRow.issue_on, BookingRow.id).limit(200))]


def booking(session: Session, booking_id: int, *, lock: bool = False) -> Booking:
    """Returns one booking; `lock` holds it until the transaction ends. Raises NotFoundError."""
    query = select(BookingRow).where(BookingRow.id == booking_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("booking", booking_id)
    return _booking(row)


def bookings_by_id(session: Session, ids: Iterable[int]) -> dict[int, Booking]:
    """Returns bookings by id; no query for none."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: _booking(row) for row in session.scalars(select(BookingRow).where(BookingRow.id.in_(wanted)))}


def booking_in(session: Session, slot_id: int, issue_on: date) -> Booking | None:
    """Returns what is booked in a slot for a date."""
    query = select(BookingRow).where(BookingRow.slot_id == slot_id, BookingRow.issue_on == issue_on)
    row = session.scalars(query).one_or_none()
    return None if row is None else _booking(row)


def address_for(session: Session, promotion_id: int) -> str:
    """Returns where the newest letter about a promotion went; empty where none did."""
    query = select(BookingRow.address).where(BookingRow.promotion_id == promotion_id, BookingRow.address != "")
    return session.scalar(query.order_by(BookingRow.id.desc()).limit(1)) or ""


def add_booking(session: Session, **columns: Any) -> bool:
    """Writes a new booking; False when its slot is taken on that date."""
    return insert_once(session, BookingRow, {"version": 1, "address": "", **columns})


def set_booking(session: Session, booking_id: int, **values: Any) -> None:
    """Writes some of a booking's columns; its version rises."""
    if isinstance(values.get("copy"), Words):
        values["copy"] = asdict(values["copy"])
    values["version"] = BookingRow.version + 1
    session.execute(update(BookingRow).where(BookingRow.id == booking_id).values(**values))


def remove_booking(session: Session, booking_id: int) -> None:
    """Frees the slot; the sponsor's link is dead from now on."""
    session.execute(delete(BookingRow).where(BookingRow.id == booking_id))


# --- what runs


def running(session: Session, slot_ids: Sequence[int], *, issue_on: date, at: datetime) -> dict[int, Running]:
    """Returns what runs in each slot of the issue of a date that leaves at `at`: three queries, none for no slots."""
    if not slot_ids:
        return {}
    found = [_slot(row) for row in session.scalars(select(PromotionSlot).where(PromotionSlot.id.in_(slot_ids)))]
    query = select(BookingRow).where(BookingRow.slot_id.in_(slot_ids), BookingRow.issue_on == issue_on)
    booked = {row.slot_id: _booking(row) for row in session.scalars(query)}
    known = promotions_by_id(
        session,
        [each.promotion_id for each in booked.values()]
        + [each.house_id for each in found if each.house_id is not None],
    )
    return {each.id: _running(each, booked.get(each.id), known, at=at) for each in found}


def _running(slot: Slot, booking: Booking | None, known: dict[int, Promotion], *, at: datetime) -> Running:
    booked = known.get(booking.promotion_id) if booking else None
    house = None if slot.house_id is None else known.get(slot.house_id)
    return Running(slot, due.running(booked, booking, house, at=at), booking)


def _set_promotion(session: Session, promotion_id: int, **values: Any) -> None:
    values["version"] = PromotionRow.version + 1
    session.execute(update(PromotionRow).where(PromotionRow.id == promotion_id).values(**values))


def _columns(form: PromotionForm) -> dict[str, Any]:
    return {
        "kind": form.kind,
        "sponsor": form.sponsor,
        **asdict(form.words),
        "begins_at": form.begins_at,
        "ends_at": form.ends_at,
        "event_at": form.event_at,
        "event_place": form.event_place,
    }


def _slot(row: PromotionSlot) -> Slot:
    return Slot(
        id=row.id,
        newsletter_id=row.newsletter_id,
        name=row.name,
        place=SlotPlace(row.place),
        section_id=row.section_id,
        position=row.position,
        max_title=row.max_title,
        max_text=row.max_text,
        label=row.label,
        lead_hours=row.lead_hours,
        trusts=row.trusts,
        house_id=row.house_id,
        is_put_away=row.is_put_away,
        version=row.version,
    )


def _promotion(row: PromotionRow) -> Promotion:
    return Promotion(
        id=row.id,
        newsletter_id=row.newsletter_id,
        kind=PromotionKind(row.kind),
        sponsor=row.sponsor,
        words=Words(row.title, row.text, row.link, row.image_url, row.image_alt),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        event_at=row.event_at,
        event_place=row.event_place,
        is_put_away=row.is_put_away,
        version=row.version,
    )


def _booking(row: BookingRow) -> Booking:
    return Booking(
        id=row.id,
        slot_id=row.slot_id,
        promotion_id=row.promotion_id,
        issue_on=row.issue_on,
        issue_at=row.issue_at,
        deadline_at=row.deadline_at,
        state=BookingState(row.state),
        copy=None if row.copy is None else words_of(row.copy),
        submitted_at=row.submitted_at,
        approved_at=row.approved_at,
        version=row.version,
        address=row.address,
    )
