"""The state machine of consent: where each step leads from each state, what changes nothing and what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from curator.audience.values import ConsentStep, SubscriptionRow, SubscriptionState

# Long enough for a holiday's first week, short enough that an address given by a stranger is not kept for long.
CONFIRM_WITHIN = timedelta(days=7)
# A mailbox emptied once a month still finds its way back; later a reader signs up anew.
UNDO_WITHIN = timedelta(days=30)
# Whoever said "I never signed up" hears nothing for a quarter of a year, however often a stranger gives the address.
DENIAL_HOLDS = timedelta(days=90)

# How a subscription came to be pending: one that had ended before goes back to that when it is not confirmed.
SIGN_UP = "sign-up"
SIGN_UP_AFTER_LEAVING = "sign-up after leaving"
# The ways by which a reader leaves by themselves; only such a leaving can they take back.
LINK, ONE_CLICK, PREFERENCES, MAIL = "link", "one-click", "preferences", "mail"
_OWN_WAYS = (LINK, ONE_CLICK, PREFERENCES, MAIL)

State = SubscriptionState | None


class Effect(StrEnum):
    """What a step does to a subscription. NOTHING: it was so already; REFUSED: the step is not open from there."""

    MOVED = "moved"
    NOTHING = "nothing"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What came of a step, and the state after it; None is no subscription."""

    effect: Effect
    state: State


_PENDING, _ACTIVE, _ENDED = SubscriptionState.PENDING, SubscriptionState.ACTIVE, SubscriptionState.ENDED

# A mail host or a stranger can ask; only whoever holds the mailbox confirms, leaves, returns and denies. An editor who
# adds somebody says that they asked; a file says less, so it takes in only those of whom nothing is known yet.
_MOVES: dict[ConsentStep, dict[State, State]] = {
    ConsentStep.ASKED: {None: _PENDING, _ENDED: _PENDING},
    ConsentStep.CONFIRMED: {_PENDING: _ACTIVE},
    ConsentStep.LEFT: {_PENDING: _ENDED, _ACTIVE: _ENDED},
    ConsentStep.RETURNED: {_ENDED: _ACTIVE},
    ConsentStep.DENIED: {_PENDING: _ENDED, _ACTIVE: _ENDED},
    ConsentStep.ADDED: {None: _ACTIVE, _PENDING: _ACTIVE, _ENDED: _ACTIVE},
    ConsentStep.IMPORTED: {None: _ACTIVE},
}
_MAKES_ACTIVE = tuple(step for step, moves in _MOVES.items() if _ACTIVE in moves.values())
_REFUSED: dict[ConsentStep, tuple[State, ...]] = {
    ConsentStep.CONFIRMED: (None, _ENDED),
    ConsentStep.RETURNED: (None, _PENDING),
    ConsentStep.IMPORTED: (_ENDED,),
}


def outcome(state: State, step: ConsentStep) -> Outcome:
    """Returns what a step does to a subscription in this state; a step taken twice does nothing the second time.

    What changes only how a newsletter comes (a pause, another address) moves no state.
    """
    if state in _REFUSED.get(step, ()):
        return Outcome(Effect.REFUSED, state)
    moves = _MOVES.get(step, {})
    return Outcome(Effect.MOVED, moves[state]) if state in moves else Outcome(Effect.NOTHING, state)


def is_overdue(asked_at: datetime, *, now: datetime) -> bool:
    """Tells whether a sign-up waited too long for its confirmation."""
    return now - asked_at > CONFIRM_WITHIN


def state_for(step: ConsentStep, row: SubscriptionRow | None, *, now: datetime) -> State:
    """Returns the state that a step finds: a sign-up not confirmed in time counts as what was before it.

    Whoever ends it finds it all the same: a late "I never signed up" must hold.
    """
    if row is None:
        return None
    is_late = row.state is SubscriptionState.PENDING and is_overdue(row.changed_at, now=now)
    if not is_late or step in (ConsentStep.LEFT, ConsentStep.DENIED):
        return row.state
    return SubscriptionState.ENDED if has_left(row) else None


def has_left(row: SubscriptionRow | None) -> bool:
    """Tells whether somebody has ended this subscription since it was last active."""
    return row is not None and (row.state is SubscriptionState.ENDED or row.how == SIGN_UP_AFTER_LEAVING)


def how_asked(row: SubscriptionRow | None) -> str:
    """Returns how a subscription came to be pending, when a sign-up finds it like this."""
    return SIGN_UP_AFTER_LEAVING if has_left(row) else SIGN_UP


def is_own_way(how: str) -> bool:
    """Tells whether a reader who left in this way did so by themselves."""
    return how in _OWN_WAYS


def may_return(row: SubscriptionRow | None, steps: Sequence[ConsentStep], *, now: datetime) -> bool:
    """Tells whether a reader may take their leaving back by its link: only one of late (see `has_got_it`)."""
    return row is not None and has_got_it(row, steps) and now - row.changed_at <= UNDO_WITHIN


def has_got_it(row: SubscriptionRow | None, steps: Sequence[ConsentStep]) -> bool:
    """Tells whether a reader left this newsletter by themselves, and got it until then.

    `steps` are the newest of the record, newest first; one that was never confirmed or was denied is not. A record
    that begins with the leaving is of somebody who was active before records were kept.
    """
    if row is None or row.state is not SubscriptionState.ENDED or row.how not in _OWN_WAYS:
        return False
    return bool(steps) and steps[0] is ConsentStep.LEFT and (len(steps) == 1 or steps[1] in _MAKES_ACTIVE)
