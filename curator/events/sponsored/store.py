"""Queries on the issues that a promotion ran in, and on the days on which its links were followed."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from curator.events.tables import ClickDay
from curator.events.tally import DayTally
from curator.issues.tables import Block, Issue, Revision
from curator.issues.values import IssueState
from curator.promotions.tables import BookingRow, PromotionSlot

_LEFT = (IssueState.SENDING, IssueState.SENT)


def may_have_run_in(session: Session, promotion_id: int, *, limit: int) -> list[int]:
    """Returns the newest issues that have left in which a promotion may stand: by hand, or in a slot that it runs in.

    What really ran is said by the document that left.
    """
    booked = select(BookingRow.slot_id).where(BookingRow.promotion_id == promotion_id)
    fallen_back = select(PromotionSlot.id).where(PromotionSlot.house_id == promotion_id)
    stands = or_(Block.promotion_id == promotion_id, Block.slot_id.in_(booked), Block.slot_id.in_(fallen_back))
    query = select(Issue.id).where(
        Issue.state.in_(_LEFT), Issue.id.in_(select(Block.issue_id).where(stands, Block.issue_id.is_not(None)))
    )
    return list(session.scalars(query.order_by(Issue.number.desc(), Issue.id.desc()).limit(limit)))


def documents(session: Session, revision_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Returns what these revisions were made of, by revision; one of the first release is left out."""
    query = select(Revision.id, Revision.document).where(Revision.id.in_(revision_ids))
    return {id_: document for id_, document in session.execute(query) if document is not None}


def days(session: Session, mailing_ids: Collection[int]) -> list[tuple[int, int, date, DayTally]]:
    """Returns mailing, link, day and hits of these mailings, by day."""
    rows = session.execute(
        select(ClickDay.mailing_id, ClickDay.link, ClickDay.on, ClickDay.clicks, ClickDay.robot_hits)
        .where(ClickDay.mailing_id.in_(mailing_ids))
        .order_by(ClickDay.on, ClickDay.mailing_id, ClickDay.link)
    )
    return [(mailing, link, on, DayTally(clicks, robots)) for mailing, link, on, clicks, robots in rows]
