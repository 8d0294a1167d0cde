"""What crosses the way out: limits, what was fetched or looked up, and the ports that do so."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

MAX_URL = 2000
"""Characters in a URL: what browsers and caches take, and below the 2,704 bytes that PostgreSQL can index."""

MAX_REDIRECTS = 5
"""How many redirects one fetch follows; RFC 9110 leaves it open, RFC 2068 recommended five."""


@dataclass(frozen=True)
class Limits:
    """How long and how large one fetch may be.

    `total_s` covers everything from the first name's look-up to the last byte, redirects included; `max_bytes`
    counts the body after decompression.
    """

    connect_s: float = 5.0
    read_s: float = 20.0
    total_s: float = 30.0
    max_bytes: int = 15_000_000


@dataclass(frozen=True)
class Hop:
    """One redirect on the way: its status, and the URL that it pointed to."""

    status: int
    url: str


@dataclass(frozen=True)
class Fetched:
    """An answer, whatever its status. `url` is the last one asked, `headers` have lower-case names.

    `body` is decompressed and whole (an answer over the limits is a FetchError instead); it is read for 2xx only.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()


def phrase(status: int) -> str:
    """Returns a status with its words ("404 Not Found"), or alone where RFC 9110 gives it none."""
    known = {each.value: each.phrase for each in HTTPStatus}
    return f"{status} {known.get(status, '')}".rstrip()


class Fetcher(Protocol):
    """The way out."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Returns the answer to a GET after at most 5 redirects, or raises FetchError."""
        ...

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Fetched:
        """Returns the answer to a POST, whatever its status; no redirect is followed. Raises FetchError.

        Of the answer's body the first `max_bytes` are read, of an error too. It is sent once: whether it arrived is
        not known when it fails.
        """
        ...

    def lasting(self) -> "AbstractContextManager[Fetcher]":
        """Yields a fetcher, for one thread, that may ask a host again over the connection that it has to it."""
        return nullcontext(self)


class Outcome(StrEnum):
    """How a DNS look-up ended. The first three are answers, the others leave the question open."""

    FOUND = "found"
    NO_NAME = "no such name"
    NO_RECORD = "no such record"
    LATE = "late"
    FAILED = "failed"
    NO_NETWORK = "no network"

    @property
    def is_answer(self) -> bool:
        """Whether the world was asked and said what there is."""
        return self in (Outcome.FOUND, Outcome.NO_NAME, Outcome.NO_RECORD)


@dataclass(frozen=True)
class Looked:
    """What a look-up brought: records as text (a TXT's pieces joined, an MX's host), or in words why none."""

    name: str
    outcome: Outcome
    records: tuple[str, ...] = ()
    words: str = ""


class Resolver(Protocol):
    """Asks the DNS. It raises nothing: that nobody answers is an outcome too."""

    def txt(self, name: str) -> Looked:
        """Returns the TXT records of a name, in no order."""
        ...

    def mx(self, name: str) -> Looked:
        """Returns the hosts that take mail for a name, most wanted first; "." stands for a host that takes none."""
        ...
