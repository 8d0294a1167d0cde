"""What the archive's servers answer on the present day: documents with validators, and the faults of a plan."""

import gzip
import hashlib
import threading
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from curator.clock import Clock
from curator.demo.replay.archive import Archive
from curator.demo.replay.plan import BUSY_HOST, HOLD, Fault, FaultKind, Plan

SLOW_S = 0.1
"""Slower than its neighbours; nobody watches."""

OLD, NEW = "feeds", "moved"
"""The folder in which each feed is added, and the one to which some of them move."""

CHUNK = bytes(64 * 1024)
_PLAIN = {"Content-Type": "text/plain"}
_XML = {"Content-Type": "application/rss+xml"}


@dataclass(frozen=True)
class Answer:
    """One answer. `delay_s` comes before all of it, `repeats` says how often CHUNK follows the body.

    `is_whole`: whoever got it to its end has what there is to get of this feed today.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    repeats: int = 0
    is_whole: bool = False


class Answers:
    """Answers for every host, one request at a time. `begin` says which day it is.

    `max_bytes` and `late_s` lie beyond the fetcher's limits: what is huge is larger, what is late comes later.
    """

    def __init__(self, archive: Archive, plan: Plan, clock: Clock, *, max_bytes: int, late_s: float) -> None:
        self.statuses: Counter[int] = Counter()
        self.asked_while_held = 0
        self._archive, self._plan, self._clock = archive, plan, clock
        self._max_bytes, self._late_s = max_bytes, late_s
        self._day = -1
        self._changed_at: dict[str, datetime] = {}
        self._settled: set[str] = set()
        self._dealt: set[str] = set()
        self._held_until: datetime | None = None
        self._faults = {fault.feed: fault for fault in plan.faults}
        self._lock = threading.Lock()

    def begin(self, nth_day: int) -> list[str]:
        """Turns to a day, whose documents are there from this moment on; returns the feeds that there are."""
        with self._lock:
            for feed in self._archive.feeds:
                told = self._archive.document(feed, nth_day)
                if told is not None and (self._day < 0 or told != self._archive.document(feed, self._day)):
                    self._changed_at[feed] = self._clock()
            self._day = nth_day
            gone = (fault for fault in self._plan.of_kind(FaultKind.GONE) if fault.day < nth_day)
            self._settled = {fault.feed for fault in gone}
            return list(self._changed_at)

    @property
    def unsettled(self) -> list[str]:
        """The feeds of this day that nobody has got whole yet."""
        with self._lock:
            return [feed for feed in self._changed_at if feed not in self._settled]

    def now_text(self) -> str:
        """Returns the present moment as HTTP writes it: by the clock that is set, not by the machine's."""
        return _http_date(self._clock())

    def answer(self, path: str, *, host: str, sent: Mapping[str, str | None]) -> Answer:
        """Returns what to answer to a request; `sent` are its validators under the names of their headers."""
        _, folder, feed = [*path.split("/"), "", ""][:3]
        with self._lock:
            found = self._decided(folder, feed, host, sent)
            self.statuses[found.status] += 1
            return found

    def note_whole(self, path: str, *, is_given: bool) -> None:
        """Notes that an answer that is whole is on its way, or that it did not get through."""
        feed = path.rpartition("/")[2]
        with self._lock:
            self._settled = self._settled | {feed} if is_given else self._settled - {feed}

    def _decided(self, folder: str, feed: str, host: str, sent: Mapping[str, str | None]) -> Answer:
        told = self._archive.document(feed, self._day) if folder in (OLD, NEW) else None
        if told is None:
            return Answer(404, b"There is no such feed.\n", _PLAIN)
        if host == BUSY_HOST and (held := self._hold()) is not None:
            return held
        fault = self._faults.get(feed)
        if fault is not None and fault.day <= self._day:
            dealt = self._lasting(fault, folder) if fault.kind.is_lasting else self._once(fault, told)
            if dealt is not None:
                return dealt
        return self._sound(feed, told, sent)

    def _hold(self) -> Answer | None:
        """Once, on its day, the busy host asks to be left alone, and says so to whoever comes all the same."""
        now = self._clock()
        if self._held_until is None:
            if self._plan.of_kind(FaultKind.BUSY)[0].day != self._day:
                return None
            self._held_until = now + HOLD
        elif now < self._held_until:
            self.asked_while_held += 1
        if now >= self._held_until:
            return None
        left_s = int((self._held_until - now).total_seconds())
        return Answer(429, b"Too many requests.\n", {"Retry-After": str(left_s), **_PLAIN})

    def _lasting(self, fault: Fault, folder: str) -> Answer | None:
        if fault.kind is FaultKind.GONE:
            return Answer(410, b"Gone.\n", _PLAIN, is_whole=True)
        if folder == NEW:
            return None
        # Both ways to say "for good" take turns.
        status = 301 if sum(fault.feed.encode()) % 2 else 308
        return Answer(status, headers={"Location": f"/{NEW}/{fault.feed}"})

    def _once(self, fault: Fault, told: bytes) -> Answer | None:
        if fault.feed in self._dealt or fault.kind is FaultKind.BUSY:
            return None
        self._dealt.add(fault.feed)
        if fault.kind is FaultKind.SLOW:
            return replace(self._sound(fault.feed, told, {}), delay_s=SLOW_S)
        return _faulty(fault.kind, told, repeats=self._max_bytes // len(CHUNK) + 2, late_s=self._late_s)

    def _sound(self, feed: str, told: bytes, sent: Mapping[str, str | None]) -> Answer:
        validators = self._validators(feed, told)
        # If-None-Match, when given, decides alone (RFC 9110 13.2.2).
        name = "ETag" if sent.get("ETag") is not None else "Last-Modified"
        if sent.get(name) == validators[name]:
            return Answer(304, headers=validators, is_whole=True)
        return Answer(200, told, {**_XML, **validators}, is_whole=True)

    def _validators(self, feed: str, told: bytes) -> dict[str, str]:
        tag = hashlib.sha256(told).hexdigest()[:16]
        return {"ETag": f'"{tag}"', "Last-Modified": _http_date(self._changed_at[feed])}


def _faulty(kind: FaultKind, told: bytes, *, repeats: int, late_s: float) -> Answer:
    """Returns an answer from which nobody gets the document; the same request later does."""
    zipped = {**_XML, "Content-Encoding": "gzip"}
    match kind:
        case FaultKind.TORN:
            return Answer(200, _torn(told), zipped)
        case FaultKind.BOMB:
            return Answer(200, _bomb(told, repeats), zipped)
        case FaultKind.HUGE:
            return Answer(200, told[:100], _XML, repeats=repeats)
        case FaultKind.LATE:
            return Answer(200, told, _XML, delay_s=late_s)
        case _:
            return Answer(500, b"Something broke.\n", _PLAIN)


def _torn(told: bytes) -> bytes:
    """Returns a gzip stream whose middle is damaged."""
    whole = bytearray(gzip.compress(told, mtime=0))
    middle = len(whole) // 2
    whole[middle : middle + 8] = b"\xff" * 8
    return bytes(whole)


def _bomb(told: bytes, repeats: int) -> bytes:
    """Returns a small gzip stream that unfolds beyond the limit."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(told[:100]), *(packer.compress(CHUNK) for _ in range(repeats)), packer.flush()]
    return b"".join(parts)


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
