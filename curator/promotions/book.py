"""Books promotions into issues, takes the sponsors' words, and lets editors approve them.

A booking goes by the issue's date, not by the issue: it may be made long before there is one. The promotion keeps the
words that were approved; what a sponsor sends stands in the booking until somebody approves it, or the slot trusts it.
"""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from curator.activity import store as activity
from curator.addresses import Address, checked_address
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.languages import msgid
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.newsletters import store as newsletters
from curator.newsletters.values import Cadence
from curator.promotions import due, limits, store
from curator.promotions.values import Booking, BookingState, Promotion, Slot, Words
from curator.webhooks.store import announce
from curator.webhooks.values import Kind

SUBJECT = "booking"
"""What the audit log calls it."""


def book(db: Database, slot_id: int, issue_on: date, promotion_id: int, *, by: int | None, now: datetime) -> Booking:
    """Books a promotion into a slot of the issue of a date and returns the booking; twice is once.

    One that has words is approved at once, for an editor wrote or approved them; else its sponsor is asked, by letter
    where an earlier booking knows the address. Raises StateError for a slot that is taken, a date that is over, or a
    promotion that may not be seen then, and InvalidError for words that the slot has no room for.
    """
    with db.write() as session:
        slot, promotion = store.slot(session, slot_id, lock=True), store.promotion(session, promotion_id)
        cadence = newsletters.newsletter(session, slot.newsletter_id).cadence
        issue_at = _leaves_at(issue_on, cadence, now=now)
        taken = store.booking_in(session, slot_id, issue_on)
        if taken is not None and taken.promotion_id == promotion_id:
            return taken
        if taken is not None:
            raise StateError(f"{slot.name} is booked already for the issue of {in_words(issue_on)}. Free it first.")
        _require_fit(slot, promotion, issue_on, issue_at, zone=cadence.zone, now=now)
        is_ready = not promotion.words.is_empty
        store.add_booking(
            session,
            slot_id=slot_id,
            promotion_id=promotion_id,
            issue_on=issue_on,
            issue_at=issue_at,
            deadline_at=issue_at - timedelta(hours=slot.lead_hours),
            state=BookingState.APPROVED if is_ready else BookingState.ASKED,
            approved_by=by if is_ready else None,
            approved_at=now if is_ready else None,
            created_at=now,
        )
        booking = store.booking_in(session, slot_id, issue_on)
        assert booking is not None
        write_down(session, "booked", booking.id, by=by, now=now, after=kept(booking))
        told = {"booking_id": booking.id, "slot_id": slot_id, "promotion_id": promotion_id}
        told_on = {"issue_on": issue_on.isoformat()}
        announce(session, Kind.PROMOTION_BOOKED, told | told_on, now=now, newsletter_id=slot.newsletter_id)
        address = "" if is_ready else store.address_for(session, promotion_id)
        if not address:
            return booking
        store.set_booking(session, booking.id, address=address)
        _write_to_sponsor(session, booking, checked_address(address), now=now)
        return store.booking(session, booking.id)


def ask(db: Database, booking_id: int, address: str, *, by: int | None, now: datetime) -> Booking:
    """Writes the sponsor a letter with the link, the deadline and the limits, and keeps the address for the next one.

    The link is signed when the letter leaves. Each call writes one letter; whoever calls it counts. Raises
    InvalidError("address"), and StateError once the issue has left.
    """
    checked = checked_address(address)
    with db.write() as session:
        booking = store.booking(session, booking_id, lock=True)
        if now >= booking.issue_at:
            raise StateError("This issue has left, so its sponsor can write nothing any more.")
        store.set_booking(session, booking_id, address=checked.address)
        _write_to_sponsor(session, booking, checked, now=now)
        write_down(session, "wrote to the sponsor of", booking_id, by=by, now=now)
        return store.booking(session, booking_id)


def _write_to_sponsor(session: Session, booking: Booking, to: Address, *, now: datetime) -> None:
    slot = store.slot(session, booking.slot_id)
    letter = NewLetter(
        kind=LetterKind.SPONSOR_ASKED,
        address=to.address,
        address_key=to.key,
        name=store.promotion(session, booking.promotion_id).sponsor,
        payload={"booking_id": booking.id},
        key=f"sponsor:{booking.id}:{now.timestamp():.6f}",
        newsletter_id=slot.newsletter_id,
    )
    letters.write(session, letter, now=now)


def free(db: Database, booking_id: int, *, by: int | None, now: datetime) -> Booking:
    """Takes a booking out of the calendar and returns what it was; its sponsor's link stops working."""
    with db.write() as session:
        was = store.booking(session, booking_id, lock=True)
        store.remove_booking(session, booking_id)
        write_down(session, "freed", booking_id, by=by, now=now, before=kept(was))
        return was


def submit(db: Database, booking_id: int, words: Words, *, now: datetime) -> Booking:
    """Takes the words that a sponsor sent and returns the booking as it is then.

    In time they wait for an editor, or run at once where the slot trusts them; after the deadline they are kept as late
    and wait in any case. Raises InvalidError for words over the slot's limits and StateError once the issue has left.
    """
    with db.write() as session:
        booking = store.booking(session, booking_id, lock=True)
        if now >= booking.issue_at:
            raise StateError(msgid("This issue has left, so its words cannot be changed any more."))
        slot = store.slot(session, booking.slot_id)
        fit = limits.fitting(words, slot)
        if fit == latest_words(booking, store.promotion(session, booking.promotion_id)):
            return booking
        is_late = now > booking.deadline_at
        if slot.trusts and not is_late:
            store.set_words(session, booking.promotion_id, fit)
            state: dict[str, Any] = {
                "state": BookingState.APPROVED,
                "copy": None,
                "approved_by": None,
                "approved_at": now,
            }
        else:
            state = {"state": BookingState.LATE if is_late else BookingState.SUBMITTED, "copy": fit}
        store.set_booking(session, booking_id, submitted_at=now, **state)
        write_down(session, "sent words for", booking_id, by=None, now=now, after={"is_late": is_late})
        return store.booking(session, booking_id)


def approve(db: Database, booking_id: int, *, by: int | None, now: datetime, seen: int | None = None) -> Booking:
    """Lets the words that a sponsor sent run in this slot; without newer ones, those that the promotion has.

    `seen` is the version of the booking that the editor looked at: StateError when the sponsor has sent others since.
    Whoever calls it looks next whether an approved issue says something else by now.
    """
    with db.write() as session:
        was = store.booking(session, booking_id, lock=True)
        if was.state is BookingState.APPROVED:
            return was
        if seen is not None and seen != was.version:
            raise StateError("The sponsor sent other words since you looked. Read them, then approve those.")
        promotion = store.promotion(session, was.promotion_id, lock=True)
        words = was.copy or promotion.words
        if words.is_empty:
            raise StateError("There are no words to approve yet: the sponsor has sent none.")
        limits.fitting(words, store.slot(session, was.slot_id))
        store.set_words(session, promotion.id, words)
        store.set_booking(session, booking_id, state=BookingState.APPROVED, copy=None, approved_by=by, approved_at=now)
        before = kept(was) | {"words": asdict(promotion.words)}
        write_down(session, "approved", booking_id, by=by, now=now, before=before, after={"words": asdict(words)})
        return store.booking(session, booking_id)


def latest_words(booking: Booking, promotion: Promotion) -> Words:
    """Returns the newest words of a booking: the sponsor's that wait, else those that run."""
    return booking.copy or promotion.words


def moment_of(issue_on: date, cadence: Cadence) -> datetime:
    """Returns when the issue of a date is to leave, by the newsletter's clock."""
    return datetime.combine(issue_on, cadence.at, ZoneInfo(cadence.zone)).astimezone(UTC)


def _leaves_at(issue_on: date, cadence: Cadence, *, now: datetime) -> datetime:
    """Returns the issue's moment; of one that is put together later on its own day, the end of that day."""
    at = moment_of(issue_on, cadence)
    return at if at > now else moment_of(issue_on + timedelta(days=1), replace(cadence, at=time()))


def in_words(on: date) -> str:
    """Returns a date in words: "1 December 2026"."""
    return f"{on.day} {on:%B %Y}"


def kept(booking: Booking) -> dict[str, Any]:
    """Returns a booking as the audit log keeps it."""
    moments = ("issue_at", "deadline_at", "submitted_at", "approved_at")
    told = {name: None if (at := getattr(booking, name)) is None else at.isoformat() for name in moments}
    return {
        "slot": booking.slot_id,
        "promotion": booking.promotion_id,
        "issue_on": booking.issue_on.isoformat(),
        "state": booking.state.value,
        "copy": None if booking.copy is None else asdict(booking.copy),
        **told,
    }


def _require_fit(
    slot: Slot, promotion: Promotion, issue_on: date, issue_at: datetime, *, zone: str, now: datetime
) -> None:
    if promotion.newsletter_id != slot.newsletter_id:
        raise InvalidError("promotion", "That promotion belongs to another newsletter.")
    if issue_on < now.astimezone(ZoneInfo(zone)).date():
        raise StateError("That date is over; choose a coming issue.")
    if promotion.is_put_away or slot.is_put_away:
        raise StateError("It was put away; take it out again first.")
    if due.has_ended(promotion, at=issue_at) or due.is_ahead(promotion, at=issue_at):
        raise StateError(f"“{promotion.name}” may not be seen on {in_words(issue_on)}: that lies outside its dates.")
    if not promotion.words.is_empty:
        limits.fitting(promotion.words, slot)


def write_down(
    session: Session,
    verb: str,
    booking_id: int,
    *,
    by: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Writes what was done to a booking down."""
    activity.record(
        session, at=now, actor=by, verb=verb, subject=SUBJECT, subject_id=booking_id, before=before, after=after
    )
