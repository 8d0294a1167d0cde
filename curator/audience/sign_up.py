"""Takes sign-ups from strangers: asks the mailbox, believes its answer, forgets what nobody confirmed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from curator.activity.store import recent
from curator.activity.store import record as log
from curator.addresses import checked_address
from curator.audience import consent, store
from curator.audience.asking import ask, ask_all, welcome, with_interests
from curator.audience.consent import Effect
from curator.audience.growth import count as counting
from curator.audience.growth import store as growth
from curator.audience.growth.values import Change
from curator.audience.joining import store as joining
from curator.audience.joining.kinds import DISPOSABLE, AddressKind, kind_of
from curator.audience.joining.names import is_advertisement
from curator.audience.links import ConfirmLink, is_same_moment
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.suppressed import store as suppressed
from curator.audience.values import Confirmation, ConsentStep, SubscriptionState, SuppressionReason, Wanted, Welcome
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.languages import msgid
from curator.names import cleaned_name
from curator.newsletters import store as newsletters

CHUNK = 500
_FLOODED = "held off a flood of sign-ups to"


def sign_up(
    db: Database, newsletter_id: int, address: str, *, name: str, place: str, words: str, now: datetime
) -> None:
    """Takes in a sign-up for one newsletter, as `sign_up_for` does."""
    sign_up_for(db, [Wanted(newsletter_id, words)], address, name=name, place=place, now=now)


def sign_up_for(
    db: Database,
    wanted: Sequence[Wanted],
    address: str,
    *,
    name: str,
    place: str,
    now: datetime,
    disposable: Collection[str] = DISPOSABLE,
) -> None:
    """Takes in that somebody typed an address, and says nothing about it: the answer is the mailbox's alone.

    Each sign-up waits for its confirmation, and one letter asks for all of them; asked again while they wait, it is
    written again. Somebody who gets a newsletter is told so, at most once a day. Nothing is written to and about an
    address that must not be mailed, or whose owner lately said that they never signed up. A name that is an
    advertisement is not taken. Raises InvalidError("address") for what is no address and for a kind of address that
    one of the newsletters refuses, NotFoundError for an unknown newsletter. All of it is one transaction.
    """
    checked = checked_address(address)
    with db.write() as session:
        for each in wanted:
            newsletters.newsletter(session, each.newsletter_id)
        kind = kind_of(checked.key, disposable=disposable)
        is_asked_once = kind is not None and _is_asked_once(session, wanted, kind)
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
                record.rename(session, subscriber_id, _taken_name(name))
            ask_all(session, wanted, reader, place=place, now=now, is_asked_once=is_asked_once)


def note_flood(db: Database, newsletter_id: int, *, now: datetime) -> None:
    """Writes into the log that more sign-ups came from one range of the network than are taken."""
    with db.write() as session:
        log(session, at=now, actor=None, verb=_FLOODED, subject="newsletter", subject_id=newsletter_id)


def flooded_at(session: Session, newsletter_id: int, *, since: datetime) -> datetime | None:
    """Returns when sign-ups to a newsletter were held off last, as far as its newest changes tell, or None."""
    changes = recent(session, subject="newsletter", subject_id=newsletter_id)
    return next((each.at for each in changes if each.verb == _FLOODED and each.at > since), None)


def _taken_name(typed: str) -> str:
    name = cleaned_name(typed)
    return "" if is_advertisement(name) else name


def _is_asked_once(session: Session, wanted: Sequence[Wanted], kind: AddressKind) -> bool:
    """Tells whether one of the newsletters is wary of addresses of this kind; raises where one refuses them."""
    is_wary = False
    for each in wanted:
        rules = joining.rules(session, each.newsletter_id)
        welcome_ = rules.role_addresses if kind is AddressKind.ROLE else rules.disposable_addresses
        if welcome_ is Welcome.REFUSE:
            raise InvalidError("address", _REFUSED[kind])
        is_wary = is_wary or welcome_ is Welcome.ASK
    return is_wary


_REFUSED = {
    AddressKind.ROLE: msgid(
        "This is the address of an office, which several people read. Please give one of your own."
    ),
    AddressKind.DISPOSABLE: msgid("Mail to this address is thrown away. Please give one that you read."),
}


def standing(db: Database, link: ConfirmLink, *, now: datetime) -> Confirmation:
    """Returns what `confirm` would say, OPEN where it would confirm; for a page that is only looked at."""
    with db.read() as session:
        return _standing(session, link, now=now)


def confirm(db: Database, link: ConfirmLink, *, place: str, words: str, now: datetime) -> Confirmation:
    """Confirms one sign-up, as `confirm_all` does."""
    said = confirm_all(db, [link], place=place, words={link.newsletter_id: words}, now=now)
    return said[link.newsletter_id]


def confirm_all(
    db: Database, links: Sequence[ConfirmLink], *, place: str, words: Mapping[int, str], now: datetime
) -> dict[int, Confirmation]:
    """Makes the sign-ups that a letter asked about active and writes one welcome, once; returns how each came out.

    CONFIRMED when it did, ALREADY when the newsletter is sent to them, EXPIRED when the link is older than 7 days, OVER
    when they left, denied it or asked anew since: an old link revives nothing. It belongs behind a button, because
    mail scanners follow links. The interests that were ticked become the reader's. The links are of one reader.
    """
    with db.write() as session:
        reader = record.hold(session, links[0].subscriber_id)
        said = {link.newsletter_id: _standing(session, link, now=now) for link in links}
        if reader is None:
            return said
        came = [link for link in links if said[link.newsletter_id] is Confirmation.OPEN]
        for link in came:
            said[link.newsletter_id] = _confirm(session, link, place=place, words=words[link.newsletter_id], now=now)
        came = [link for link in came if said[link.newsletter_id] is Confirmation.CONFIRMED]
        if came:
            suppressed.forget_erasure(session, reader.address_key, at=now)
            welcome(session, came, reader, now=now)
        return said


def _confirm(session: Session, link: ConfirmLink, *, place: str, words: str, now: datetime) -> Confirmation:
    asked = joining.asked(session, link.newsletter_id, link.subscriber_id)
    step = Step(ConsentStep.CONFIRMED, now, "confirmed", place=place, words=with_interests(words, asked))
    if take(session, link.newsletter_id, link.subscriber_id, step).effect is not Effect.MOVED:
        return _standing(session, link, now=now)
    counting.confirmed(session, link.newsletter_id, link.subscriber_id)
    if asked:
        joining.choose(session, link.subscriber_id, link.newsletter_id, [each.id for each in asked])
        joining.forget_asked(session, link.newsletter_id, [link.subscriber_id])
    return Confirmation.CONFIRMED


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
        joining.forget_asked(session, link.newsletter_id, [link.subscriber_id])
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
        if suppressed.why(session, reader.address_key) is not None:
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
            dropped = record.drop_overdue(session, newsletter_id, overdue, asked_before=asked_before, now=now)
            joining.forget_asked(session, newsletter_id, overdue)
            record.forget_unsubscribed(session, overdue)
            growth.add(session, newsletter_id, {Change.NEVER_CONFIRMED: dropped}, at=now)
            expired += dropped
        if len(overdue) < CHUNK:
            return expired


def _is_left_alone(session: Session, address_key: str, *, now: datetime) -> bool:
    """Whoever was erased may come back by themselves: the letter asks, and only the mailbox answers."""
    if suppressed.why(session, address_key) not in (None, SuppressionReason.ERASED):
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
