"""Decides what becomes of one row, from how the person stands in the old tool and how they stand here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from curator.audience import consent
from curator.audience.consent import Effect
from curator.audience.moving.values import Fate, Person, Standing
from curator.audience.values import ConsentStep, SubscriptionRow, SubscriptionState, SuppressionReason

HOW = "import"
"""How a subscription came about that a file made. Only such a one can be ended by another row of a file."""

HOW_ENDED = "import: had left"

REASONS: Mapping[Standing, SuppressionReason] = {
    Standing.BOUNCED: SuppressionReason.BOUNCED,
    Standing.COMPLAINED: SuppressionReason.COMPLAINED,
    Standing.BLOCKED: SuppressionReason.BY_HAND,
    Standing.ERASED: SuppressionReason.ERASED,
}


@dataclass(frozen=True)
class Here:
    """How an address stands here: its subscription to the newsletter, None where there is none."""

    row: SubscriptionRow | None = None
    is_suppressed: bool = False


def fate(person: Person, here: Here, *, asks_anew: bool) -> Fate:
    """Returns what becomes of a row.

    Nobody is brought back: not who is suppressed, not who ended it, not who waits to confirm. What a person said here
    themselves outweighs an old tool's word that they left, unless they left there later.
    """
    match person.standing:
        case Standing.ACTIVE:
            return _of_active(here)
        case Standing.UNCONFIRMED:
            return _of_unconfirmed(here, asks_anew=asks_anew)
        case Standing.ENDED:
            return _of_ended(person.left_at, here)
        case Standing.ASIDE:
            return Fate.ASIDE
        case _:
            return Fate.KNOWN if here.is_suppressed else Fate.KEPT_OUT


def _of_active(here: Here) -> Fate:
    if here.is_suppressed:
        return Fate.NEVER_MAILED
    if here.row is not None and here.row.state is SubscriptionState.ENDED:
        return Fate.LEFT_BEFORE
    moved = consent.outcome(None if here.row is None else here.row.state, ConsentStep.IMPORTED).effect
    return Fate.ADDED if moved is Effect.MOVED else Fate.ALREADY_THERE


def _of_unconfirmed(here: Here, *, asks_anew: bool) -> Fate:
    if here.is_suppressed:
        return Fate.NEVER_MAILED
    if here.row is None:
        return Fate.ASKED if asks_anew else Fate.ASIDE
    return Fate.LEFT_BEFORE if here.row.state is SubscriptionState.ENDED else Fate.ALREADY_THERE


def _of_ended(left_at: datetime | None, here: Here) -> Fate:
    if here.is_suppressed:
        return Fate.KNOWN
    row = here.row
    if row is None:
        return Fate.ENDED
    if row.state is SubscriptionState.ENDED or (row.state is SubscriptionState.PENDING and consent.has_left(row)):
        return Fate.KNOWN
    if row.state is SubscriptionState.PENDING or row.how == HOW:
        return Fate.ENDED
    return Fate.ENDED if left_at is not None and left_at > row.changed_at else Fate.ALREADY_THERE


def after(found: Fate, here: Here, *, newsletter_id: int, now: datetime) -> Here:
    """Returns how the address stands once that was done: the next row about it goes by this."""
    state, how = _BECOMES.get(found, (None, ""))
    if found is Fate.KEPT_OUT:
        return replace(here, is_suppressed=True)
    if state is None:
        return here
    if found is Fate.ENDED and here.row is not None and here.row.state is SubscriptionState.PENDING:
        # The sign-up may still be confirmed by its owner; if it is not, they have left.
        state, how = SubscriptionState.PENDING, consent.SIGN_UP_AFTER_LEAVING
    return replace(here, row=SubscriptionRow(newsletter_id, state, now, how))


_BECOMES: Mapping[Fate, tuple[SubscriptionState, str]] = {
    Fate.ADDED: (SubscriptionState.ACTIVE, HOW),
    Fate.ASKED: (SubscriptionState.PENDING, consent.SIGN_UP),
    Fate.ENDED: (SubscriptionState.ENDED, HOW_ENDED),
}
