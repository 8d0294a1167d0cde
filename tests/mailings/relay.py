"""A mail relay for tests: says what it is told to, remembers what it accepted, and strikes at chosen moments."""

import socketserver
import ssl
import threading
from collections.abc import Callable
from io import BufferedIOBase
from types import TracebackType
from typing import Self


class ClosedError(Exception):
    """The conversation is over."""


class Relay:
    """Accepts mail on 127.0.0.1 between `with` and its end.

    `replies` replaces the answer to a verb (GREETING, EHLO, AUTH, MAIL, RCPT, DATA, DOT, RSET); "" closes the
    connection, "hang" never answers. `strike(point, number)` is called at every point (starttls, mail, data, content,
    dot, answered) with the number of messages accepted so far; when it returns True the connection is closed.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, is_wrapped: bool = False) -> None:
        self.replies: dict[str, str] = {}
        self.features: list[str] = []
        self.said: list[str] = []
        self.accepted: list[str] = []
        self.contents: list[bytes] = []
        self.connections = 0
        self.conversations: list[_Conversation] = []
        self.strike: Callable[[str, int], bool] = lambda _point, _number: False
        self.tls, self.is_wrapped = tls, is_wrapped
        self._over = threading.Event()
        self._server = _Server(self)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def interject(self, line: str) -> None:
        """Says a line on every connection that nobody asked for."""
        for conversation in self.conversations:
            conversation.sock.sendall(line.encode() + b"\r\n")

    def hang(self) -> None:
        self._over.wait()
        raise ClosedError

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.relay = relay


class _Conversation(socketserver.BaseRequestHandler):
    server: _Server
    file: BufferedIOBase | None = None

    def handle(self) -> None:
        self.relay = self.server.relay
        self.relay.connections += 1
        self.sock = self.request
        self.relay.conversations.append(self)
        try:
            self._converse()
        except (ClosedError, OSError):
            pass
        finally:
            self.relay.conversations.remove(self)
            if self.file is not None:
                self.file.close()
            self.sock.close()

    def _converse(self) -> None:
        if self.relay.is_wrapped:
            self._wrap()
        self.file = self.sock.makefile("rb")
        self._say("GREETING", "220 relay.example ready")
        while line := self.file.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            self.relay.said.append(f"{verb.upper()} {rest}".strip())
            getattr(self, f"_{verb.lower()}", self._other)(verb.upper())

    def _other(self, verb: str) -> None:
        self._say(verb, "250 2.0.0 Ok")
        if verb == "QUIT":
            raise ClosedError

    def _ehlo(self, _verb: str) -> None:
        lines = ["250-relay.example", *(f"250-{each}" for each in self.relay.features), "250 HELP"]
        self._say("EHLO", "\r\n".join(lines))

    def _starttls(self, _verb: str) -> None:
        self._point("starttls")
        self._say("STARTTLS", "220 2.0.0 go ahead")
        self.file.close()
        self._wrap()
        self.file = self.sock.makefile("rb")

    def _auth(self, _verb: str) -> None:
        if self.relay.said[-1] == "AUTH LOGIN" and "AUTH" not in self.relay.replies:
            for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                self.sock.sendall(prompt)
                self.relay.said.append(self.file.readline().decode().strip())
        self._say("AUTH", "235 2.7.0 welcome")

    def _mail(self, _verb: str) -> None:
        self._point("mail")
        self._say("MAIL", "250 2.1.0 Ok")

    def _data(self, _verb: str) -> None:
        self._point("data")
        if not self._say("DATA", "354 go on").startswith("354"):
            return
        lines = [self.file.readline()]
        self._point("content")
        while lines[-1] not in (b".\r\n", b""):
            lines.append(self.file.readline())
        if lines[-1] == b"":
            raise ClosedError
        content = b"".join(line.removeprefix(b".") for line in lines[:-1])
        answer = self.relay.replies.get("DOT", "250 2.0.0 queued")
        if answer.startswith("250") or answer in ("", "hang"):
            self.relay.contents.append(content)
            self.relay.accepted += [line[12:].strip().decode() for line in lines if line.startswith(b"Message-ID: ")]
        self._point("dot")
        self._say("DOT", answer)
        self._point("answered")

    def _point(self, point: str) -> None:
        if self.relay.strike(point, len(self.relay.accepted)):
            raise ClosedError

    def _say(self, verb: str, usual: str) -> str:
        answer = self.relay.replies.get(verb, usual)
        if answer == "hang":
            self.relay.hang()
        if not answer:
            raise ClosedError
        self.sock.sendall(answer.encode() + b"\r\n")
        return answer

    def _wrap(self) -> None:
        assert self.relay.tls is not None
        self.sock = self.relay.tls.wrap_socket(self.sock, server_side=True)
