"""A relay at the other end of a socket pair that answers each line as a script says, in pieces, and keeps the truth."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from curator.mailings.transports.offer import Offer
from curator.mailings.transports.smtp_session import SmtpSession
from curator.mailings.transports.wire import Wire

CLOSE = ""
HANG = "hang"
USUAL = {
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "DOT": "250 queued",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}
PIPELINED = Offer(has_pipelining=True)

Says = Callable[[str, str], str]
"""What is said to a verb (DOT is the end of a message) while this recipient's message is the last one named."""


class OverError(Exception):
    """The conversation is over."""


@dataclass
class ScriptedRelay:
    """Talks to one session between `with` and its end.

    An answer may be several replies, or none whole; CLOSE ends the connection and HANG never answers. `dots` holds
    (recipient, content) of each message whose dot came after a yes to its recipient; `said` what was said to it.

    With `last`, nothing is answered before DATA, and no dot before the group behind it, but for that of the message
    to `last`: a client that waits for each answer gets stuck. `forbids_pipelining` ends the conversation when a line
    comes while another one is unanswered.
    """

    says: Says = lambda verb, _recipient: USUAL[verb]
    piece_bytes: int = 4096
    last: str = ""
    forbids_pipelining: bool = False
    lines: list[str] = field(default_factory=list)
    dots: list[tuple[str, bytes]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    empty_dots: int = 0
    round_trips: int = 0

    def session(self, offer: Offer = PIPELINED, *, most_messages: int = 100, answer_s: float = 5) -> SmtpSession:
        return SmtpSession(Wire(self._client, "The mail relay", answer_s=answer_s), offer, most_messages=most_messages)

    def __enter__(self) -> Self:
        self._client, self._server = socket.socketpair()
        self._unread, self._unsaid = bytearray(), bytearray()
        self._recipient, self._is_named = "", False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        self._thread.join()

    def _serve(self) -> None:
        with self._server:
            try:
                while True:
                    self._hear(self._line())
            except (OverError, OSError):
                pass

    def _line(self) -> bytes:
        while (end := self._unread.find(b"\r\n") + 2) < 2:
            raw = self._server.recv(65536)
            if not raw:
                raise OverError
            self._unread += raw
        line = bytes(self._unread[:end])
        del self._unread[:end]
        return line

    def _hear(self, line: bytes) -> None:
        self.lines.append(line.decode().strip())
        verb = line[:4].decode()
        if verb == "RCPT":
            self._recipient = line.decode().partition("<")[2].partition(">")[0]
        said = self.says(verb, self._recipient)
        self._say(said, is_held=verb != "DATA" and bool(self.last))
        if verb == "RCPT":
            self._is_named = said.startswith("2")
        if verb == "DATA" and said.startswith("354"):
            self._content()

    def _content(self) -> None:
        content: list[bytes] = []
        while (line := self._line()) != b".\r\n":
            content.append(line.removeprefix(b"."))
        said = self.says("DOT", self._recipient)
        if self._is_named:
            self.dots.append((self._recipient, b"".join(content)))
            self.said[self._recipient] = said
        else:
            assert content == []
            self.empty_dots += 1
        self._is_named = False
        self._say(said, is_held=bool(self.last) and self._recipient != self.last)

    def _say(self, said: str, *, is_held: bool) -> None:
        if self.forbids_pipelining and (self._unread or self._has_more()):
            raise OverError
        while said == HANG and self._server.recv(65536):
            pass
        if said in (CLOSE, HANG):
            raise OverError
        # "2" breaks off in the middle of a line, and with it the connection.
        is_cut = len(said) < 3
        self._unsaid += said.encode() + (b"" if is_cut else b"\r\n")
        if not is_held:
            self._speak()
        if is_cut:
            raise OverError

    def _speak(self) -> None:
        self.round_trips += 1
        for start in range(0, len(self._unsaid), self.piece_bytes):
            self._server.sendall(self._unsaid[start : start + self.piece_bytes])
        self._unsaid.clear()

    def _has_more(self) -> bool:
        try:
            return bool(self._server.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False
