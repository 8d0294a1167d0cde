"""A reader's own page: shows what they get under which name, and takes what they want instead."""

from collections.abc import Collection, Mapping
from datetime import datetime

from curator.activity.store import record as log
from curator.audience import consent, store
from curator.audience.consent import Effect
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.values import Choice, ConsentStep, Preferences
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
        choices = tuple(Choice(spec, states.get(spec.id)) for spec in newsletters.newsletters(session))
        return Preferences(seen.address, seen.name, choices, seen.suppression)


def save(
    db: Database,
    subscriber_id: int,
    *,
    name: str,
    ticked: Collection[int],
    shown_ticked: Collection[int],
    place: str,
    words: Mapping[int, str],
    now: datetime,
) -> bool:
    """Makes a reader's newsletters and name what they chose; False when they are gone.

    Only what they changed is changed: a box that they were shown ticked and unticked is left, one that they ticked is
    confirmed, because whoever holds the signed link holds the mailbox. `words` has the sentence beside each box.
    Nothing is taken up for an address that must not be mailed.
    """
    with db.write() as session:
        reader = record.hold(session, subscriber_id)
        if reader is None:
            return False
        _rename(session, subscriber_id, cleaned_name(name), now=now)
        for newsletter_id in sorted(set(shown_ticked) - set(ticked)):
            said = words.get(newsletter_id, "")
            _leave(session, newsletter_id, subscriber_id, place=place, words=said, now=now)
        if store.suppression_reason(session, reader.address_key) is not None:
            return True
        for newsletter_id in sorted((set(ticked) - set(shown_ticked)) & set(words)):
            _take_up(session, newsletter_id, subscriber_id, place=place, words=words[newsletter_id], now=now)
    return True


def leave_all(db: Database, subscriber_id: int, *, place: str, words: str, now: datetime) -> int:
    """Ends every subscription of a reader and returns how many it ended."""
    with db.write() as session:
        record.hold(session, subscriber_id)
        rows = record.subscriptions(session, subscriber_id)
        return sum(_leave(session, row.newsletter_id, subscriber_id, place=place, words=words, now=now) for row in rows)


def _leave(session: Session, newsletter_id: int, subscriber_id: int, *, place: str, words: str, now: datetime) -> bool:
    step = Step(ConsentStep.LEFT, now, consent.PREFERENCES, place=place, words=words)
    return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def _take_up(
    session: Session, newsletter_id: int, subscriber_id: int, *, place: str, words: str, now: datetime
) -> None:
    """Asks and confirms in one: nothing is confirmed that was not asked for, and the mailbox has spoken already."""
    for each in (ConsentStep.ASKED, ConsentStep.CONFIRMED):
        take(session, newsletter_id, subscriber_id, Step(each, now, consent.PREFERENCES, place=place, words=words))


def _rename(session: Session, subscriber_id: int, name: str, *, now: datetime) -> None:
    if record.rename(session, subscriber_id, name):
        log(session, at=now, actor=None, verb="renamed", subject="subscriber", subject_id=subscriber_id)
