"""What crosses the border of the polls' rows: lines of the ledger, holds, and hosts that are taken for a while."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PollRow:
    """One time that a feed was asked. `status` is None without an answer; `bytes` counts after decompression."""

    at: datetime
    status: int | None
    is_ok: bool
    note: str
    new: int = 0
    updated: int = 0
    took_ms: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Hold:
    """A host that wants to be left alone, for the `strikes`-th time in a row."""

    host: str
    until: datetime
    strikes: int
    why: str


@dataclass(frozen=True)
class DueFeed:
    """A feed whose moment has come: since when, the host that it lies on, and when it was last read (or added)."""

    id: int
    host: str
    at: datetime
    read_at: datetime


@dataclass(frozen=True)
class Taken:
    """A host that nobody else asks until it is given back, with those of its feeds that are due.

    `name` is that of the lease: the host's, or where several may ask it at once the host's with a number.
    """

    name: str
    feed_ids: tuple[int, ...]
