"""Finds out whether somebody may approve an issue: who could, and who last changed what it says."""

from collections.abc import Collection
from datetime import datetime

from curator.accounts import store as accounts
from curator.activity import store as activity
from curator.activity.values import ActivityRow, LogFilter
from curator.db import Session
from curator.issues import approvers, store
from curator.issues.values import IssueRow
from curator.newsletters.values import NewsletterSpec
from curator.promotions import store as promotions

# An issue that was approved and unscheduled a hundred times has changes enough to look through.
_CHANGES = 200


def why_not(session: Session, issue: IssueRow, newsletter: NewsletterSpec, *, by: int, now: datetime) -> str:
    """Returns why somebody may not approve the issue, in a sentence; empty when they may."""
    if not newsletter.needs_second_person:
        return ""
    changes = activity.recent(session, limit=_CHANGES, subject="issue", subject_id=issue.id)
    changes = sorted([*changes, *_of_promotions(session, issue, newsletter)], key=lambda each: each.id, reverse=True)
    return approvers.may_approve(
        by,
        approvers=accounts.approvers(session, newsletter.id, now),
        last_editor=approvers.last_editor(changes),
        is_asked=newsletter.needs_second_person,
        names={person.id: person.name for person in accounts.editors(session)},
    )


def _of_promotions(session: Session, issue: IssueRow, newsletter: NewsletterSpec) -> list[ActivityRow]:
    """Returns what was done to the promotions, bookings and slots that make up what the issue says.

    Bookings and what is booked count whenever they were written, for they are meant for this issue. Slots and house
    promotions stand in every issue: of those only what came after the draft.
    """
    board, on = store.board(session, issue.id), store.leaves_on(issue, newsletter.cadence.zone)[1]
    blocks = [block for part in (board.intro, *(section.blocks for section in board.sections)) for block in part]
    slots = {block.slot.id for block in blocks if block.slot}
    shown = {block.promotion.id for block in blocks if block.promotion}
    if not slots and not shown:
        return []
    booked = [each for each in promotions.bookings(session, newsletter.id, first=on, last=on) if each.slot_id in slots]
    meant = {each.promotion_id for each in booked} | {
        block.promotion.id for block in blocks if block.promotion and not block.slot
    }
    things = {"promotion": sorted(shown | meant), "promotion slot": sorted(slots)}
    standing = activity.page(session, only=LogFilter(things=things), limit=_CHANGES)
    found = [each for each in standing if each.at >= issue.created_at or _is_of(each, "promotion", meant)]
    booking_ids = {each.id for each in booked}
    bookings = activity.recent(session, limit=_CHANGES, subject="booking")
    return found + [
        each for each in bookings if _is_of(each, "booking", booking_ids) or _was_booked(each, slots, on.isoformat())
    ]


def _is_of(change: ActivityRow, subject: str, ids: Collection[int]) -> bool:
    return change.subject == subject and change.subject_id in ids


def _was_booked(change: ActivityRow, slots: Collection[int], on: str) -> bool:
    """Tells it of a booking that was freed: its row is gone, and the log alone knows where it stood."""
    return change.was("slot") in slots and change.was("issue_on") == on
