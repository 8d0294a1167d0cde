"""Looks a file through before anything of it is taken in: what would become of each row."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from curator.audience.moving import store
from curator.audience.moving.fates import HOW, Here, after, fate
from curator.audience.moving.reading import Chunk, Source, chunks
from curator.audience.moving.store import at
from curator.audience.moving.values import MOST_TRIES, Import, Mark, Phase, Tally
from curator.audience.values import SubscriptionRow, SubscriptionState
from curator.clock import Clock
from curator.db import Database
from curator.newsletters import store as newsletters

_TELL_EVERY = timedelta(seconds=1)


def _never() -> bool:
    return False


class Seen:
    """Which addresses came before, in memory that does not grow: a Bloom filter (Bloom 1970) with four bits a key.

    32 bits a row keep its error below one in a million; past 16 million rows it begins to take new ones for old.
    """

    def __init__(self, rows: int) -> None:
        self._bits = max(1 << 16, min(1 << 29, 1 << (32 * max(rows, 1)).bit_length()))
        self._field = bytearray(self._bits // 8)

    def add(self, key: str) -> bool:
        """Notes a key and tells whether it was there."""
        digest, was_there = hashlib.blake2b(key.encode(), digest_size=16).digest(), True
        for begins in range(0, 16, 4):
            bit = int.from_bytes(digest[begins : begins + 4]) & (self._bits - 1)
            if not self._field[bit >> 3] & 1 << (bit & 7):
                was_there = False
                self._field[bit >> 3] |= 1 << (bit & 7)
        return was_there


def look(db: Database, import_id: int, source: Source, *, clock: Clock, is_over: Callable[[], bool] = _never) -> bool:
    """Counts what would become of an import's rows and lists those that would be refused; no reader is touched.

    True when its time was over before the file was: the next call reads on. What earlier calls saw is not remembered,
    so an address that stands in the file twice may be counted twice then (`is_looked_whole` is False). Raises
    InvalidError for a file that is gone or damaged.
    """
    with db.read() as session:
        found = store.one(session, import_id)
        slug = newsletters.newsletter(session, found.newsletter_id).slug
    if found.phase is not Phase.LOOKING or found.plan is None or not _begin(db, found, now=clock()):
        return False
    seen, mark, tally, told_at = Seen(found.total // 20), found.mark, found.tally, clock()
    for chunk in chunks(source, found.parts, found.plan, newsletter=slug, mark=mark):
        if is_over():
            return _tell(db, found, mark, tally, now=clock())
        before, tally = tally, tally.plus(chunk.tally).plus(_judged(db, found, chunk, seen, now=clock()))
        _list(db, found, chunk, before)
        mark = chunk.mark
        if clock() - told_at >= _TELL_EVERY:
            told_at = clock()
            if not _tell(db, found, mark, tally, now=told_at):
                return False
    _end(db, found, tally, is_whole=found.mark == Mark(), now=clock())
    return False


def _begin(db: Database, found: Import, *, now: datetime) -> bool:
    """Notes that a process is at it; False when it was cancelled, or when too many died of it."""
    with db.write() as session:
        if found.tries >= MOST_TRIES:
            note = f"Looking through it ended {MOST_TRIES} times without a word near line {found.mark.line:,}."
            told = {"phase": Phase.FAILED, "note": note, "tally": None, "seen_at": now, **at(Mark())}
            store.change(session, found.id, phases=[Phase.LOOKING], **told)
            return False
        if found.mark == Mark():
            store.forget_refusals(session, found.id)
        return store.change(session, found.id, phases=[Phase.LOOKING], seen_at=now, tries=found.tries + 1)


def _judged(db: Database, found: Import, chunk: Chunk, seen: Seen, *, now: datetime) -> Tally:
    tally = Tally()
    if not chunk.people or found.plan is None:
        return tally
    with db.read() as session:
        here = store.standings(session, found.newsletter_id, {person.address.key for person in chunk.people})
    known: set[str] = set()
    for person in chunk.people:
        key = person.address.key
        if key not in known:
            known.add(key)
            if seen.add(key) and here[key] == Here():
                # An earlier chunk would have brought them.
                here[key] = Here(SubscriptionRow(found.newsletter_id, SubscriptionState.ACTIVE, now, HOW))
        decided = fate(person, here[key], asks_anew=found.plan.asks_anew)
        here[key] = after(decided, here[key], newsletter_id=found.newsletter_id, now=now)
        tally.count(decided)
    return tally


def _list(db: Database, found: Import, chunk: Chunk, before: Tally) -> None:
    room = store.MAX_REFUSALS - before.refused
    if chunk.refused and room > 0:
        with db.write() as session:
            store.refuse(session, found.id, chunk.part, chunk.refused, room=room)


def _tell(db: Database, found: Import, mark: Mark, tally: Tally, *, now: datetime) -> bool:
    with db.write() as session:
        return store.change(
            session, found.id, phases=[Phase.LOOKING], tries=0, seen_at=now, tally=tally.to_json(), **at(mark)
        )


def _end(db: Database, found: Import, tally: Tally, *, is_whole: bool, now: datetime) -> None:
    told = {"looked": tally.to_json(), "is_looked_whole": is_whole, "tally": None, "seen_at": now}
    with db.write() as session:
        store.change(session, found.id, phases=[Phase.LOOKING], phase=Phase.LOOKED, **told, **at(Mark()))
