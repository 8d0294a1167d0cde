"""INBOX -> EVENT: reads what providers told, finds whose message it was, and hands it to the arrows of events."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

import structlog

from curator.audience import subscribe
from curator.audience.record import store as record
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database
from curator.errors import FetchError, InvalidError
from curator.events import listen
from curator.events import store as events
from curator.events.inbox import store
from curator.events.inbox.values import Refusal, WaitingCall, WaitingFact
from curator.events.providers import read, signatures
from curator.events.providers.judge import KEPT_FOR, Doors, Why, judged_sns
from curator.events.providers.values import Fact, FactKind, Provider, loaded, text
from curator.http.values import Fetcher
from curator.letters import store as letters
from curator.mailings import store as mailings
from curator.mailings.proof import store as proof
from curator.mailings.return_path import OfDelivery, OfLetter, OfProbe, Whose, by_message_id, by_return_path
from curator.tokens import Keys

_log = structlog.get_logger()

CALLS, FACTS = 200, 500
"""Calls read, and facts settled, in one go: a call of SendGrid may hold some thousand facts."""

WAITS_FOR = timedelta(days=5)
"""How long a fact waits for its delivery: a restored backup is filled up by then, or never."""

_KEEP_COUNTS = timedelta(days=400)
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=6)
_AGAIN, _CONFIRM_WITHIN = timedelta(minutes=5), timedelta(days=3)
# Amazon answers 403 for a certificate that it never had; such an address is not asked again so soon.
_NO_CERTIFICATE_FOR = timedelta(hours=1)
_MOST_OF_A_CERTIFICATE = 20_000
_CONFIRMS, _ENDS = "SubscriptionConfirmation", "UnsubscribeConfirmation"


@dataclass(frozen=True)
class Reading:
    """What reading the inbox takes."""

    db: Database
    keys: Keys
    doors: Doors
    fetcher: Fetcher


def work(reading: Reading, *, now: datetime, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Reads calls and settles facts that are due; True when it is over before all is done.

    A call's facts are kept in the transaction that lets go of its body. A kill between a fact's arrow and the note that
    it is done tells the arrow again, which counts it once.
    """
    while not is_over():
        with reading.db.read() as session:
            calls = store.due_calls(session, now=now, limit=CALLS)
        if calls:
            _read_some(reading, calls, now=now, is_over=is_over)
        with reading.db.read() as session:
            facts = store.due_facts(session, now=now, limit=FACTS)
        if facts:
            _settle(reading, facts, now=now)
        if not calls and not facts:
            return False
    return True


def forget(db: Database, *, now: datetime) -> None:
    """Deletes what was read and settled so long ago that no provider tells it again."""
    gone = None
    while gone != 0:
        with db.write() as session:
            gone = store.forget(session, before=now - KEPT_FOR, counts_before=(now - _KEEP_COUNTS).date())


# --- calls


@dataclass(frozen=True)
class _Closed:
    """A call that was read: what it came to, where that is no fact, and its facts."""

    call: WaitingCall
    what: str = ""
    facts: tuple[Fact, ...] = ()
    is_taken: bool = True


def _read_some(reading: Reading, calls: Sequence[WaitingCall], *, now: datetime, is_over: Callable[[], bool]) -> None:
    """Reads calls; those for which Amazon has to be asked only until it is over, for each may take a fetch's time."""
    seen: list[WaitingCall] = []
    closed: list[_Closed] = []
    for call in calls:
        if not call.is_proven and is_over():
            break
        seen.append(call)
        found = _read(reading, call, now=now)
        if found is not None:
            closed.append(found)
    _close(reading.db, seen, closed, now=now)


def _read(reading: Reading, call: WaitingCall, *, now: datetime) -> _Closed | None:
    """Returns what a call came to; None where it waits for Amazon."""
    told: Mapping[str, Any] | None = loaded(call.body) if call.provider is Provider.SES else None
    if told is not None and not call.is_proven:
        why = _proven(reading, told, now=now)
        if why is Why.UNPROVEN:
            return None
        if why.is_refusal:
            _log.warning("call of a provider refused", provider=call.provider.value, why=why.value)
            return _Closed(call, why.value, is_taken=False)
    if told is not None and text(told, "Type") in (_CONFIRMS, _ENDS):
        return _confirmed(reading, call, told, now=now)
    try:
        facts = tuple(read.facts(call.provider, call.body))
    except InvalidError:
        return _Closed(call, "not understood")
    return _Closed(call, "" if facts else "nothing to do", facts)


def _proven(reading: Reading, told: Mapping[str, Any], *, now: datetime) -> Why:
    """Fetches the certificate of a message of SNS and judges the message by it."""
    url = signatures.sns_certificate_url(told)
    pem = "" if url is None else _certificate(reading, url, now=now)
    if pem is None:
        return Why.UNPROVEN
    return judged_sns(told, reading.doors, now=now, certificate=lambda _: pem).why


def _certificate(reading: Reading, url: str, *, now: datetime) -> str | None:
    """Returns a certificate, empty where there is none; None while nobody can be asked."""
    with reading.db.read() as session:
        known = store.certificate(session, url)
    if known is not None and (known[0] or known[1] > now - _NO_CERTIFICATE_FOR):
        return known[0]
    try:
        answer = reading.fetcher.get(url)
    except FetchError:
        return None
    if answer.status >= 500:
        return None
    # Of another host than was asked, nothing is believed.
    is_good = answer.status == 200 and not answer.hops and len(answer.body) < _MOST_OF_A_CERTIFICATE
    pem = answer.body.decode("ascii", "replace") if is_good else ""
    with reading.db.write() as session:
        store.keep_certificate(session, url, pem, now=now)
    return pem


def _confirmed(reading: Reading, call: WaitingCall, told: Mapping[str, Any], *, now: datetime) -> _Closed | None:
    """Confirms the subscription of a topic that the settings name; an ended one is only counted."""
    if text(told, "Type") == _ENDS:
        return _Closed(call, "topic ended")
    url = signatures.sns_confirmation_url(told)
    if url is None:
        _log.warning("call of a provider refused", provider=call.provider.value, why=Why.FORGED.value)
        return _Closed(call, Why.FORGED.value, is_taken=False)
    try:
        status = reading.fetcher.get(url).status
    except FetchError:
        status = 0
    if 200 <= status < 300:
        return _Closed(call, "topic confirmed")
    return _Closed(call, "topic not confirmed") if now - call.came_at > _CONFIRM_WITHIN else None


def _close(db: Database, calls: Sequence[WaitingCall], closed: Sequence[_Closed], *, now: datetime) -> None:
    """Lets go of the bodies of what was read and keeps its facts, in one transaction; what waits is put off."""
    sums: Counter[tuple[Provider, str]] = Counter()
    with db.write() as session:
        mine = store.close_calls(session, [each.call.id for each in closed])
        store.put_off_calls(
            session, {each.id for each in calls} - {each.call.id for each in closed}, until=now + _AGAIN
        )
        facts: dict[Provider, dict[str, Fact]] = defaultdict(dict)
        for each in (one for one in closed if one.call.id in mine):
            provider = each.call.provider
            facts[provider] |= {fact.id: fact for fact in each.facts}
            sums[provider, each.what] += 1
            sums[provider, Why.TAKEN.value] += int(each.is_taken)
            if not each.is_taken:
                store.add_refusals(session, [Refusal(each.call.came_at, provider, each.what)])
        for provider, some in facts.items():
            sums[provider, "told again"] += len(some) - store.add_facts(session, provider, some.values(), now=now)
        store.count(session, {each: number for each, number in sums.items() if number and each[1]}, now=now)


# --- facts


def _settle(reading: Reading, waiting: Sequence[WaitingFact], *, now: datetime) -> None:
    """Hands facts to their arrows, and lets those wait of which no delivery is known."""
    whose = {each.fact.id: _whose(reading.keys, each.fact) for each in waiting}
    known = _known(reading.db, whose.values())
    settled: list[WaitingFact] = []
    dropped: list[tuple[Provider, str]] = []
    others: dict[timedelta, list[str]] = defaultdict(list)
    for each in waiting:
        if whose[each.fact.id] in known:
            settled.append(each)
        elif whose[each.fact.id] is None:
            # No delivery that comes later makes it ours: whoever shares the provider's account sent it.
            dropped.append((each.provider, "not ours"))
        elif _is_old(each, now):
            dropped.append((each.provider, "unknown"))
        else:
            others[_pause(now - each.came_at)].append(each.fact.id)
    _tell(reading.db, settled, whose, now=now)
    over = {each.fact.id for each in waiting} - {id_ for ids in others.values() for id_ in ids}
    pairs = [(each.provider, str(each.fact.kind)) for each in settled]
    with reading.db.write() as session:
        store.close_facts(session, over)
        for pause, ids in others.items():
            store.put_off_facts(session, ids, until=now + pause)
        store.count(session, store.tallied([*pairs, *dropped]), now=now)


def _whose(keys: Keys, fact: Fact) -> Whose | None:
    return by_return_path(keys, fact.addressed) or by_message_id(keys, fact.message_ids)


def _known(db: Database, whose: Any) -> set[Whose]:
    """Returns which of these messages are in the database."""
    readers: dict[int, set[int]] = defaultdict(set)
    found: set[Whose] = set()
    for each in whose:
        if isinstance(each, OfDelivery):
            readers[each.mailing_id].add(each.subscriber_id)
        elif each is not None:
            found.add(each)
    with db.read() as session:
        for mailing_id, ids in readers.items():
            there = events.delivered_to(session, mailing_id, ids)
            found |= {OfDelivery(mailing_id, subscriber_id) for subscriber_id in there}
    return found


def _pause(waited: timedelta) -> timedelta:
    """As long again as it has waited, within bounds."""
    return min(max(waited, _SOONEST), _LATEST)


def _is_old(each: WaitingFact, now: datetime) -> bool:
    return now - each.came_at >= WAITS_FOR


def _tell(db: Database, settled: Sequence[WaitingFact], whose: Mapping[str, Whose | None], *, now: datetime) -> None:
    delivered: dict[int, dict[int, datetime]] = defaultdict(dict)
    for each in settled:
        about = whose[each.fact.id]
        if isinstance(about, OfDelivery) and each.fact.kind is FactKind.DELIVERED:
            delivered[about.mailing_id][about.subscriber_id] = min(each.fact.at or now, now)
    for mailing_id, readers in sorted(delivered.items()):
        listen.note_delivered(db, mailing_id, readers, now=now)
    for each in settled:
        match whose[each.fact.id]:
            case OfDelivery() as about:
                _tell_of_delivery(db, about, each, now=now)
            case OfLetter(letter_id):
                _tell_of_letter(db, letter_id, each.fact, now=now)
            case OfProbe(probe_id):
                _tell_of_probe(db, probe_id, each.fact, now=now)
            case None:
                raise AssertionError("only what is known is settled")
            case _ as never:
                assert_never(never)


def _tell_of_delivery(db: Database, about: OfDelivery, told: WaitingFact, *, now: datetime) -> None:
    fact, mailing_id, subscriber_id = told.fact, about.mailing_id, about.subscriber_id
    words = " ".join(filter(None, (fact.status if fact.status not in fact.words else "", fact.words)))
    match fact.kind:
        case FactKind.DELIVERED:
            return
        case FactKind.BOUNCED:
            dead = read.is_dead(fact)
            listen.note_came_back(
                db,
                mailing_id=mailing_id,
                subscriber_id=subscriber_id,
                words=words,
                is_dead=dead,
                at=fact.at,
                now=now,
            )
        case FactKind.COMPLAINED:
            listen.note_complained(db, mailing_id=mailing_id, subscriber_id=subscriber_id, words=words, now=now)
        case FactKind.UNSUBSCRIBED:
            _end(db, mailing_id, subscriber_id, how=f"told by {told.provider.firm}", at=fact.at or now, now=now)
        case _ as never:
            assert_never(never)


def _end(db: Database, mailing_id: int, subscriber_id: int, *, how: str, at: datetime, now: datetime) -> None:
    """Ends the subscription by which a mailing went to a reader, as if they had used its own link.

    Who signed up again after that moment stays: what they did then was about the subscription before. One that was
    ended by such a telling and counts for no mailing is what a kill left: it is counted now.
    """
    with db.read() as session:
        newsletter_id = mailings.newsletter_of(session, mailing_id)
        stands = None if newsletter_id is None else record.subscription(session, newsletter_id, subscriber_id)
        if newsletter_id is None or stands is None:
            return
        is_left = (
            stands.state is SubscriptionState.ENDED
            and stands.how == how
            and events.left_by(session, newsletter_id, subscriber_id) is None
        )
    if stands.state is not SubscriptionState.ENDED and stands.changed_at <= at:
        is_left = subscribe.unsubscribe(db, newsletter_id, subscriber_id, now=now, how=how)
    if is_left:
        listen.note_unsubscribed(db, mailing_id=mailing_id, subscriber_id=subscriber_id, now=now)


def _tell_of_letter(db: Database, letter_id: int, fact: Fact, *, now: datetime) -> None:
    """Writes down at a letter that it came back or was called spam; whoever called it that gets no more mail."""
    if fact.kind is FactKind.COMPLAINED:
        with db.read() as session:
            address = letters.readers_address(session, letter_id)
        if address is not None:
            listen.suppress(
                db, address, f"They called a letter spam. {fact.words}", SuppressionReason.COMPLAINED, now=now
            )
    if fact.kind in (FactKind.BOUNCED, FactKind.COMPLAINED):
        why = "It came back" if fact.kind is FactKind.BOUNCED else "It was called spam"
        with db.write() as session:
            letters.note_return(session, letter_id, reason=f"{why}: {fact.words}")


def _tell_of_probe(db: Database, probe_id: int, fact: Fact, *, now: datetime) -> None:
    if fact.kind is FactKind.BOUNCED:
        with db.write() as session:
            proof.note_returned(session, probe_id, at=now, words=fact.words)
