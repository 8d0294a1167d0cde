"""The opposites of what people at the desk do to readers, for the log's Undo. What readers did is theirs to change."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.audience import store, subscribe
from curator.audience.joining import edit
from curator.audience.joining import store as joining
from curator.audience.record import store as record
from curator.audience.values import SubscriberRow, SubscriptionState, SuppressionReason
from curator.db import Database
from curator.errors import StateError


def _taken_out(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_desk(change)
    newsletter_id = change.became("newsletter")
    _require_still(db, change, newsletter_id, SubscriptionState.ACTIVE)
    if change.was("state") == SubscriptionState.PENDING:
        raise StateError("They had signed up themselves and were to confirm it; take them out by hand if they ask.")
    subscribe.unsubscribe(db, newsletter_id, change.subject_id, now=now, how="undone at the desk", by=by)
    return "They are taken out again."


def _taken_in(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_desk(change)
    newsletter_id = change.became("newsletter")
    _require_still(db, change, newsletter_id, SubscriptionState.ENDED)
    if change.was("state") != SubscriptionState.ACTIVE:
        raise StateError("They had not confirmed their sign-up. Ask them to sign up again.")
    reader = _reader(db, change.subject_id)
    how, words = "undone at the desk", "The desk took them out, and took that back."
    subscribe.add(db, newsletter_id, reader.address, now=now, how=how, by=by, words=words)
    return "They get it again."


def _let_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_desk(change)
    reader = _reader(db, change.subject_id)
    if reader.suppression is None or reader.suppression != change.became("reason"):
        raise StateError("Why this address is not mailed has changed since.")
    if change.was("reason") is not None:
        raise StateError(f"This address was not to be mailed before either: {change.was('reason')}.")
    subscribe.unsuppress(db, reader.address, now=now, by=by)
    return "The address may be mailed again."


def _kept_out_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_desk(change)
    reader = _reader(db, change.subject_id)
    subscribe.suppress(db, reader.address, SuppressionReason(change.was("reason")), now=now, by=by)
    return "The address is not mailed any more."


def _require_desk(change: ActivityRow) -> None:
    if change.actor is None:
        raise StateError("The reader did this, or a mail server; it is not the desk's to take back.")


def _require_still(db: Database, change: ActivityRow, newsletter_id: int, state: SubscriptionState) -> None:
    with db.read() as session:
        row = record.subscription(session, newsletter_id, change.subject_id)
    if row is None or (row.state, row.changed_at) != (state, change.at):
        raise StateError("Their subscription has changed since.")


def _reader(db: Database, subscriber_id: int) -> SubscriberRow:
    with db.read() as session:
        row = store.subscriber_row(session, None, subscriber_id)
    if row is None:
        raise StateError("The log keeps no address, so the desk does not know whose it was. Enter it by hand.")
    return row


def _interests_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        stands = joining.interests(session, [change.subject_id])[change.subject_id]
    if [[each.id, each.name] for each in stands] != change.became("interests"):
        raise StateError("The interests were changed again since. Look at them, then set them.")
    gone = change.was("gone") or {}
    if any(readers is None for readers in gone.values()):
        raise StateError("So many readers had chosen what was removed that it was not noted who. Add it by hand.")
    edit.interests_as(db, change.subject_id, change.was("interests"), gone, by=by, now=now)
    return "The interests are as before, with whoever had chosen them."


def _rules_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        stands = joining.rules(session, change.subject_id)
    if edit.facts_of(stands) != dict(change.after or {}):
        raise StateError("The rules of the sign-up were changed again since. Look at them, then set them.")
    edit.change_rules(db, change.subject_id, edit.rules_from(dict(change.before or {})), by=by, now=now)
    return "The sign-up has its rules of before."


REVERTS: dict[str, Revert] = {
    "subscriber.subscribed": _taken_out,
    "subscriber.unsubscribed": _taken_in,
    "subscriber.suppressed": _let_again,
    "subscriber.unsuppressed": _kept_out_again,
    "newsletter.changed the interests of": _interests_as_before,
    "newsletter.changed the sign-up of": _rules_as_before,
}

_THEIRS = "The reader did this; it is theirs to change."

FINAL: dict[str, str] = {
    "subscriber.signed up": _THEIRS,
    "subscriber.confirmed": _THEIRS,
    "subscriber.returned": _THEIRS,
    "subscriber.denied": _THEIRS,
    "subscriber.renamed": _THEIRS,
    "subscriber.paused": _THEIRS,
    "subscriber.ended the pause of": _THEIRS,
    "subscriber.chose what comes to": _THEIRS,
    "subscriber.readdressed": "The reader did this. Their old mailbox can take it back within 7 days.",
    "newsletter.held off a flood of sign-ups to": "It is over by itself; other networks were not held off.",
    "newsletter.exported": "A file that somebody has cannot be taken back.",
    "newsletter.imported": "A file's readers stay: each of them asked. Take out those who did not.",
}
