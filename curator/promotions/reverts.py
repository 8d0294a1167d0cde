"""The opposites of what editors do with promotions, slots and bookings."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.promotions import book, edit, store
from curator.promotions.values import PromotionForm, PromotionKind, SlotForm, SlotPlace, words_of


def unwrite_promotion(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Puts a new promotion away: it may be booked by now, and is to be found where it was."""
    edit.put_away_promotion(db, change.subject_id, is_away=True, by=by, now=now)
    return "The promotion is put away."


def take_out_promotion(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Takes a promotion out again."""
    edit.put_away_promotion(db, change.subject_id, is_away=False, by=by, now=now)
    return "The promotion can run again."


def restore_promotion(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Gives a promotion the words and dates that it had before."""
    with db.read() as session:
        version = store.promotion(session, change.subject_id).version
    form = _promotion(_before(change))
    edit.change_promotion(db, change.subject_id, form, expected_version=version, by=by, now=now)
    return "The promotion is as it was before."


def unmake_slot(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Puts a new slot away."""
    edit.put_away_slot(db, change.subject_id, is_away=True, by=by, now=now)
    return "The slot is put away."


def take_out_slot(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Takes a slot back into the issues to come."""
    edit.put_away_slot(db, change.subject_id, is_away=False, by=by, now=now)
    return "The slot stands in coming issues again."


def restore_slot(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Gives a slot the limits and place that it had before."""
    with db.read() as session:
        version = store.slot(session, change.subject_id).version
    was = dict(_before(change))
    form = SlotForm(**{**was, "place": SlotPlace(was["place"])})
    edit.change_slot(db, change.subject_id, form, expected_version=version, by=by, now=now)
    return "The slot is as it was before."


def unbook(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Frees the slot; nothing happens where it is free already."""
    try:
        book.free(db, change.subject_id, by=by, now=now)
    except NotFoundError:
        return "The slot is free already."
    return "The slot is free again."


def book_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Puts a booking back under its own number, so that its sponsor's link works again."""
    was = _before(change)
    with db.write() as session:
        columns = _booking_columns(was)
        there = store.booking_in(session, columns["slot_id"], columns["issue_on"])
        if there is not None and there.id != change.subject_id:
            raise StateError("Something else is booked there by now.")
        if there is None:
            store.add_booking(session, id=change.subject_id, created_at=now, approved_by=by, **columns)
            book.write_down(session, "booked", change.subject_id, by=by, now=now, after=dict(was))
    return "It is booked again."


def unapprove(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Takes an approval of a sponsor's words back: what ran before runs, and the words wait as they did."""
    was = _before(change)
    with db.write() as session:
        booking = store.booking(session, change.subject_id, lock=True)
        columns = {name: value for name, value in _booking_columns(was).items() if name in _STATE}
        store.set_words(session, booking.promotion_id, words_of(was["words"]))
        store.set_booking(session, booking.id, **columns)
        book.write_down(session, "took back the approval of", booking.id, by=by, now=now, before=book.kept(booking))
    return "The sponsor’s words wait for an approval again."


_STATE = ("state", "copy", "submitted_at", "approved_at")

REVERTS: dict[str, Revert] = {
    "promotion.wrote": unwrite_promotion,
    "promotion.changed": restore_promotion,
    "promotion.put away": take_out_promotion,
    "promotion.took out": unwrite_promotion,
    "promotion slot.made": unmake_slot,
    "promotion slot.changed": restore_slot,
    "promotion slot.put away": take_out_slot,
    "promotion slot.took out": unmake_slot,
    "booking.booked": unbook,
    "booking.freed": book_again,
    "booking.approved": unapprove,
}
"""By subject and verb."""


def _before(change: ActivityRow) -> Mapping[str, Any]:
    if change.before is None:
        raise StateError("It was not written down how this was before.")
    return change.before


def _promotion(was: Mapping[str, Any]) -> PromotionForm:
    return PromotionForm(
        kind=PromotionKind(was["kind"]),
        sponsor=was["sponsor"],
        words=words_of(was["words"]),
        begins_at=_moment(was["begins_at"]),
        ends_at=_moment(was["ends_at"]),
        event_at=_moment(was["event_at"]),
        event_place=was["event_place"],
    )


def _booking_columns(was: Mapping[str, Any]) -> dict[str, Any]:
    copy = was["copy"]
    moments = {name: _moment(was[name]) for name in ("issue_at", "deadline_at", "submitted_at", "approved_at")}
    return {
        "slot_id": was["slot"],
        "promotion_id": was["promotion"],
        "issue_on": date.fromisoformat(was["issue_on"]),
        "state": was["state"],
        "copy": None if copy is None else asdict(words_of(copy)),
        **moments,
    }


def _moment(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
