"""Counts who comes and leaves, within the transaction in which they do; and why, where readers say it."""

import re
from datetime import datetime, timedelta

from curator.audience.growth import store
from curator.audience.growth.spans import of_suppression
from curator.audience.growth.values import REASONS, Change
from curator.audience.record import store as record
from curator.audience.values import ConsentStep, SuppressionReason
from curator.db import Database, Session
from curator.errors import InvalidError

# As `web/public/sign_up.py` writes it down.
_ISSUE_PAGE = re.compile(r"/n/[^/]+/issues/([1-9][0-9]{0,8})")
SAY_WHY_WITHIN = timedelta(days=1)
"""For so long after leaving a reason is taken: the page stays open for a while, and no link counts years later."""


def step(session: Session, newsletter_id: int, subscriber_id: int, what: Change, *, at: datetime) -> None:
    """Counts one who came or left; one who is suppressed left before and does not count twice."""
    if what is not Change.NEVER_CONFIRMED and store.is_kept_out(session, subscriber_id):
        return
    store.add(session, newsletter_id, {what: 1}, at=at)


def suppressed(
    session: Session, address_key: str, reason: SuppressionReason, *, was: SuppressionReason | None, at: datetime
) -> None:
    """Counts that an address is never mailed from now on, for each newsletter it gets; a graver reason is no news."""
    if was is None:
        for newsletter_id in store.active_in(session, address_key):
            store.add(session, newsletter_id, {of_suppression(reason): 1}, at=at)


def lifted(session: Session, address_key: str, *, at: datetime) -> None:
    """Counts that an address may be mailed again."""
    for newsletter_id in store.active_in(session, address_key):
        store.add(session, newsletter_id, {Change.LIFTED: 1}, at=at)


def confirmed(session: Session, newsletter_id: int, subscriber_id: int) -> None:
    """Counts one who has confirmed a sign-up for the issue on whose page they asked for it, if it was one."""
    asked = record.newest(session, subscriber_id, newsletter_id, step=ConsentStep.ASKED, limit=1)
    found = _ISSUE_PAGE.fullmatch(asked[0].place) if asked else None
    if found is not None:
        store.add_from_issue(session, newsletter_id, int(found.group(1)))


def may_say_why(db: Database, newsletter_id: int, subscriber_id: int, *, now: datetime) -> bool:
    """Tells whether `say_why` would count a reason."""
    with db.read() as session:
        return store.may_say_why(session, newsletter_id, subscriber_id, at=now, within=SAY_WHY_WITHIN)


def say_why(db: Database, newsletter_id: int, subscriber_id: int, reason: str, *, now: datetime) -> bool:
    """Counts why somebody left, once for each leaving; what this person said is kept nowhere.

    False where they have said it, or left more than a day ago. Raises InvalidError("reason").
    """
    what = next((each for each in REASONS if each.value == reason), None)
    if what is None:
        raise InvalidError("reason", "Choose one of the reasons.")
    with db.write() as session:
        if not store.say_why(session, newsletter_id, subscriber_id, at=now, within=SAY_WHY_WITHIN):
            return False
        store.add(session, newsletter_id, {what: 1}, at=now)
    return True
