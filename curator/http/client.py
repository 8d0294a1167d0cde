"""The real way out: one GET with limits, redirects and the guard on each of them."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from datetime import timedelta
from http.client import HTTPException  # noqa: TID251 - this is the one way out
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.exceptions import TimeoutError as LateError

from curator.errors import FetchError
from curator.http import guard
from curator.http.dial import (
    Deadline,
    DeadlineError,
    Kept,
    Line,
    Resolve,
    addresses_in_time,
    connection_to,
    dialled,
    system_addresses,
)
from curator.http.guard import Target, target_of
from curator.http.values import MAX_REDIRECTS, Fetched, Fetcher, Hop, Limits

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_SOON = timedelta(hours=1)
_NO_ANSWER = (ConnectionError, HTTPException)
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


class GuardedFetcher(Fetcher):
    """Asks over HTTP/1.1, no cookies, no proxies from the environment, a fresh connection each time unless `lasting`.

    `allow_private` allows loopback, private networks and any port. `resolve` and `tls` stand in for the system's
    resolver and certificate store.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        user_agent: str,
        allow_private: bool = False,
        resolve: Resolve = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._own = {"User-Agent": user_agent, "Accept-Encoding": "gzip", "Accept": "*/*"}
        self._allow_private = allow_private
        self._resolve = resolve
        self._tls = tls or ssl.create_default_context()
        self._kept: Kept | None = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Returns the answer to a GET after at most 5 redirects, or raises FetchError.

        The time limit is over the whole of it; the guard looks at every URL and every address on the way.
        """
        deadline = Deadline(self._limits.total_s)
        try:
            return self._followed(url, {**self._own, **(headers or {})}, deadline)
        except DeadlineError as error:
            reason = f"The server took longer than the {self._limits.total_s:g} s that a fetch may last."
            raise FetchError(url, reason, retry_in=_SOON) from error
        finally:
            deadline.close()

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Fetched:
        """Returns the answer to a POST with the beginning of its body; a redirect is an answer like any other.

        The guard looks at URL and addresses as it does for `get`. Raises FetchError.
        """
        limits = limits or self._limits
        asking = copy(self)
        asking._limits, asking._kept = limits, None  # noqa: SLF001 - its own copy
        deadline = Deadline(limits.total_s)
        try:
            return asking._posted(url, body, {**self._own, **(headers or {})}, deadline)  # noqa: SLF001 - likewise
        except DeadlineError as error:
            raise FetchError(url, f"The server took longer than {limits.total_s:g} s.", retry_in=_SOON) from error
        finally:
            deadline.close()

    def _posted(self, url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> Fetched:
        target = target_of(url, allow_private=self._allow_private)
        line = self._line(target, deadline)
        try:
            line.connection.request("POST", target.path, body=body, headers=headers, preload_content=False)
            response = line.connection.getresponse()
            names = {name.lower(): value for name, value in response.headers.itermerged()}
            beginning = _beginning_of(response, self._limits.max_bytes, deadline)
            deadline.left_s()
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.left_s()
            raise FetchError(target.url, _words(error, target.host, self._limits), retry_in=_SOON) from error
        finally:
            line.close()
        return Fetched(target.url, response.status, names, beginning)

    @contextmanager
    def lasting(self) -> Iterator[Fetcher]:
        """Yields a fetcher, for one thread, that asks an origin again over the connection that it has to it.

        That leads to the address that the guard has seen. What else is asked meanwhile closes it.
        """
        lasting = copy(self)
        lasting._kept = kept = Kept()  # noqa: SLF001 - its own copy
        try:
            yield lasting
        finally:
            kept.close()

    def _followed(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> Fetched:
        hops: list[Hop] = []
        while True:
            target = target_of(url, allow_private=self._allow_private)
            answer = self._answer(target, headers, deadline)
            pointed_to = location(answer)
            if pointed_to is None:
                return Fetched(answer.url, answer.status, answer.headers, answer.body, tuple(hops))
            if len(hops) == MAX_REDIRECTS:
                raise FetchError(url, f"The server redirects more than {MAX_REDIRECTS} times.", retry_in=_SOON)
            url = pointed_to
            hops.append(Hop(answer.status, url))

    def _answer(self, target: Target, headers: Mapping[str, str], deadline: Deadline) -> Fetched:
        kept = self._kept.take(target.origin) if self._kept else None
        if kept is not None:
            # A server may hang up at any time, or send the body of a 304 that has none: that is no answer, and a GET
            # may be asked again.
            with suppress(*_NO_ANSWER):
                return self._asked(kept, target, headers, deadline)
        return self._asked(self._line(target, deadline), target, headers, deadline)

    def _line(self, target: Target, deadline: Deadline) -> Line:
        addresses = self._allowed_addresses(target, deadline)

        def dial() -> socket.socket:
            dialled_to = dialled(addresses, target.port, connect_s=self._limits.connect_s, deadline=deadline)
            line.handle = dialled_to.dup()
            return dialled_to

        line = Line(target.origin, connection_to(target, dial, read_s=self._limits.read_s, tls=self._tls))
        return line

    def _asked(self, line: Line, target: Target, headers: Mapping[str, str], deadline: Deadline) -> Fetched:
        is_kept = False
        try:
            if was_kept := line.handle is not None:
                deadline.watch(line.handle)
            line.connection.request("GET", target.path, headers=headers, preload_content=False, decode_content=True)
            answer = self._read(target, line.connection.getresponse(), deadline)
            deadline.left_s()  # a connection shut down by the deadline may look like one that ended well
            is_kept = self._kept is not None and _is_open(line, answer)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.left_s()
            if was_kept and isinstance(error, _NO_ANSWER):
                raise
            raise FetchError(target.url, _words(error, target.host, self._limits), retry_in=_SOON) from error
        finally:
            if not is_kept:
                line.close()
        if is_kept and self._kept:
            self._kept.keep(line)
        return answer

    def _allowed_addresses(self, target: Target, deadline: Deadline) -> list[str]:
        try:
            found = addresses_in_time(self._resolve, target, deadline)
        except OSError as error:
            reason = f"There is no host {target.host}, or its name cannot be looked up just now."
            raise FetchError(target.url, reason, retry_in=_SOON) from error
        allowed = [address for address in found if guard.is_allowed(address, allow_private=self._allow_private)]
        if not allowed:
            raise FetchError(target.url, f"{target.host} has no public address, so Curator does not ask it.")
        return allowed

    def _read(self, target: Target, response: BaseHTTPResponse, deadline: Deadline) -> Fetched:
        headers = {name.lower(): value for name, value in response.headers.itermerged()}
        try:
            body = self._body(target, response, headers, deadline) if 200 <= response.status < 300 else b""
        finally:
            response.close()
        return Fetched(target.url, response.status, headers, body)

    def _body(
        self, target: Target, response: BaseHTTPResponse, headers: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            shown = "".join(c for c in encoding[:40] if c.isprintable())  # no database holds NUL
            raise FetchError(target.url, f"The server sent an encoding that nobody asked for ({shown}).")
        body = bytearray()
        # Said aloud: a chunked answer is left packed when `decode_content` is not given here.
        for chunk in response.stream(_CHUNK, decode_content=True):
            body += chunk
            deadline.left_s()
            if len(body) > self._limits.max_bytes:
                raise FetchError(target.url, f"The document is larger than {self._limits.max_bytes:,} bytes.")
        return bytes(body)


def _beginning_of(response: BaseHTTPResponse, max_bytes: int, deadline: Deadline) -> bytes:
    """Returns the first bytes of an answer as they came; one that is packed is nothing that anybody reads."""
    body = bytearray()
    for chunk in response.stream(min(_CHUNK, max_bytes), decode_content=False):
        body += chunk
        deadline.left_s()
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _is_open(line: Line, answer: Fetched) -> bool:
    """Tells whether a line can serve again: only of these answers the body was read, or there is none."""
    return line.connection.sock is not None and (200 <= answer.status < 300 or answer.status == 304)


def location(answer: Fetched) -> str | None:
    """Returns the absolute URL that a redirect points to, None when the answer is none."""
    if answer.status not in _REDIRECTS:
        return None
    given = answer.headers.get("location", "").strip()
    if not given:
        raise FetchError(answer.url, f"The server redirects ({answer.status}) without saying where to.")
    # Header bytes arrive as Latin-1; servers mean UTF-8 when they leave the encoding out.
    given = given.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urljoin(answer.url, given)
    except ValueError as error:
        raise FetchError(answer.url, "The server redirects to a URL that cannot be understood.") from error


def _words(error: Exception, host: str, limits: Limits) -> str:
    for kinds, words in _REASONS:
        if isinstance(error, kinds):
            return words.format(host=host, limits=limits, error=error)
    if isinstance(error, OSError):
        return f"{host} cannot be reached: {error.strerror or 'the connection broke'}."
    return f"{host} answered with something that is not proper HTTP."


_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (
        (LateError, TimeoutError),
        "{host} did not answer in time ({limits.connect_s:g} s to connect, {limits.read_s:g} s to read).",
    ),
    (ssl.SSLCertVerificationError, "{host} shows a certificate that cannot be trusted: {error.verify_message}."),
    (ssl.SSLError, "{host} does not speak TLS as it should."),
    (DecodeError, "{host} sent a compressed document that is damaged."),
    (ConnectionRefusedError, "{host} refuses the connection."),
)
