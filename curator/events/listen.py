"""DELIVERY -> EVENT: takes in what became of a mailing's messages and keeps its counters in step."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.events import outcome, records, spool, store
from curator.events.bounces import policy
from curator.events.bounces.judge import judged
from curator.events.bounces.values import Finding, Kind, Reason
from curator.events.nobody import store as nobody
from curator.events.tally import MOST_HITS, MOST_OF_AN_AGENT, Change, Tally, change, days, nameless, total
from curator.events.values import EventKind, Hit, Refusal, StoredHit
from curator.mailings import store as mailings
from curator.mailings.click_links import NOBODY
from curator.mailings.ledger import store as ledger
from curator.mailings.values import DeliveryState

CHUNK_HITS = 500
"""Hits in one transaction: at most some 50 ms of a lock on SQLite."""

# One turn, so that a night's backlog does not keep its thread for minutes; the next turn goes on.
_MOST_AT_ONCE = 20_000


def take_in(db: Database, folder: Path, *, now: datetime, at_most: int = _MOST_AT_ONCE) -> int:
    """Takes in what stands in the spool files of a folder, about `at_most` hits; returns how many.

    Hits and the mark up to which their file is read are one transaction, so a kill leaves each hit counted once. A
    file that is complete and read to its end is set aside, its mark removed, and then the file: a kill in between
    leaves a file that the next call removes. Two calls at once on one folder: the second does nothing.
    """
    if not folder.is_dir():
        return 0
    taken = 0
    with spool.turn(folder) as is_ours:
        names = spool.names(folder) if is_ours else []
        if is_ours:
            _clear(db, folder)
        marks = _marks(db, names)
        for name in names:
            if taken >= at_most:
                break
            taken += _take_in_file(db, folder, name, marks.get(name, 0), now=now, at_most=at_most - taken)
    return taken


def note_bounces(db: Database, mailing_id: int, *, now: datetime) -> int:
    """Counts what the relay refused as bounces, once each, and suppresses dead addresses; returns how many are new.

    An address is suppressed before its bounce is written down: a kill in between leaves it to the next call.
    """
    noted = after = 0
    while refusals := _refusals(db, mailing_id, after):
        for refusal in refusals:
            _suppress_if_dead(db, refusal, now=now)
        noted += _note(db, mailing_id, refusals, now=now)
        after = refusals[-1].subscriber_id
    return noted


def note_accepted(db: Database, mailing_id: int) -> None:
    """Counts what the relay took of a mailing that is over; call it whenever its ledger changed.

    The counters are held first, so that of two calls at once the later one counts later.
    """
    with db.write() as session:
        if store.hold(session, [mailing_id]):
            store.set_accepted(session, mailing_id, store.accepted(session, mailing_id))


def note_unsubscribed(db: Database, *, mailing_id: int, subscriber_id: int, now: datetime) -> None:
    """Counts one reader who left by a mailing's own link; a second call changes nothing."""
    with db.write() as session:
        if _is_new(session, EventKind.UNSUBSCRIBED, mailing_id, subscriber_id, at=now):
            store.count(session, mailing_id, unsubscribed=1)
    settle_doubts(db, mailing_id, now=now, among=[subscriber_id])


def note_returned(db: Database, *, newsletter_id: int, subscriber_id: int) -> None:
    """Takes a reader's newest such leaving of a newsletter back, whichever link undid it."""
    with db.write() as session:
        mailing_id = store.left_by(session, newsletter_id, subscriber_id)
        if mailing_id is not None and store.remove(
            session, EventKind.UNSUBSCRIBED, mailing_id=mailing_id, subscriber_id=subscriber_id
        ):
            store.count(session, mailing_id, unsubscribed=-1)


def note_came_back(
    db: Database,
    *,
    mailing_id: int,
    subscriber_id: int,
    words: str,
    is_dead: bool,
    now: datetime,
    at: datetime | None = None,
    finding: Finding | None = None,
) -> bool:
    """Counts a delivery that the relay took and that came back as a bounce, once; False when it was counted before.

    Told twice, the graver telling holds. An address is suppressed when it is dead, before its bounce is written down (a
    kill in between leaves it to the next reading), and when its bounces have become too many (`bounces/policy.py`).
    `at` is when it came back, `now` where nobody says; `finding` says why it bounced, without one the words do. A
    delivery that is not there (a backup was restored) is passed over.
    """
    with db.read() as session:
        if not store.has_delivery(session, mailing_id, subscriber_id):
            return False
        address = store.mailed_address(session, mailing_id, subscriber_id)
    if is_dead and address is not None:
        suppress(db, address, f"It came back: {words}", SuppressionReason.BOUNCED, now=now)
    kind, reason = judged("failed", "", words) if finding is None else (finding.kind, finding.reason)
    bounce = _bounce(words, kind, reason, at=min(at or now, now), is_dead=is_dead)
    with db.write() as session:
        held = store.hold(session, [mailing_id])
        is_new, turns_hard = _note_bounce(session, mailing_id, subscriber_id, bounce) if held else (False, False)
        store.count(session, mailing_id, bounced=int(is_new))
        if turns_hard:
            mailings.add_facts(session, mailing_id, hard_bounces=1)
    if address is not None:
        _give_up(db, subscriber_id, address, now=now)
    settle_doubts(db, mailing_id, now=now, among=[subscriber_id])
    return is_new


def note_complained(db: Database, *, mailing_id: int, subscriber_id: int, words: str, now: datetime) -> bool:
    """Counts a reader who called a mailing's message spam, once; False when it was counted before.

    The address is suppressed first, whatever the newsletter: a kill in between leaves the counting to the next telling.
    """
    with db.read() as session:
        if not store.has_delivery(session, mailing_id, subscriber_id):
            return False
        address = store.mailed_address(session, mailing_id, subscriber_id)
    if address is not None:
        suppress(db, address, f"They called a mail spam. {words}", SuppressionReason.COMPLAINED, now=now)
    with db.write() as session:
        held = store.hold(session, [mailing_id])
        is_new = bool(held) and _is_new(session, EventKind.COMPLAINED, mailing_id, subscriber_id, at=now, detail=words)
        if is_new:
            store.count(session, mailing_id, complained=1)
            mailings.add_facts(session, mailing_id, complaints=1)
    settle_doubts(db, mailing_id, now=now, among=[subscriber_id])
    return is_new


def note_delivered(db: Database, mailing_id: int, delivered: Mapping[int, datetime], *, now: datetime) -> int:
    """Writes down that readers' servers took a mailing's message, each once, and returns how many are new.

    Subscribers without a delivery are the caller's to leave out.
    """
    with db.write() as session:
        is_there = bool(store.hold(session, [mailing_id]))
        fresh = store.add_delivered(session, mailing_id, delivered) if is_there else 0
        if fresh:
            store.count(session, mailing_id, delivered=fresh)
    settle_doubts(db, mailing_id, now=now, among=delivered)
    return fresh


def settle_doubts(db: Database, mailing_id: int, *, now: datetime, among: Collection[int] | None = None) -> int:
    """Settles deliveries in doubt of which an event is known: the relay took them; returns how many.

    `among` narrows to subscribers of whom something came just now. An event may come before its delivery is known to
    be in doubt, so whoever ends a turn of sending asks without it, and housekeeping does too.
    """
    settled = 0
    while proven := _proven(db, mailing_id, among):
        in_this_round = sum(_settle(db, mailing_id, id_, kind, now=now) for id_, kind in proven.items())
        settled += in_this_round
        if not in_this_round:
            # Somebody else is at the same ones.
            break
    if settled:
        note_accepted_if_over(db, mailing_id)
    return settled


def suppress(db: Database, address: str, note: str, reason: SuppressionReason, *, now: datetime) -> None:
    """Keeps an address from being mailed; one that no rule of today takes in gets none anyway and is passed over."""
    with contextlib.suppress(InvalidError):
        subscribe.suppress(db, address, reason, now=now, note=note)


# --- doubts

_SETTLED_BY = {
    EventKind.CLICKED: "Settled by its click.",
    EventKind.BOUNCED: "Settled by its bounce.",
    EventKind.UNSUBSCRIBED: "Settled by its unsubscribing.",
    EventKind.COMPLAINED: "Settled by its complaint.",
    EventKind.DELIVERED: "Settled by its provider.",
    EventKind.OPENED: "Settled by its opening.",
}


def _proven(db: Database, mailing_id: int, among: Collection[int] | None) -> dict[int, EventKind]:
    with db.read() as session:
        return store.proven(session, mailing_id, among=among)


def _settle(db: Database, mailing_id: int, subscriber_id: int, kind: EventKind, *, now: datetime) -> bool:
    """Settles one, in a transaction of its own: doubts are few, and two that settle never wait for each other."""
    reason = _SETTLED_BY[kind]
    with db.write() as session:
        # The mailing first, as everybody who writes to its ledger does.
        mailings.lock(session, mailing_id, is_shared=True)
        return ledger.settle(session, mailing_id, subscriber_id, DeliveryState.SENT, now=now, reason=reason)


def note_accepted_if_over(db: Database, mailing_id: int) -> None:
    """Counts what the relay took, of a mailing that is over; of another it is not known yet."""
    with db.read() as session:
        is_over = mailings.state(session, mailing_id).is_final
    if is_over:
        note_accepted(db, mailing_id)


# --- clicks


def _marks(db: Database, names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    with db.read() as session:
        return store.marks(session, names)


def _take_in_file(db: Database, folder: Path, name: str, start: int, *, now: datetime, at_most: int) -> int:
    # Asked before the reading: nothing comes after what is read then.
    is_complete = spool.is_complete(folder, name)
    taken = 0
    while taken < at_most:
        content = spool.piece(folder, name, start=start, max_bytes=CHUNK_HITS * records.SIZE)
        hits, done = records.unpacked(content)
        if not done:
            if is_complete:
                spool.set_aside(folder, name)
                _clear(db, folder)
            break
        with db.write() as session:
            if not store.move_mark(session, name, start=start, end=start + done, now=now):
                break
            _count(session, hits)
        for mailing_id, readers in _readers(hits).items():
            settle_doubts(db, mailing_id, now=now, among=readers)
        start += done
        taken += len(hits)
    return taken


def _readers(hits: Sequence[Hit]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for hit in hits:
        if hit.subscriber_id != NOBODY:
            found[hit.mailing_id].add(hit.subscriber_id)
    return found


def _clear(db: Database, folder: Path) -> None:
    """Removes the files that are done with, each after its mark."""
    for name in spool.aside(folder):
        with db.write() as session:
            store.forget_mark(session, name)
        spool.remove(folder, name)


def _count(session: Session, hits: Sequence[Hit]) -> None:
    """Writes hits down, judges whoever made them anew, and moves the counters by the difference.

    Hits on a mailing that is not there (any more: a backup was restored) are passed over.
    """
    by_mailing: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_mailing[hit.mailing_id].append(hit)
    for mailing_id in store.hold(session, by_mailing):
        ours = by_mailing[mailing_id]
        named = nobody.named(session, mailing_id, {hit.subscriber_id for hit in ours})
        clicks = [hit for hit in ours if not hit.is_open]
        _count_named(session, mailing_id, [hit for hit in clicks if hit.subscriber_id in named])
        _count_nobodys(session, mailing_id, [hit for hit in clicks if hit.subscriber_id not in named])
        _count_opens(session, mailing_id, [hit for hit in ours if hit.is_open and not hit.is_head], named)


def _count_named(session: Session, mailing_id: int, hits: Sequence[Hit]) -> None:
    by_reader = _by(hits, lambda hit: hit.subscriber_id)
    stored = store.stored_hits(session, mailing_id, by_reader)
    changes = _changes(session, mailing_id, by_reader, stored)
    store.add_hits(session, [row for each in changes for row in each.added])
    audience.note_engaged(session, _engaged(hit for each in changes for hit, is_robot in each.added if not is_robot))
    store.judge_anew(session, {id_: now for each in changes for id_, now in each.judged_anew.items()})
    _add_up(session, mailing_id, changes, total(each.tally for each in changes))
    store.add_days(session, mailing_id, days(_with_stored(changes, by_reader, stored)))


def _count_nobodys(session: Session, mailing_id: int, hits: Sequence[Hit]) -> None:
    """Counts hits that name nobody, as sums: what one program of one network did within the hour is judged together."""
    by_agent = _by(hits, lambda hit: hit.agent)
    stored = nobody.stored(session, mailing_id, by_agent)
    changes = _changes(session, mailing_id, by_agent, stored, at_most=MOST_OF_AN_AGENT)
    nobody.add(session, [row for each in changes for row in each.added])
    nobody.judge_anew(session, {id_: now for each in changes for id_, now in each.judged_anew.items()})
    _add_up(session, mailing_id, changes, nameless(total(each.tally for each in changes)))
    store.add_days(session, mailing_id, days(_with_stored(changes, by_agent, stored)))


def _count_opens(session: Session, mailing_id: int, hits: Sequence[Hit], named: Collection[int]) -> None:
    """Counts how often the picture was asked for, and by how many readers where each has one of their own.

    Nobody is engaged by it: many programs ask for pictures before anybody looks, and others never.
    """
    first = {hit.subscriber_id: hit.at for hit in reversed(hits) if hit.subscriber_id in named}
    openers = sum(
        store.add_once(session, EventKind.OPENED, mailing_id=mailing_id, subscriber_id=id_, at=at)
        for id_, at in sorted(first.items())
    )
    if hits:
        store.count(session, mailing_id, opens=len(hits), openers=openers)


def _by(hits: Sequence[Hit], who: Callable[[Hit], int]) -> dict[int, list[Hit]]:
    found: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        found[who(hit)].append(hit)
    return found


def _changes(
    session: Session,
    mailing_id: int,
    fresh: Mapping[int, list[Hit]],
    stored: Mapping[int, list[StoredHit]],
    *,
    at_most: int = MOST_HITS,
) -> list[Change]:
    links = store.link_total(session, mailing_id) if fresh else 0
    return [change(stored.get(who, []), some, at_most=at_most, mail_links=links) for who, some in sorted(fresh.items())]


def _with_stored(
    changes: Sequence[Change], fresh: Mapping[int, list[Hit]], stored: Mapping[int, list[StoredHit]]
) -> Iterable[tuple[Change, list[StoredHit]]]:
    """Returns each change with the hits that it judged anew, in the order of `_changes`."""
    return ((each, stored.get(who, [])) for each, who in zip(changes, sorted(fresh), strict=True))


def _add_up(session: Session, mailing_id: int, changes: Sequence[Change], tally: Tally) -> None:
    if changes:
        store.add_tally(session, mailing_id, tally, dropped=sum(each.dropped for each in changes))


def _engaged(hits: Iterable[Hit]) -> dict[int, datetime]:
    """Returns when each reader clicked last."""
    moments: dict[int, datetime] = {}
    for hit in hits:
        moments[hit.subscriber_id] = max(hit.at, moments.get(hit.subscriber_id, hit.at))
    return moments


# --- bounces


def _refusals(db: Database, mailing_id: int, after_id: int) -> list[Refusal]:
    with db.read() as session:
        return store.unnoted_refusals(session, mailing_id, after_id=after_id)


@dataclass(frozen=True)
class _Bounce:
    """Why a message bounced, and when it came back."""

    at: datetime
    words: str
    reason: Reason
    is_hard: bool

    @property
    def rank(self) -> tuple[int, bool, datetime, str, str]:
        """Of two about one message the lower is kept, whichever came in first: the graver, then the earlier."""
        weight = policy.weight(Kind.HARD if self.is_hard else Kind.SOFT, self.reason)
        return -weight, not self.is_hard, self.at, self.reason, self.words


def _note_bounce(session: Session, mailing_id: int, subscriber_id: int, bounce: _Bounce) -> tuple[bool, bool]:
    """Writes a bounce down, or folds it into the one that is there, and moves the sums by reason.

    Returns whether the delivery had none before, and whether only now it is a hard one. The caller holds the mailing.
    """
    is_new = _is_new(
        session,
        EventKind.BOUNCED,
        mailing_id,
        subscriber_id,
        at=bounce.at,
        detail=bounce.words,
        reason=bounce.reason,
        is_hard=bounce.is_hard,
    )
    if is_new:
        store.count_reasons(session, mailing_id, {bounce.reason: 1})
        return True, bounce.is_hard
    before = store.held_bounce(session, mailing_id, subscriber_id)
    # One of before reasons were told apart stays as it is.
    if before is None or not before.reason:
        return False, False
    was = _Bounce(before.at, before.detail, Reason(before.reason), before.is_hard)
    if was.rank <= bounce.rank:
        return False, False
    words = bounce.words if nobody.present(session, [subscriber_id]) else ""
    store.set_bounce(
        session,
        mailing_id,
        subscriber_id,
        at=bounce.at,
        reason=bounce.reason,
        is_hard=bounce.is_hard,
        detail=words,
    )
    moved = Counter({bounce.reason.value: 1})
    moved.subtract([was.reason.value])
    store.count_reasons(session, mailing_id, moved)
    return False, bounce.is_hard and not was.is_hard


def _give_up(db: Database, subscriber_id: int, address: str, *, now: datetime) -> None:
    """Suppresses an address whose bounces have become too many."""
    with db.read() as session:
        why = policy.given_up(store.fates(session, subscriber_id, address=address))
    if why is not None:
        suppress(db, address, why, SuppressionReason.BOUNCED, now=now)


def _suppress_if_dead(db: Database, refusal: Refusal, *, now: datetime) -> None:
    if refusal.address is None or not outcome.is_dead(refusal.code, refusal.words):
        return
    said = f"The relay said: {refusal.code} {refusal.words}"
    suppress(db, refusal.address, said, SuppressionReason.BOUNCED, now=now)


def _note(db: Database, mailing_id: int, refusals: Sequence[Refusal], *, now: datetime) -> int:
    with db.write() as session:
        fresh = sum(_note_bounce(session, mailing_id, each.subscriber_id, _refused(each, now))[0] for each in refusals)
        store.count(session, mailing_id, bounced=fresh)
    for each in refusals:
        if each.address is not None:
            _give_up(db, each.subscriber_id, each.address, now=now)
    return fresh


def _refused(refusal: Refusal, at: datetime) -> _Bounce:
    words = f"{refusal.code} {refusal.words}".strip()
    kind, reason = judged("failed", "", words)
    return _bounce(words, kind, reason, at=at, is_dead=outcome.is_dead(refusal.code, refusal.words))


def _bounce(words: str, kind: Kind, reason: Reason, *, at: datetime, is_dead: bool) -> _Bounce:
    """Returns a bounce that is hard only where its address is called dead, or its domain is gone."""
    is_domain = reason is Reason.DOMAIN
    return _Bounce(
        at,
        words[: store.MOST_WORDS],
        Reason.USER_UNKNOWN if is_dead and not is_domain else reason,
        is_hard=is_dead or (is_domain and kind is Kind.HARD),
    )


def _is_new(
    session: Session,
    kind: EventKind,
    mailing_id: int,
    subscriber_id: int,
    *,
    at: datetime,
    detail: str = "",
    reason: str = "",
    is_hard: bool = False,
) -> bool:
    """Writes a fact down that a delivery has once; False when it is there already.

    Of a reader who was erased meanwhile no word is kept, for a mail server's names the address; and nothing at all once
    their delivery is gone too. Whoever erases one finds what is written down now.
    """
    if not nobody.present(session, [subscriber_id]):
        if not store.has_delivery(session, mailing_id, subscriber_id):
            return False
        detail = ""
    return store.add_once(
        session,
        kind,
        mailing_id=mailing_id,
        subscriber_id=subscriber_id,
        at=at,
        detail=detail,
        reason=reason,
        is_hard=is_hard,
    )
