"""CALL -> INBOX: keeps what a provider calls us with before it is answered; nothing is read yet."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from curator.db import Database
from curator.events.inbox import store
from curator.events.inbox.values import NewCall, Refusal
from curator.events.providers.judge import Call, Doors, Verdict, Why, judged
from curator.events.providers.values import Provider

_log = structlog.get_logger()

# Whoever knows a topic's name could send letters with invented certificates: each waits for a fetch.
_MOST_UNPROVEN = 200
# Of one transaction: some milliseconds, also where the bodies are large.
_MOST_TOGETHER = 64
# Certificates of one process; SNS has one for each region and changes it about once a year.
_MOST_CERTIFICATES = 50
# Of refused calls of one process: enough to see what is wrong, and too few to fill a disk by calling.
_MOST_LISTED_A_MINUTE = 20
# Of these a second copy is an attempt; SNS and Postmark may well say the same twice.
_SAID_ONCE = (Provider.MAILGUN, Provider.SENDGRID)


@dataclass
class _Waiting:
    """A call, or a mere count, on its way into the database with others."""

    verdict: Verdict
    provider: Provider
    call: NewCall | None
    at: datetime
    why: Why | None = None
    error: Exception | None = None
    is_done: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class Intake:
    """Takes calls of many threads: those that come while one transaction runs are kept together in the next.

    A transaction waits for the disk, because what was answered is never told again; together they wait once.
    """

    def __init__(self, db: Database, doors: Doors) -> None:
        self._db = db
        self._doors = doors
        self._queue: list[_Waiting] = []
        self._lock = threading.Lock()
        self._is_led = False
        self._certificates: dict[str, str] = {}
        self._minute: datetime | None = None
        self._left = 0

    def has(self, provider: Provider) -> bool:
        """Whether calls of a provider are taken at all."""
        return self._doors.has(provider)

    def take(self, call: Call, *, now: datetime) -> Why:
        """Keeps a call and returns what became of it. Raises StorageError: then it is not kept, and may come again."""
        verdict = judged(call, self._doors, now=now, certificate=self._certificate)
        if verdict.why is Why.UNPROVEN and self._is_full():
            verdict = Verdict(Why.FULL)
        kept = None
        if not verdict.why.is_refusal:
            kept = NewCall(verdict.key, call.provider, call.body, now, is_proven=verdict.why is not Why.UNPROVEN)
        return self._written(_Waiting(verdict, call.provider, kept, now))

    def refuse(self, provider: Provider, why: Why, *, now: datetime) -> Why:
        """Counts a call that was refused before it was read."""
        return self._written(_Waiting(Verdict(why), provider, None, now))

    def _written(self, mine: _Waiting) -> Why:
        with self._lock:
            self._queue.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        while not mine.is_done:
            # Whoever is woken without being done has the lead: nobody waits for a lock that others have to give back.
            mine.woken.clear()
            self._write_some()
            if not self._hand_on(mine):
                mine.woken.wait()
        if mine.error is not None:
            raise mine.error
        why = mine.why or mine.verdict.why
        if why.is_refusal:
            _log.warning("call of a provider refused", provider=mine.provider.value, why=why.value)
        return why

    def _hand_on(self, mine: _Waiting) -> bool:
        """Gives the lead to who waits longest; False where somebody else leads and mine is not written yet."""
        with self._lock:
            first = self._queue[0] if self._queue else None
            self._is_led = first is not None
        if first is not None and first is not mine:
            first.woken.set()
        return mine.is_done or first is mine

    def _write_some(self) -> None:
        with self._lock:
            some, self._queue = self._queue[:_MOST_TOGETHER], self._queue[_MOST_TOGETHER:]
        try:
            with self._db.write(is_durable=any(each.call for each in some)) as session:
                calls = {each.call.key: each.call for each in some if each.call is not None}
                fresh = store.add_calls(session, list(calls.values()))
                for each in some:
                    each.why = _fate(each, fresh)
                # What was taken is counted when it is read: here it would cost as much as keeping it.
                told = [each for each in some if each.why not in (Why.TAKEN, Why.UNPROVEN)]
                store.count(session, store.tallied((each.provider, each.why or "") for each in told), now=some[-1].at)
                store.add_refusals(session, self._listed(told))
        except Exception as error:  # each of them is answered with it
            for each in some:
                each.error = error
        for each in some:
            each.is_done = True
            each.woken.set()

    def _listed(self, told: Sequence[_Waiting]) -> list[Refusal]:
        """Returns the refusals that are written down one by one; only who leads asks."""
        refused = [Refusal(each.at, each.provider, each.why) for each in told if each.why and each.why.is_refusal]
        if not refused:
            return []
        minute = refused[-1].at.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._left = minute, _MOST_LISTED_A_MINUTE
        some = refused[: self._left]
        self._left -= len(some)
        return some

    def _is_full(self) -> bool:
        with self._db.read() as session:
            return store.unproven(session) >= _MOST_UNPROVEN

    def _certificate(self, url: str) -> str | None:
        if url not in self._certificates:
            with self._db.read() as session:
                found = store.certificate(session, url)
            if found is None or not found[0]:
                return None
            if len(self._certificates) >= _MOST_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = found[0]
        return self._certificates[url]


def _fate(each: _Waiting, fresh: set[str]) -> Why:
    """Returns what became of a call; of two with one key in one transaction the second came again."""
    if each.call is None or each.call.key in fresh:
        if each.call is not None:
            fresh.discard(each.call.key)
        return each.verdict.why
    return Why.REPLAYED if each.provider in _SAID_ONCE else Why.AGAIN
