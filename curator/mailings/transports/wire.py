"""One TCP connection to a mail relay: what is written, and replies read with limits and patience."""

import contextlib
import re
import select
import socket
import ssl
import time
from datetime import timedelta
from typing import NamedTuple

from curator.errors import TransportError
from curator.mailings.transports import replies

# RFC 5321 4.5.3.1.5 allows 512 octets; relays that explain themselves go beyond.
_LONGEST_LINE = 4096
# The longest answers are those to EHLO, with one line an extension.
_MOST_LINES = 128
_LINE = re.compile(rb"[2-5][0-9]{2}(?:[ -].*)?", re.DOTALL)
_READ_BYTES = 65536
# Room for a whole message of the largest kind: with the system's 16 KB to begin with, handing one over would wait until
# the relay has read it, instead of making the next one meanwhile.
_SEND_BUFFER_BYTES = 200_000
# The first waits for a reply are as long as patience itself, so that the socket need not be told anew.
_STEP_S = 0.05
_AGAIN_SOON = timedelta(minutes=1)


class Reply(NamedTuple):
    """What a relay said: its code, and its words with one line a line."""

    code: int
    words: bytes


class Wire:
    """A connected socket. Everything it raises is TransportError; after that it can only be closed.

    `where` names the relay at the beginning of a sentence. `answer_s` is the patience for one whole reply, and for
    one write.
    """

    def __init__(self, sock: socket.socket, where: str, *, answer_s: float) -> None:
        self._sock = sock
        self._unread = bytearray()
        self._patience_s: float | None = None
        self._ear = select.poll()
        self._ear.register(sock, select.POLLIN)
        self.where = where
        self.answer_s = answer_s

    @property
    def own_name(self) -> str:
        """What we call ourselves in EHLO: our address as a literal (RFC 5321 4.1.3)."""
        name = self._sock.getsockname()
        host = name[0] if isinstance(name, tuple) else "127.0.0.1"
        return f"[IPv6:{host}]" if ":" in host else f"[{host}]"

    def write(self, raw: bytes) -> None:
        """Hands all of `raw` to the kernel."""
        try:
            self._wait_at_most(self.answer_s)
            self._sock.sendall(raw)
        except OSError as error:
            raise lost(self.where, error) from error

    def reply(self) -> Reply:
        """Returns the next whole reply, however many lines it has; one that breaks RFC 5321 4.2 is an error."""
        deadline = time.monotonic() + self.answer_s
        lines: list[bytes] = []
        code = b""
        while len(lines) < _MOST_LINES:
            line = self._line(deadline)
            code = code or line[:3]
            if not _LINE.fullmatch(line) or line[:3] != code:
                raise self._nonsense()
            lines.append(line[4:])
            if line[3:4] != b"-":
                return Reply(int(code), b"\n".join(lines))
        raise self._nonsense()

    def has_unread(self) -> bool:
        """Tells, without waiting, whether the relay said anything that was not read yet.

        A connection that the relay has closed raises TransportError, once all that it said before was read.
        """
        if not self._unread:
            try:
                # What TLS has read ahead can no longer be heard on the socket.
                if not self._ear.poll(0) and not (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()):
                    return False
                self._wait_at_most(0)
                self._take(self._sock.recv(_READ_BYTES))
            except (BlockingIOError, ssl.SSLWantReadError):
                return False
            except OSError as error:
                raise lost(self.where, error) from error
        return True

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Speaks TLS from now on."""
        try:
            self._wait_at_most(self.answer_s)
            # The descriptor stays the same, so the ear hears on.
            self._sock = context.wrap_socket(self._sock, server_hostname=host)
        except (ssl.SSLCertVerificationError, UnicodeError, ValueError) as error:
            raise unusable(self.where, error) from error
        except OSError as error:
            raise lost(self.where, error) from error

    def close(self) -> None:
        """Ends the connection at once; never raises."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def _line(self, deadline: float) -> bytes:
        while (end := self._unread.find(b"\n")) < 0 and len(self._unread) <= _LONGEST_LINE:
            self._read_on(deadline)
        if not 0 <= end <= _LONGEST_LINE:
            raise self._nonsense()
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.removesuffix(b"\r")

    def _read_on(self, deadline: float) -> None:
        try:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            self._wait_at_most(self.answer_s if self.answer_s - left_s < _STEP_S else left_s)
            self._take(self._sock.recv(_READ_BYTES))
        except OSError as error:
            raise lost(self.where, error) from error

    def _wait_at_most(self, seconds: float) -> None:
        # Each change is a call of the system, and most waits of a conversation are the same.
        if seconds != self._patience_s:
            self._sock.settimeout(seconds)
            self._patience_s = seconds

    def _take(self, raw: bytes) -> None:
        if not raw:
            raise lost(self.where, ConnectionError("it closed the connection"))
        self._unread += raw

    def _nonsense(self) -> TransportError:
        return TransportError(f"{self.where} answers in words that make no sense.", retry_in=_AGAIN_SOON)


def dial(host: str, port: int, *, connect_s: float, answer_s: float) -> Wire:
    """Returns a connection to a relay, or raises TransportError."""
    where = f"The mail relay {host}:{port}"
    try:
        sock = socket.create_connection((host, port), connect_s)
    except UnicodeError as error:
        raise unusable(where, error) from error
    except OSError as error:
        raise lost(where, error) from error
    # Without it the small writes of a conversation wait for each other's acknowledgement, 40 ms each time.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    return Wire(sock, where, answer_s=answer_s)


def lost(where: str, error: Exception) -> TransportError:
    """Returns the error for a connection that cannot be made or broke off: nobody's fault, and it passes."""
    said = "it does not answer in time" if isinstance(error, TimeoutError) else replies.words(str(error))
    return TransportError(f"{where} cannot be reached: {said}", retry_in=_AGAIN_SOON)


def unusable(where: str, error: Exception) -> TransportError:
    """Returns the error for a relay that a person must look at: its name or its certificate is wrong."""
    return TransportError(f"{where} cannot be used as it is set: {replies.words(str(error))}")
