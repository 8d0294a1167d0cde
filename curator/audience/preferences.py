"""A reader's own page: shows what they get under which name, and takes what they want instead."""

from collections.abc import Collection, Mapping
from datetime import datetime

from curator.activity.store import record as log
from curator.audience import consent, store
from curator.audience.asking import ask
from curator.audience.consent import Effect
from curator.audience.joining import store as joining
from curator.audience.joining.names import is_advertisement
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.suppressed import store as suppressed
from curator.audience.values import Choice, ConsentStep, Manner, Preferences, Reader, SubscriptionState, Ticked
from curator.db import Database, Session
from curator.names import cleaned_name
from curator.newsletters import store as newsletters


def read(db: Database, subscriber_id: int) -> Preferences | None:
    """Returns what a reader gets, of all newsletters by name; None when they are gone."""
    with db.read() as session:
        seen = store.subscriber_row(session, None, subscriber_id)
        if seen is None:
            return None
        states = {row.newsletter_id: row.state for row in record.subscriptions(session, subscriber_id)}
        manners, chosen = record.manners(session, subscriber_id), joining.chosen(session, subscriber_id)
        specs = newsletters.newsletters(session)
        offered = joining.interests(session, [spec.id for spec in specs])
        choices = tuple(
            Choice(
                spec,
                states.get(spec.id),
                manners.get(spec.id, Manner()),
                offered[spec.id],
                frozenset(each.id for each in offered[spec.id] if each.id in chosen),
            )
            for spec in specs
        )
        return Preferences(seen.address, seen.name, choices, seen.suppression)


def save(
    db: Database,
    subscriber_id: int,
    *,
    name: str | None,
    ticked: Collection[int],
    shown_ticked: Collection[int],
    place: str,
    words: Mapping[int, str],
    now: datetime,
) -> set[Ticked]:
    """Makes a reader's newsletters and name what they chose; returns what came of the boxes that they ticked.

    Only what they changed is changed: a box that they were shown ticked and unticked is left, one that they ticked
    comes back if they got it before, else a letter asks the mailbox. `words` has the sentence beside each box; a
    newsletter without one is passed over. None for the name leaves it as it is.
    Nothing is taken up for an address that must not be mailed.
    """
    with db.write() as session:
        reader = record.hold(session, subscriber_id)
        if reader is None:
            return set()
        if name is not None and not is_advertisement(name):
            _rename(session, subscriber_id, cleaned_name(name), now=now)
        # A form may name any number of keys, and each costs queries under the write lock: only what is there counts.
        for newsletter_id in sorted((set(shown_ticked) - set(ticked)) & set(words)):
            _leave(session, newsletter_id, subscriber_id, place=place, words=words[newsletter_id], now=now)
        if suppressed.why(session, reader.address_key) is not None:
            return set()
        return {
            _take_up(session, newsletter_id, reader, place=place, words=words[newsletter_id], now=now)
            for newsletter_id in sorted((set(ticked) - set(shown_ticked)) & set(words))
        }


def leave_all(db: Database, subscriber_id: int, *, place: str, words: str, now: datetime) -> int:
    """Ends every subscription of a reader and returns how many it ended."""
    with db.write() as session:
        record.hold(session, subscriber_id)
        rows = record.subscriptions(session, subscriber_id)
        return sum(_leave(session, row.newsletter_id, subscriber_id, place=place, words=words, now=now) for row in rows)


def _leave(session: Session, newsletter_id: int, subscriber_id: int, *, place: str, words: str, now: datetime) -> bool:
    step = Step(ConsentStep.LEFT, now, consent.PREFERENCES, place=place, words=words)
    return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def _take_up(session: Session, newsletter_id: int, reader: Reader, *, place: str, words: str, now: datetime) -> Ticked:
    """Brings back at once what this reader got before; whatever is new to them, the mailbox is asked about.

    Mails are passed on with their links, so the link alone does not say that the mailbox's owner wants more.
    """
    row = record.subscription(session, newsletter_id, reader.id)
    if row is not None and row.state is SubscriptionState.ACTIVE:
        return Ticked.BACK
    steps = [each.step for each in record.newest(session, reader.id, newsletter_id)]
    if consent.has_got_it(row, steps):
        step = Step(ConsentStep.RETURNED, now, consent.PREFERENCES, place=place, words=words)
        take(session, newsletter_id, reader.id, step)
        return Ticked.BACK
    if record.was_denied_since(session, reader.id, now - consent.DENIAL_HOLDS):
        return Ticked.UNSENT
    is_sent = ask(session, newsletter_id, reader, place=place, words=words, now=now)
    return Ticked.ASKED if is_sent else Ticked.UNSENT


def _rename(session: Session, subscriber_id: int, name: str, *, now: datetime) -> None:
    if record.rename(session, subscriber_id, name):
        log(session, at=now, actor=None, verb="renamed", subject="subscriber", subject_id=subscriber_id)
