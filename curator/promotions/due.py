"""Decides which promotion runs in a slot of an issue that leaves at a moment. Pure."""

from datetime import datetime

from curator.promotions.values import Booking, Promotion


def running(
    booked: Promotion | None, booking: Booking | None, house: Promotion | None, *, at: datetime
) -> Promotion | None:
    """Returns the booked promotion if somebody approved it and it may be seen at `at`, else the house's, else None.

    None whose end has passed is ever returned, and none without words. Newer words that wait for an editor stand in
    the booking, so what was approved before them goes on running.
    """
    is_approved = booking is not None and booking.approved_at is not None
    if booked is not None and is_approved and may_be_seen(booked, at=at):
        return booked
    return house if house is not None and may_be_seen(house, at=at) else None


def may_be_seen(promotion: Promotion, *, at: datetime) -> bool:
    """Tells whether a promotion has words, was not put away, and `at` lies in its dates."""
    if promotion.is_put_away or promotion.words.is_empty:
        return False
    return not is_ahead(promotion, at=at) and not has_ended(promotion, at=at)


def is_ahead(promotion: Promotion, *, at: datetime) -> bool:
    """Tells whether a promotion begins only later."""
    return promotion.begins_at is not None and at < promotion.begins_at


def has_ended(promotion: Promotion, *, at: datetime) -> bool:
    """Tells whether a promotion may not be seen any more: its end itself is too late."""
    return promotion.ends_at is not None and promotion.ends_at <= at
