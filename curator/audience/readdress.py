"""Moves a reader's mail to another address: asks its mailbox, tells the old one, which may take it back."""

from datetime import datetime, timedelta

from curator.activity.store import record as log
from curator.addresses import Address, checked_address
from curator.audience import consent, store
from curator.audience.links import AddressLink
from curator.audience.readdressed import store as changes
from curator.audience.record import store as record
from curator.audience.suppressed import store as suppressed
from curator.audience.values import AddressChangeRow, ConsentRow, ConsentStep, Moving, Reader, SubscriptionState
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.languages import msgid
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.newsletters import store as newsletters

AGREED_WITHIN = timedelta(days=7)
BACK_WITHIN = timedelta(days=7)
# Whoever has a reader's link, passed on with a mail, bombs nobody with it.
ASKS_A_DAY = 3
_DAY = timedelta(days=1)
_ASKING = (LetterKind.ADDRESS_ASKED, LetterKind.ADDRESS_KNOWN, LetterKind.CONFIRM, LetterKind.KNOWN)


def ask(db: Database, subscriber_id: int, address: str, *, now: datetime) -> None:
    """Writes to the mailbox of another address with a button, and tells the present one; nothing changes until then.

    What is said here is the same whether or not the address is known. One that has subscriptions of its own is told
    so by a letter without that button; to one that must not be mailed nothing is written, and the old mailbox's letter
    says what to do when none arrives. Raises InvalidError("address") for what is no address or the present one, and
    when there were three changes today.
    """
    checked = checked_address(address)
    with db.write() as session:
        reader = record.hold(session, subscriber_id)
        if reader is None:
            return
        if checked.key == reader.address_key:
            raise InvalidError("address", msgid("Your mail goes to this address already."))
        if changes.asked_since(session, subscriber_id, now - _DAY) >= ASKS_A_DAY:
            often = msgid("You have changed your address three times today. Try again tomorrow.")
            raise InvalidError("address", often)
        change_id = changes.add(
            session,
            subscriber_id,
            old_address=reader.address,
            new_address=checked.address,
            new_key=checked.key,
            now=now,
        )
        _write_both(session, change_id, reader, checked, now=now)


def whose(db: Database, link: AddressLink) -> int | None:
    """Returns the number of the reader whose change a link is about; None where it is forgotten."""
    with db.read() as session:
        change = changes.change(session, link.change_id)
    return None if change is None else change.subscriber_id


def standing(db: Database, link: AddressLink, *, now: datetime) -> Moving:
    """Returns what `move` would say, OPEN where it would move; for a page that is only looked at."""
    with db.read() as session:
        return standing_in(session, link, now=now)


def standing_in(session: Session, link: AddressLink, *, now: datetime) -> Moving:
    """Returns the same within a transaction."""
    return _standing(session, link, now=now)[0]


def move(db: Database, link: AddressLink, *, place: str, words: str, now: datetime) -> Moving:
    """Does what a link allows: moves the address, or takes the move back. A second call changes nothing.

    MOVED when it did, ALREADY when it was so, EXPIRED when the link is too old, OVER when another change came since,
    the address is somebody's by now or must not be mailed. Links of earlier mail go on working, for the subscriber is
    the same. It belongs behind a button, because mail scanners follow links.
    """
    with db.write() as session:
        known = changes.change(session, link.change_id)
        reader = None if known is None else record.hold(session, known.subscriber_id)
        found, change = _standing(session, link, now=now)
        if found is not Moving.OPEN or change is None or reader is None:
            return found
        wanted = checked_address(change.old_address if link.is_back else change.new_address)
        if not changes.readdress(session, reader.id, address=wanted.address, address_key=wanted.key):
            return Moving.OVER
        if link.is_back:
            changes.note_taken_back(session, change, now=now)
        else:
            changes.note_moved(session, change.id, now=now)
            _tell_old(session, LetterKind.ADDRESS_MOVED, change.id, reader, now=now)
        _write_down(session, reader.id, place=place, words=words, now=now)
        return Moving.MOVED


def forget(db: Database, *, now: datetime) -> int:
    """Forgets the addresses of changes that cannot be pressed any more, and returns how many changes."""
    with db.write() as session:
        return changes.forget(session, asked_before=now - AGREED_WITHIN, moved_before=now - BACK_WITHIN)


def _standing(session: Session, link: AddressLink, *, now: datetime) -> tuple[Moving, AddressChangeRow | None]:
    change = changes.change(session, link.change_id)
    if change is None:
        return Moving.EXPIRED, None
    if link.is_back:
        return _standing_back(session, change, now=now), change
    if change.moved_at is not None or change.taken_back_at is not None:
        return (Moving.OVER if change.taken_back_at is not None else Moving.ALREADY), change
    if now - change.asked_at > AGREED_WITHIN:
        return Moving.EXPIRED, change
    newest = changes.newest(session, change.subscriber_id)
    is_newest = newest is not None and newest.id == change.id
    return (Moving.OPEN if is_newest and _is_free(session, change.new_key) else Moving.OVER), change


def _standing_back(session: Session, change: AddressChangeRow, *, now: datetime) -> Moving:
    """An older mailbox overrules what came after it was left: it is the surer owner."""
    if change.taken_back_at is not None:
        return Moving.ALREADY
    if change.moved_at is None:
        return Moving.OVER
    if now - change.moved_at > BACK_WITHIN:
        return Moving.EXPIRED
    old_key = checked_address(change.old_address).key
    is_theirs = store.subscriber_id(session, old_key) in (None, change.subscriber_id)
    return Moving.OPEN if is_theirs else Moving.OVER


def _is_free(session: Session, address_key: str) -> bool:
    is_somebodys = store.subscriber_id(session, address_key) is not None
    return not is_somebodys and suppressed.why(session, address_key) is None


def _write_both(session: Session, change_id: int, reader: Reader, wanted: Address, *, now: datetime) -> None:
    _tell_old(session, LetterKind.ADDRESS_TOLD, change_id, reader, now=now)
    known = store.subscriber_id(session, wanted.key)
    if suppressed.why(session, wanted.key) is not None:
        return
    if known is not None and record.was_denied_since(session, known, now - consent.DENIAL_HOLDS):
        return
    if letters.written_since(session, wanted.key, _ASKING, since=now - _DAY) >= ASKS_A_DAY:
        return
    kind = LetterKind.ADDRESS_ASKED if known is None else LetterKind.ADDRESS_KNOWN
    _write(session, kind, change_id, known or reader.id, wanted, now=now)


def _tell_old(session: Session, kind: LetterKind, change_id: int, reader: Reader, *, now: datetime) -> None:
    if suppressed.why(session, reader.address_key) is None:
        _write(session, kind, change_id, reader.id, Address(reader.address, reader.address_key), now=now)


def _write(
    session: Session, kind: LetterKind, change_id: int, subscriber_id: int, to: Address, *, now: datetime
) -> None:
    newsletter_id = _newsletter_of(session, subscriber_id)
    if newsletter_id is None:
        return
    payload = {"change_id": change_id, "subscriber_id": subscriber_id, "newsletter_id": newsletter_id}
    key = f"{kind}:{change_id}"
    letters.write(session, NewLetter(kind, to.address, to.key, "", payload, key, newsletter_id=newsletter_id), now=now)


def _newsletter_of(session: Session, subscriber_id: int) -> int | None:
    """Returns whose sender such a letter bears: the newsletter that the reader gets, else the first of all."""
    rows = record.subscriptions(session, subscriber_id)
    active = [row.newsletter_id for row in rows if row.state is SubscriptionState.ACTIVE]
    every = [spec.id for spec in newsletters.newsletters(session) if not spec.is_test_mode]
    return next(iter([*(id_ for id_ in active if id_ in every), *active, *every]), None)


def _write_down(session: Session, subscriber_id: int, *, place: str, words: str, now: datetime) -> None:
    for row in record.subscriptions(session, subscriber_id):
        if row.state is not SubscriptionState.ENDED:
            step = ConsentRow(row.newsletter_id, ConsentStep.READDRESSED, now, place, words)
            record.add(session, step, [subscriber_id])
    log(session, at=now, actor=None, verb="readdressed", subject="subscriber", subject_id=subscriber_id)
