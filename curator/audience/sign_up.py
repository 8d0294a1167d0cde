"""Takes sign-ups from strangers: asks the mailbox, believes its answer, forgets what nobody confirmed."""

from datetime import datetime, timedelta

from curator.addresses import checked_address
from curator.audience import consent, store
from curator.audience.consent import Effect
from curator.audience.links import ConfirmLink, is_same_moment
from curator.audience.record import store as record
from curator.audience.steps import Step, Taken, take
from curator.audience.values import Confirmation, ConsentStep, Reader, SubscriptionRow, SubscriptionState
from curator.db import Database, Session
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.names import cleaned_name
from curator.newsletters import store as newsletters

# Nobody can be bombed: whoever types somebody's address again and again causes this many letters a day to it.
LETTERS_A_DAY = 3
_DAY = timedelta(days=1)
_ANSWERS = (LetterKind.CONFIRM, LetterKind.KNOWN)
CHUNK = 500


def sign_up(
    db: Database, newsletter_id: int, address: str, *, name: str, place: str, words: str, now: datetime
) -> None:
    """Takes in that somebody typed an address, and says nothing about it: the answer is the mailbox's alone.

    A sign-up waits for its confirmation and a letter asks for it; asked again while it waits, the same letter is
    written again. Somebody who gets the newsletter is told so, at most once a day. Nothing is written to and about an
    address that must not be mailed, or whose owner lately said that they never signed up. Raises
    InvalidError("address") for what is no address and NotFoundError for an unknown newsletter. All of it is one
    transaction.
    """
    checked = checked_address(address)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        if _is_left_alone(session, checked.key, now=now):
            return
        people = {checked.key: (checked, "")}
        subscriber_id = store.ensure_subscribers(session, people, at=now, source=consent.SIGN_UP)[checked.key]
        reader = record.hold(session, subscriber_id)
        # Looked at again now that the row is held: the owner may have denied it at this moment.
        if reader is not None and not _is_left_alone(session, checked.key, now=now):
            # A stranger can type any name to any address. It is not given to somebody who gets mail already, and the
            # owner's own sign-up takes it away, even by an empty field.
            if not record.has_active(session, checked.key):
                record.rename(session, subscriber_id, cleaned_name(name))
            ask(session, newsletter_id, reader, place=place, words=words, now=now)


def standing(db: Database, link: ConfirmLink, *, now: datetime) -> Confirmation:
    """Returns what `confirm` would say, OPEN where it would confirm; for a page that is only looked at."""
    with db.read() as session:
        return _standing(session, link, now=now)


def confirm(db: Database, link: ConfirmLink, *, place: str, words: str, now: datetime) -> Confirmation:
    """Makes the sign-up that this link is about active and writes a welcome, once.

    CONFIRMED when it did, ALREADY when the newsletter is sent to them, EXPIRED when the link is older than 7 days, OVER
    when they left, denied it or asked anew since: an old link revives nothing. It belongs behind a button, because
    mail scanners follow links.
    """
    with db.write() as session:
        reader = record.hold(session, link.subscriber_id)
        found = _standing(session, link, now=now)
        if found is not Confirmation.OPEN or reader is None:
            return found
        step = Step(ConsentStep.CONFIRMED, now, "confirmed", place=place, words=words)
        if take(session, link.newsletter_id, reader.id, step).effect is Effect.MOVED:
            _welcome(session, link, reader, now=now)
            return Confirmation.CONFIRMED
        return _standing(session, link, now=now)


def ask_again(db: Database, link: ConfirmLink, *, place: str, words: str, now: datetime) -> bool:
    """Renews a sign-up whose link came too late and returns whether a letter with a new one is on its way.

    Whoever holds the old link holds the mailbox. False where there is nothing to renew: the link is no expired one,
    the sign-up was forgotten meanwhile, or the mailbox had its letters of the day.
    """
    with db.write() as session:
        reader = record.hold(session, link.subscriber_id)
        if reader is None or _standing(session, link, now=now) is not Confirmation.EXPIRED:
            return False
        if _is_left_alone(session, reader.address_key, now=now):
            return False
        return ask(session, link.newsletter_id, reader, place=place, words=words, now=now)


def deny(db: Database, link: ConfirmLink, *, place: str, words: str, now: datetime) -> bool:
    """Ends what a sign-up began, because the mailbox's owner never signed up; returns whether it ended something.

    Active subscriptions end too when this sign-up made them. A second call, and a link of an earlier sign-up, change
    nothing.
    """
    with db.write() as session:
        record.hold(session, link.subscriber_id)
        asked = record.newest(session, link.subscriber_id, link.newsletter_id, step=ConsentStep.ASKED, limit=1)
        if not asked or not is_same_moment(asked[0].at, link):
            return False
        step = Step(ConsentStep.DENIED, now, "denied", place=place, words=words)
        return take(session, link.newsletter_id, link.subscriber_id, step).effect is Effect.MOVED


def is_denied(db: Database, link: ConfirmLink, *, now: datetime) -> bool:
    """Tells whether sign-ups with this link's address are refused, because its owner lately denied one."""
    with db.read() as session:
        return record.was_denied_since(session, link.subscriber_id, now - consent.DENIAL_HOLDS)


def may_take_back(db: Database, link: ConfirmLink, *, now: datetime) -> bool:
    """Tells whether `take_back` would write a letter or wrote one already."""
    with db.read() as session:
        return _may_take_back(session, link, now=now)


def take_back(db: Database, link: ConfirmLink, *, place: str, words: str, now: datetime) -> bool:
    """Begins a sign-up anew whose denial was a mistake, and returns whether a letter with a button is on its way.

    The letter asks once more, rather than the press confirming it: the link never gets too old, so whoever finds it in
    a mail passed on must not undo what the mailbox said. From now on the denial keeps nobody out any more.
    """
    with db.write() as session:
        reader = record.hold(session, link.subscriber_id)
        if reader is None or not _may_take_back(session, link, now=now):
            return False
        if store.suppression_reason(session, reader.address_key) is not None:
            return False
        return ask(session, link.newsletter_id, reader, place=place, words=words, now=now)


def _may_take_back(session: Session, link: ConfirmLink, *, now: datetime) -> bool:
    newest = record.newest(session, link.subscriber_id, link.newsletter_id)
    asked = record.newest(session, link.subscriber_id, link.newsletter_id, step=ConsentStep.ASKED)
    if newest and newest[0].step is ConsentStep.ASKED:
        # Pressed a second time: the sign-up that the first press began stands above the denial.
        newest, asked = newest[1:], asked[1:]
    if not newest or not asked or newest[0].step is not ConsentStep.DENIED:
        return False
    return newest[0].at >= now - consent.DENIAL_HOLDS and is_same_moment(asked[0].at, link)


def expire(db: Database, *, now: datetime) -> int:
    """Forgets sign-ups that were not confirmed within 7 days and returns how many.

    The subscription goes, and the subscriber with it when they have no other; one who had left before the sign-up has
    left again. 500 are one transaction: a crash leaves whole chunks, and the next call does the rest.
    """
    with db.read() as session:
        ids = [each.id for each in newsletters.newsletters(session)]
    return sum(_expire_of(db, newsletter_id, now=now) for newsletter_id in ids)


def _expire_of(db: Database, newsletter_id: int, *, now: datetime) -> int:
    asked_before, expired = now - consent.CONFIRM_WITHIN, 0
    while True:
        with db.write() as session:
            overdue = record.overdue_ids(session, newsletter_id, asked_before=asked_before, limit=CHUNK)
            expired += record.drop_overdue(session, newsletter_id, overdue, asked_before=asked_before, now=now)
            record.forget_unsubscribed(session, overdue)
        if len(overdue) < CHUNK:
            return expired


def _is_left_alone(session: Session, address_key: str, *, now: datetime) -> bool:
    if store.suppression_reason(session, address_key) is not None:
        return True
    known = store.subscriber_id(session, address_key)
    return known is not None and record.was_denied_since(session, known, now - consent.DENIAL_HOLDS)


def _standing(session: Session, link: ConfirmLink, *, now: datetime) -> Confirmation:
    row = record.subscription(session, link.newsletter_id, link.subscriber_id)
    is_late = consent.is_overdue(link.asked_at, now=now)
    match None if row is None else row.state:
        case SubscriptionState.ACTIVE:
            return Confirmation.ALREADY
        case SubscriptionState.PENDING if row is not None and is_same_moment(row.changed_at, link) and not is_late:
            return Confirmation.OPEN
        case SubscriptionState.ENDED:
            return Confirmation.OVER
        case _:
            return Confirmation.EXPIRED if is_late else Confirmation.OVER


def ask(session: Session, newsletter_id: int, reader: Reader, *, place: str, words: str, now: datetime) -> bool:
    """Takes the step and writes the letter that answers it; False when the mailbox had its letters of the day.

    The reader is held (`record.store.hold`).
    """
    taken = take(session, newsletter_id, reader.id, Step(ConsentStep.ASKED, now, "", place=place, words=words))
    since = now - _DAY
    if letters.written_since(session, reader.address_key, _ANSWERS, since=since) >= LETTERS_A_DAY:
        return False
    letters.write(session, _answer(taken, reader, now=now), now=now)
    return True


def _answer(taken: Taken, reader: Reader, *, now: datetime) -> NewLetter:
    row = taken.row
    assert row is not None, "whoever asked has a subscription"
    return _known(row, reader, now=now) if row.state is SubscriptionState.ACTIVE else _confirm(row, reader, now=now)


def _confirm(row: SubscriptionRow, reader: Reader, *, now: datetime) -> NewLetter:
    """The name is left out: it is a stranger's words until the mailbox confirms them, and some send spam that way.

    A form posted twice in a minute writes one letter.
    """
    key = f"confirm:{row.newsletter_id}:{reader.id}:{row.changed_at:%Y%m%d%H%M%S%f}:{now:%Y%m%d%H%M}"
    payload = {
        "subscriber_id": reader.id,
        "newsletter_id": row.newsletter_id,
        "asked_at": row.changed_at.isoformat(),
    }
    return NewLetter(
        LetterKind.CONFIRM, reader.address, reader.address_key, "", payload, key, newsletter_id=row.newsletter_id
    )


def _known(row: SubscriptionRow, reader: Reader, *, now: datetime) -> NewLetter:
    key = f"known:{row.newsletter_id}:{reader.id}:{now:%Y%m%d}"
    return _plain(LetterKind.KNOWN, row.newsletter_id, reader, key)


def _welcome(session: Session, link: ConfirmLink, reader: Reader, *, now: datetime) -> None:
    if store.suppression_reason(session, reader.address_key) is None:
        key = f"welcome:{link.newsletter_id}:{reader.id}:{link.asked_at:%Y%m%d%H%M%S%f}"
        letters.write(session, _plain(LetterKind.WELCOME, link.newsletter_id, reader, key), now=now)


def _plain(kind: LetterKind, newsletter_id: int, reader: Reader, key: str) -> NewLetter:
    payload = {"subscriber_id": reader.id, "newsletter_id": newsletter_id}
    return NewLetter(kind, reader.address, reader.address_key, reader.name, payload, key, newsletter_id=newsletter_id)
