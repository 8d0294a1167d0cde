"""Decides how long a mailing can be taken back, and when its holding begins. Pure."""

from datetime import datetime, timedelta

from curator.newsletters.values import NewsletterSpec

LONGEST = timedelta(minutes=60)
"""The longest that a newsletter can ask for; the database holds it to that."""

EARLY = timedelta(seconds=30)
"""How much earlier the holding begins, so that a busy clock and queue do not make the mail late."""


def length(newsletter: NewsletterSpec) -> timedelta:
    """Returns how long a mailing is held; a test is not, since it goes to people at the desk only."""
    return timedelta() if newsletter.is_test_mode else timedelta(minutes=newsletter.hold_minutes)


def begins_at(send_at: datetime, hold: timedelta) -> datetime:
    """Returns when an issue's mailing begins, so that its mail leaves at `send_at`."""
    return send_at - hold - EARLY if hold else send_at


def ends_at(send_at: datetime, hold: timedelta, *, now: datetime) -> datetime | None:
    """Returns until when a mailing that begins now is held, never less than in full; None when it is not held."""
    return max(send_at, now + hold) if hold else None
