"""Carries a booking into the open issue of its date, and looks again at what was approved."""

from datetime import datetime

from curator.db import Database
from curator.issues import board, publish, store
from curator.issues.blocks import store as blocks
from curator.issues.render import Renderer
from curator.issues.values import IssueRow
from curator.newsletters import store as newsletters
from curator.promotions import store as promotions
from curator.promotions.values import Booking, BookingState


def follow(db: Database, renderer: Renderer, booking: Booking, *, by: int | None, now: datetime) -> list[int]:
    """Puts a booking's slot into the open issues of its date that lack it; returns the issues that lost an approval.

    Whoever changes a booking calls it next; when a crash keeps them from it, what was approved is what is sent. Words
    that wait for an editor change no issue, so they take no approval back.
    """
    for issue in _lacking(db, booking):
        if issue.state.is_filling or booking.state is BookingState.APPROVED:
            board.add_slot(db, issue.id, booking.slot_id, by=by, now=now)
    return publish.take_back_changed(db, renderer, by=by, now=now)


def _lacking(db: Database, booking: Booking) -> list[IssueRow]:
    with db.read() as session:
        slot = promotions.slot(session, booking.slot_id)
        zone = newsletters.newsletter(session, slot.newsletter_id).cadence.zone
        return [
            issue
            for issue in store.issue_rows(session, newsletter_id=slot.newsletter_id)
            if issue.state.is_editable
            and store.leaves_on(issue, zone)[1] == booking.issue_on
            and blocks.block_of_promotion(session, issue.id, slot_id=slot.id) is None
        ]
