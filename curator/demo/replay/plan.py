"""Decides by a seed at which host each feed lies, and which faults it has on which day. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 9))
"""Where feeds lie: each is a host of its own to whoever polls, and all are this machine."""

BUSY_HOST = "127.0.0.9"
"""The host that once has enough of us."""

HOLD = timedelta(minutes=90)
"""How long the busy host wants to be left alone: longer than the shortest wait, and over within its day."""


class FaultKind(StrEnum):
    """What is wrong with a feed, or with the way to it."""

    GONE = "410"
    MOVED = "301"
    BUSY = "429"
    HUGE = "huge"
    BOMB = "gzip bomb"
    LATE = "too slow"
    BROKEN = "500"
    TORN = "torn gzip"
    SLOW = "slow"

    @property
    def is_lasting(self) -> bool:
        """Whether it stays from its day on; the others are over after one answer, BUSY after its hold."""
        return self in (FaultKind.GONE, FaultKind.MOVED)


@dataclass(frozen=True)
class Fault:
    """One feed's fault; `day` counts from 0."""

    feed: str
    kind: FaultKind
    day: int


@dataclass(frozen=True)
class Plan:
    """Where every feed lies and what is wrong with which."""

    seed: int
    hosts: Mapping[str, str]
    faults: tuple[Fault, ...]

    def of_feed(self, feed: str) -> Fault | None:
        """Returns the feed's fault; it has one at most."""
        return next((fault for fault in self.faults if fault.feed == feed), None)

    def of_kind(self, kind: FaultKind) -> tuple[Fault, ...]:
        """Returns every fault of a kind."""
        return tuple(fault for fault in self.faults if fault.kind is kind)


# How many feeds share one that has the fault, in the order in which a small archive gets them.
_SHARES = {
    FaultKind.BUSY: 20,
    FaultKind.MOVED: 30,
    FaultKind.GONE: 90,
    FaultKind.BROKEN: 40,
    FaultKind.TORN: 60,
    FaultKind.HUGE: 180,
    FaultKind.LATE: 180,
    FaultKind.BOMB: 180,
    FaultKind.SLOW: 30,
}


def plan_of(feeds: Sequence[str], *, days: int, seed: int, random: Random) -> Plan:
    """Returns the plan for these feeds; `random` is seeded with `seed`, so the same seed gives the same plan."""
    shuffled = sorted(feeds)
    random.shuffle(shuffled)
    faults = tuple(_faults(shuffled, days=days, random=random))
    busy = {fault.feed for fault in faults if fault.kind is FaultKind.BUSY}
    hosts = {feed: BUSY_HOST if feed in busy else HOSTS[nth % len(HOSTS)] for nth, feed in enumerate(sorted(feeds))}
    return Plan(seed, hosts, faults)


def _faults(feeds: Sequence[str], *, days: int, random: Random) -> Iterator[Fault]:
    left = list(feeds)
    busy_day = days // 2
    for kind, share in _SHARES.items():
        for _ in range(max(1, len(feeds) // share)):
            # With one day only, a feed that is gone would never have been there.
            if left and not (kind is FaultKind.GONE and days == 1):
                yield Fault(left.pop(), kind, _day(kind, days=days, busy_day=busy_day, random=random))


def _day(kind: FaultKind, *, days: int, busy_day: int, random: Random) -> int:
    match kind:
        case FaultKind.MOVED:
            return 0  # a move is believed after three polls over a day
        case FaultKind.GONE:
            return random.randrange(1, days)
        case FaultKind.BUSY:
            return busy_day
        case _:
            return random.randrange(days)
