"""Connections to the very address that was checked, all under one deadline."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.wait import wait_for_read

from curator.http.aside import ALARM, HELPERS
from curator.http.guard import Target

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host, best first; raises OSError."""

_KEPT_S = 5.0
"""How long an unused connection is kept: what common servers allow (Apache's KeepAliveTimeout)."""

MAX_ADDRESSES = 4
"""Addresses of one host that are tried: two of each family, so that a dead one does not eat the whole time."""


class DeadlineError(Exception):
    """The time for the whole fetch is over. It stays inside this room."""


class Deadline:
    """One limit over a whole fetch, held even while a server drips bytes that keep every single read alive.

    At the end of the time an alarm shuts the watched connections down, which wakes whoever reads from them.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._unset = ALARM.at(self._ends, self._shut)

    def left_s(self) -> float:
        """Returns the seconds that are left; raises DeadlineError when none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise DeadlineError
        return left

    def watch(self, connection: socket.socket) -> None:
        """Has the connection shut down when the time is over.

        A duplicate is kept: TLS takes the original's descriptor away, and a shutdown works on the connection itself.
        """
        with self._lock:
            self._watched.append(connection.dup())
        self.left_s()

    def close(self) -> None:
        """Takes the alarm back and lets the connections go."""
        self._unset()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def _shut(self) -> None:
        with self._lock:
            for connection in self._watched:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Returns what the system's resolver says; it may block for longer than a fetch may last."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def addresses_in_time(resolve: Resolve, target: Target, deadline: Deadline) -> Sequence[str]:
    """Returns the host's addresses; raises OSError, or DeadlineError when the resolver takes too long.

    The resolver knows no time limit, so it runs in a thread of its own that is left behind when it is late.
    """
    answer: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            answer.append(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answer.append(error)

    HELPERS.start(ask).wait(deadline.left_s())
    if not answer:
        raise DeadlineError
    if isinstance(answer[0], UnicodeError):
        raise OSError("not a host name") from answer[0]
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


def dialled(addresses: Sequence[str], port: int, *, connect_s: float, deadline: Deadline) -> socket.socket:
    """Returns a socket connected to the first address that answers, or raises the last address's OSError."""
    last: OSError = ConnectionError("no address")
    for address in addresses[:MAX_ADDRESSES]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(connect_s, deadline.left_s()))
            connection.connect((address, port))
            deadline.watch(connection)
        except OSError as error:
            connection.close()
            last = error
        except DeadlineError:
            connection.close()
            raise
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise last


class _Plain(HTTPConnection):
    dial: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.dial()


class _Tls(HTTPSConnection):
    dial: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.dial()


@dataclass
class Line:
    """A connection to an origin, which may serve more than one request. `handle` is what a deadline can shut down."""

    origin: tuple[str, str, int]
    connection: HTTPConnection
    handle: socket.socket | None = None

    def has_more(self) -> bool:
        """Tells whether something came that nobody has read: on the line, or of a TLS record that was begun."""
        connected = self.connection.sock
        is_begun = isinstance(connected, ssl.SSLSocket) and connected.pending() > 0
        return is_begun or wait_for_read(connected, timeout=0)

    def close(self) -> None:
        """Hangs up, though a deadline holds a duplicate: a server may serve nobody else before."""
        if self.handle is not None:
            with contextlib.suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)
            self.handle.close()
        self.connection.close()


class Kept:
    """The one line that is kept open after an answer, for whoever asks its origin next."""

    def __init__(self) -> None:
        self._line: Line | None = None
        self._until = 0.0

    def take(self, origin: tuple[str, str, int]) -> Line | None:
        """Returns the line to this origin; any other is closed, and one that was kept for too long.

        So is one on which something came unasked: the other side hung up, or said more than its answer.
        """
        line, self._line = self._line, None
        if line is None:
            return None
        is_good = line.origin == origin and time.monotonic() <= self._until
        if is_good and not line.has_more():
            return line
        line.close()
        return None

    def keep(self, line: Line) -> None:
        """Keeps a line whose last answer was read to its end."""
        self._line, self._until = line, time.monotonic() + _KEPT_S

    def close(self) -> None:
        """Hangs up."""
        if self._line is not None:
            self._line.close()
            self._line = None


def connection_to(
    target: Target, dial: Callable[[], socket.socket], *, read_s: float, tls: ssl.SSLContext
) -> HTTPConnection:
    """Returns an unopened connection that speaks to `target.host` (Host, SNI, certificate) over what `dial` opens."""
    options: dict[str, Any] = {"port": target.port, "timeout": read_s}
    connection: _Plain | _Tls
    connection = _Tls(target.host, ssl_context=tls, **options) if target.is_tls else _Plain(target.host, **options)
    connection.dial = dial
    return connection
