"""What crosses the inbox's border: a call that waits, a fact that waits, and the sums that the desk shows."""

from dataclasses import dataclass
from datetime import date, datetime

from curator.events.providers.values import Fact, Provider


@dataclass(frozen=True)
class NewCall:
    """A call that is taken."""

    key: str
    provider: Provider
    body: bytes
    at: datetime
    is_proven: bool = True


@dataclass(frozen=True)
class WaitingCall:
    """A call that nobody has read yet."""

    id: int
    provider: Provider
    body: bytes
    came_at: datetime
    is_proven: bool


@dataclass(frozen=True)
class WaitingFact:
    """A fact whose delivery nobody knows yet."""

    provider: Provider
    fact: Fact
    came_at: datetime


@dataclass(frozen=True)
class Count:
    """How many calls or facts of a provider came to what since a day, and when the last did."""

    provider: Provider
    what: str
    number: int
    last_at: datetime


@dataclass(frozen=True)
class Refusal:
    """A call that was refused, and why."""

    at: datetime
    provider: Provider
    why: str


@dataclass(frozen=True)
class Standing:
    """What waits in the inbox, what was counted since `since`, and what was refused last, newest first."""

    since: date
    counts: tuple[Count, ...]
    calls: int
    facts: int
    oldest_at: datetime | None
    refused: tuple[Refusal, ...] = ()
