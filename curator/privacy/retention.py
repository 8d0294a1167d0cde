"""Deletes what names readers once it is too old; counters, results and sums stay."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from curator.db import Database, Session
from curator.privacy import erase
from curator.privacy.age import store
from curator.privacy.values import Keeping
from curator.settings import Settings

CHUNK = 2_000
"""Rows in one transaction: at most some 50 ms of a lock on SQLite."""
GRACE = timedelta(days=7)
"""How long after the first round, which only looks, nothing goes yet: time to read what would, and to set it."""
EVERY = timedelta(days=1)
"""How often a round is made."""

_MONTH = timedelta(days=365.25 / 12)


def keeping(settings: Settings) -> Keeping:
    """Returns for how long an installation keeps what."""
    return Keeping(
        events_months=settings.keep_events_months,
        deliveries_months=settings.keep_deliveries_months,
        ended_months=settings.keep_ended_months,
        log_months=settings.keep_log_months,
    )


def plan(db: Database, keeping: Keeping, *, now: datetime) -> dict[str, int]:
    """Returns how many rows of each kind would go now; what is kept for good is left out. It reads only."""
    counts: Mapping[str, Callable[..., int]] = {
        "events": store.count_events,
        "deliveries": store.count_deliveries,
        "ended readers": store.count_ended,
        "lines of the log": store.count_lines,
    }
    with db.read() as session:
        return {kind: counts[kind](session, before=before) for kind, before in _limits(keeping, now).items()}


def is_due(db: Database, keeping: Keeping, *, now: datetime) -> bool:
    """Tells whether a round is to be made: a day after the last one, and the first when anything may be too old.

    It is asked every hour, so it looks at the oldest of each kind and counts nothing.
    """
    with db.read() as session:
        last = store.last_run(session)
        if last is not None:
            return abs(now - last.at) >= EVERY
        oldest = store.oldest(session)
    return any((at := oldest[kind]) is not None and at < before for kind, before in _limits(keeping, now).items())


def begins_at(session: Session) -> datetime | None:
    """Returns from when on rounds delete, which is a week after the first one; None before that."""
    first = store.first_run(session)
    return None if first is None else first.at + (GRACE if first.removed is None else timedelta(0))


def make_round(db: Database, keeping: Keeping, *, now: datetime, is_over: Callable[[], bool]) -> bool:
    """Makes one round of the clock's; True when it ended before all was done.

    The first one deletes nothing: it is written down, and a week later rounds begin to.
    """
    with db.write() as session:
        begins = begins_at(session)
        if begins is None or now < begins:
            store.add_run(session, at=now, removed=None)
            return False
    is_done = prune(db, keeping, now=now, is_over=is_over)[1]
    return not is_done


def prune(
    db: Database, keeping: Keeping, *, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> tuple[dict[str, int], bool]:
    """Deletes what is too old, chunk by chunk, until `is_over`; returns how much of what, and whether that was all.

    Each chunk is a transaction: a kill leaves whole ones, and the next call does the rest. It is written down when it
    ends; a round that was killed is not, and so is made again.
    """
    limits = _limits(keeping, now)
    removed = dict.fromkeys(limits, 0)
    is_done = True
    for kind, before in limits.items():
        for number in _KINDS[kind](db, before, now):
            removed[kind] += number
            if is_over():
                is_done = False
                break
    with db.write() as session:
        store.add_run(session, at=now, removed=removed)
    return removed, is_done


def _limits(keeping: Keeping, now: datetime) -> dict[str, datetime]:
    """Returns from before which moment each kind goes."""
    months = {
        "events": keeping.events_months,
        "deliveries": keeping.deliveries_months,
        "ended readers": keeping.ended_months,
        "lines of the log": keeping.log_months,
    }
    return {kind: now - number * _MONTH for kind, number in months.items() if number}


def _events(db: Database, before: datetime, now: datetime) -> Iterator[int]:
    with db.read() as session:
        ids = store.mailings_with_events(session, before=before)
    for mailing_id in ids:
        with db.write() as session:
            store.make_nameless(session, mailing_id, now=now)
        yield from _chunks(db, partial(_some_events, mailing_id))


def _deliveries(db: Database, before: datetime, _now: datetime) -> Iterator[int]:
    with db.read() as session:
        ids = store.mailings_with_deliveries(session, before=before)
    for mailing_id in ids:
        yield from _chunks(db, partial(_some_deliveries, mailing_id))


def _ended(db: Database, before: datetime, now: datetime) -> Iterator[int]:
    """Their marks stay, as an erased reader's: no old file takes them in again."""
    after_id = 0
    while True:
        with db.read() as session:
            ids = store.ended_ids(session, before=before, after_id=after_id)
        for subscriber_id in ids:
            yield int(
                erase.forget(db, subscriber_id, now=now, if_still=lambda session, id_: _is_ended(session, id_, before))
            )
        if not ids:
            return
        after_id = ids[-1]


def _is_ended(session: Session, subscriber_id: int, before: datetime) -> bool:
    return store.ended_ids(session, before=before, after_id=subscriber_id - 1, limit=1) == [subscriber_id]


def _lines(db: Database, before: datetime, _now: datetime) -> Iterator[int]:
    yield from _chunks(db, lambda session: store.delete_lines(session, before=before, limit=CHUNK))


def _some_events(mailing_id: int, session: Session) -> int:
    return store.delete_events(session, mailing_id, limit=CHUNK)


def _some_deliveries(mailing_id: int, session: Session) -> int:
    return store.delete_deliveries(session, mailing_id, limit=CHUNK)


def _chunks(db: Database, delete: Callable[[Session], int]) -> Iterator[int]:
    while True:
        with db.write() as session:
            number = delete(session)
        if not number:
            return
        yield number


_KINDS: Mapping[str, Callable[[Database, datetime, datetime], Iterator[int]]] = {
    "events": _events,
    "deliveries": _deliveries,
    "ended readers": _ended,
    "lines of the log": _lines,
}
