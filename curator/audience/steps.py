"""Takes one step of consent within a transaction: the state moves, the record and the log say so."""

from dataclasses import dataclass
from datetime import datetime

from curator.activity.store import record as log
from curator.addresses import address_key
from curator.audience import consent
from curator.audience import store as subscribers
from curator.audience.consent import Effect
from curator.audience.growth import count
from curator.audience.growth.spans import of_step
from curator.audience.record import store as record
from curator.audience.values import ConsentRow, ConsentStep, SubscriptionRow, SubscriptionState
from curator.db import Session
from curator.leavings import note
from curator.webhooks.store import announce
from curator.webhooks.values import Kind

_VERBS = {
    ConsentStep.ASKED: "signed up",
    ConsentStep.CONFIRMED: "confirmed",
    ConsentStep.LEFT: "unsubscribed",
    ConsentStep.RETURNED: "returned",
    ConsentStep.DENIED: "denied",
    ConsentStep.ADDED: "subscribed",
    ConsentStep.IMPORTED: "subscribed",
}

_NEWS = {ConsentStep.CONFIRMED: Kind.SUBSCRIBER_CONFIRMED, ConsentStep.LEFT: Kind.SUBSCRIBER_LEFT}


@dataclass(frozen=True)
class Step:
    """A step with its evidence: `how` is for lists, `place` and `words` for the record, `by` is who did it."""

    step: ConsentStep
    at: datetime
    how: str
    place: str = ""
    words: str = ""
    by: int | None = None


@dataclass(frozen=True)
class Taken:
    """What came of a step, and the subscription after it."""

    effect: Effect
    row: SubscriptionRow | None


def take(session: Session, newsletter_id: int, subscriber_id: int, step: Step) -> Taken:
    """Takes a step if the state machine lets it; what changes nothing writes nothing.

    The subscription may change between look and move only by an import; then it is looked at anew.
    """
    while True:
        seen = record.subscription(session, newsletter_id, subscriber_id)
        outcome = consent.outcome(consent.state_for(step.step, seen, now=step.at), step.step)
        if outcome.effect is not Effect.MOVED or outcome.state is None:
            return Taken(outcome.effect, seen)
        row = SubscriptionRow(newsletter_id, outcome.state, step.at, _how(step, seen))
        if record.move(session, subscriber_id, row, seen=seen):
            _write(session, subscriber_id, row, step, seen=seen)
            return Taken(Effect.MOVED, row)


def _how(step: Step, seen: SubscriptionRow | None) -> str:
    return consent.how_asked(seen) if step.step is ConsentStep.ASKED else step.how[:100]


def _write(
    session: Session, subscriber_id: int, row: SubscriptionRow, step: Step, *, seen: SubscriptionRow | None
) -> None:
    where = step.place or row.how
    record.add(session, ConsentRow(row.newsletter_id, step.step, step.at, where, step.words), [subscriber_id])
    log(
        session,
        at=step.at,
        actor=step.by,
        verb=_VERBS[step.step],
        subject="subscriber",
        subject_id=subscriber_id,
        before={"state": None if seen is None else seen.state.value},
        after={"newsletter": row.newsletter_id, "how": row.how},
    )
    is_by_desk = step.step is not ConsentStep.DENIED and not consent.is_own_way(row.how)
    what = of_step(None if seen is None else seen.state, step.step, row.state, is_by_desk=is_by_desk)
    if what is not None:
        count.step(session, row.newsletter_id, subscriber_id, what, at=step.at)
    if row.state is SubscriptionState.ENDED:
        note.left(session, row.newsletter_id, [subscriber_id], how=row.how, at=step.at)
    elif row.state is SubscriptionState.ACTIVE and consent.has_left(seen):
        note.returned(session, row.newsletter_id, subscriber_id, at=step.at)
    if (kind := _NEWS.get(step.step)) is not None:
        _announce(session, kind, subscriber_id, row)


def _announce(session: Session, kind: Kind, subscriber_id: int, row: SubscriptionRow) -> None:
    address = subscribers.addresses(session, [subscriber_id]).get(subscriber_id, "")
    announce(
        session,
        kind,
        {"subscriber_id": subscriber_id, "how": row.how},
        now=row.changed_at,
        newsletter_id=row.newsletter_id,
        personal={"address": address},
        address_key=address_key(address) if address else None,
    )
