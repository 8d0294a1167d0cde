"""LOG OF LEAVINGS -> DATABASE: whoever left, was suppressed or erased since a backup is so again. Twice is as once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from curator.audience import steps
from curator.audience.record import store as record
from curator.audience.suppressed import store as suppressed
from curator.audience.values import ConsentStep, SuppressionReason
from curator.db import Database, Session
from curator.leavings.log import Read
from curator.leavings.values import LastWords, Left, last_words
from curator.privacy import erase, store
from curator.tokens import Veil

# Machines' clocks differ; what the backup knows already does no harm.
_EARLIER = timedelta(minutes=10)
_CHUNK = 500


def replay(db: Database, found: Read, *, veil: Veil, since: datetime, now: datetime) -> dict[str, int]:
    """Does anew what the log tells since a backup's moment, and returns how much of each.

    Leavings are by number, the rest by marks: `unknown` are readers that the backup does not have, `kept_out` marks
    whose address it does not know, which are noted as they are. What was given back stays as the backup has it.
    """
    words = last_words(found.facts, since=since - _EARLIER)
    known = _known(db, words, veil)
    told = {"left": 0, "unknown": 0, "suppressed": 0, "erased": 0, "kept_out": 0, "unreadable": found.unreadable}
    left = iter(sorted(words.left.items()))
    while chunk := list(islice(left, _CHUNK)):
        with db.write() as session:
            for (newsletter_id, subscriber_id), how in chunk:
                told[_leave(session, newsletter_id, subscriber_id, how)] += 1
    for mark in sorted(words.erased):
        if mark in known:
            erase.erase_key(db, known[mark], by=None, now=now)
            told["erased"] += 1
    with db.write() as session:
        for mark, how in sorted(words.suppressed.items()):
            told["suppressed"] += _suppress(session, mark, known.get(mark), how)
            told["kept_out"] += mark not in known
        for mark, at in sorted(words.erased.items()):
            if mark not in words.came_back:
                _put_erased(session, mark, known.get(mark), at=at)
            elif mark in known:
                suppressed.forget_erasure(session, known[mark], at=now)
    return told


def _known(db: Database, words: LastWords, veil: Veil) -> dict[str, str]:
    """Returns the addresses behind the log's marks, as far as the database has them."""
    wanted = {*words.suppressed, *words.erased}
    if not wanted:
        return {}
    with db.read() as session:
        return dict(_pairs(store.address_keys(session), wanted, veil))


def _pairs(keys: Iterable[str], wanted: set[str], veil: Veil) -> Iterable[tuple[str, str]]:
    for key in keys:
        for mark in veil.marks(key):
            if mark in wanted:
                yield mark, key


def _leave(session: Session, newsletter_id: int, subscriber_id: int, how: Left) -> str:
    if record.subscription(session, newsletter_id, subscriber_id) is None:
        return "unknown"
    steps.take(session, newsletter_id, subscriber_id, steps.Step(ConsentStep.LEFT, how.at, how.how or "log"))
    return "left"


def _suppress(session: Session, mark: str, address_key: str | None, how: Left) -> bool:
    reason = _reason(how.how)
    if address_key is None:
        return suppressed.put_mark(session, mark, reason, at=how.at)
    return suppressed.add(session, address_key, reason, note="From the log of leavings.", at=how.at)


def _put_erased(session: Session, mark: str, address_key: str | None, *, at: datetime) -> None:
    if address_key is not None:
        suppressed.erase(session, address_key, at=at)
    suppressed.put_mark(session, mark, SuppressionReason.ERASED, at=at)


def _reason(word: str) -> SuppressionReason:
    return SuppressionReason(word) if word in set(SuppressionReason) else SuppressionReason.BY_HAND
