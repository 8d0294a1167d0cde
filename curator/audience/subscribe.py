"""Takes people in and lets them go: by hand, by their own link; and keeps addresses from ever being mailed."""

from datetime import datetime

from curator.activity.store import record as log
from curator.addresses import checked_address
from curator.audience import consent, store
from curator.audience.consent import Effect
from curator.audience.growth import count as growth
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.suppressed import store as suppressed
from curator.audience.values import ConsentStep, SuppressionReason
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.names import cleaned_name, one_line
from curator.newsletters import store as newsletters
from curator.webhooks.store import announce
from curator.webhooks.values import Kind

ADDED_BECAUSE = "Whoever added them by hand says that they asked for it."
_ERASED = "Whoever has this address had it erased here."


def add(
    db: Database,
    newsletter_id: int,
    address: str,
    *,
    now: datetime,
    name: str = "",
    how: str = "by hand",
    by: int | None = None,
    words: str = ADDED_BECAUSE,
    step: ConsentStep = ConsentStep.ADDED,
) -> int:
    """Subscribes one person who asked for it and returns their subscriber id; a second call changes nothing.

    A program takes the step IMPORTED, which says less: somebody who left is StateError then, as in a file.

    Somebody who left is subscribed again: whoever adds them by hand says that they asked, and the record keeps that
    (`words`). A name is filled in where there was none. A suppressed address and one that is no address are
    InvalidError("address").
    """
    checked = checked_address(address)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        reason = suppressed.why(session, checked.key)
        if reason is SuppressionReason.ERASED:
            raise InvalidError("address", f"{_ERASED} They are taken in again when they sign up and confirm it.")
        if reason is not None:
            raise InvalidError(
                "address", f"This address must not be mailed (suppressed: {reason}). Lift its suppression first."
            )
        people = {checked.key: (checked, cleaned_name(name))}
        subscriber_id = store.ensure_subscribers(session, people, at=now, source=how[:100])[checked.key]
        record.hold(session, subscriber_id)
        taken = take(session, newsletter_id, subscriber_id, Step(step, now, how, words=words, by=by))
        if taken.effect is Effect.REFUSED:
            raise StateError("They left this newsletter. Let them sign up again: without a basis they are asked.")
    return subscriber_id


def rename(db: Database, subscriber_id: int, name: str, *, now: datetime, by: int | None) -> None:
    """Gives a reader another name. Raises NotFoundError."""
    with db.write() as session:
        if record.hold(session, subscriber_id) is None:
            raise NotFoundError("subscriber", subscriber_id)
        if record.rename(session, subscriber_id, cleaned_name(name)):
            log(session, at=now, actor=by, verb="renamed", subject="subscriber", subject_id=subscriber_id)


def unsubscribe(
    db: Database,
    newsletter_id: int,
    subscriber_id: int,
    *,
    now: datetime,
    how: str,
    by: int | None = None,
    place: str = "",
    words: str = "",
) -> bool:
    """Ends a subscription and returns whether it did: one that has ended, and one that never was, stay as they are.

    `how` is one of consent's own ways (LINK, ONE_CLICK, PREFERENCES, MAIL) when the reader did it, or says who else.
    """
    with db.write() as session:
        record.hold(session, subscriber_id)
        step = Step(ConsentStep.LEFT, now, how, place=place, words=words, by=by)
        return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def may_undo(db: Database, newsletter_id: int, subscriber_id: int, *, now: datetime) -> bool:
    """Tells whether `undo_unsubscribe` would bring the subscription back."""
    with db.read() as session:
        return _may_undo(session, newsletter_id, subscriber_id, now=now)


def undo_unsubscribe(
    db: Database, newsletter_id: int, subscriber_id: int, *, now: datetime, place: str = "", words: str = ""
) -> bool:
    """Takes a reader's own leaving of the last 30 days back and returns whether it did; a second call does nothing.

    Whoever denied the sign-up, never confirmed it, was taken out at the desk or must not be mailed stays out.
    """
    with db.write() as session:
        record.hold(session, subscriber_id)
        if not _may_undo(session, newsletter_id, subscriber_id, now=now):
            return False
        step = Step(ConsentStep.RETURNED, now, "returned", place=place, words=words)
        return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def _may_undo(session: Session, newsletter_id: int, subscriber_id: int, *, now: datetime) -> bool:
    seen = store.subscriber_row(session, newsletter_id, subscriber_id)
    if seen is None or seen.suppression is not None:
        return False
    steps = [row.step for row in record.newest(session, subscriber_id, newsletter_id)]
    return consent.may_return(record.subscription(session, newsletter_id, subscriber_id), steps, now=now)


def suppress(
    db: Database,
    address: str,
    reason: SuppressionReason,
    *,
    now: datetime,
    note: str = "",
    by: int | None = None,
) -> None:
    """Keeps an address from ever being mailed, whether or not anybody subscribed with it.

    Subscriptions stay as they are, so that lifting the suppression gives them back. An address that is suppressed
    keeps its reason unless the new one outweighs it.
    """
    key = checked_address(address).key
    said = one_line(note, max_characters=300)
    with db.write() as session:
        before = None
        if not suppressed.add(session, key, reason, note=said, at=now):
            before = suppressed.why(session, key, for_change=True)
            if before is not None and not reason.outweighs(before):
                return
            suppressed.put(session, key, reason, note=said, at=now)
        log(
            session,
            at=now,
            actor=by,
            verb="suppressed",
            subject="subscriber",
            subject_id=store.subscriber_id(session, key) or 0,
            before={"reason": None if before is None else before.value},
            after={"reason": reason.value},
        )
        growth.suppressed(session, key, reason, was=before, at=now)
        told = {"subscriber_id": store.subscriber_id(session, key), "reason": reason.value}
        announce(session, Kind.SUBSCRIBER_SUPPRESSED, told, now=now, personal={"address": key}, address_key=key)


def unsuppress(db: Database, address: str, *, now: datetime, by: int | None = None) -> None:
    """Lets an address be mailed again; one that is not suppressed is left as it is.

    One that was erased is InvalidError("address"): its owner alone comes back, by signing up.
    """
    key = checked_address(address).key
    with db.write() as session:
        if suppressed.why(session, key) is SuppressionReason.ERASED:
            raise InvalidError("address", f"{_ERASED} Only they can change that, by signing up again.")
        reason = suppressed.drop(session, key, at=now)
        if reason is not None:
            log(
                session,
                at=now,
                actor=by,
                verb="unsuppressed",
                subject="subscriber",
                subject_id=store.subscriber_id(session, key) or 0,
                before={"reason": reason.value},
            )
            growth.lifted(session, key, at=now)
