"""The drill's relay: SMTP with PIPELINING on the loopback address; it knows every message and keeps no content."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from curator.demo.rehearsal.fates import Fate, fate_of

_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t]*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(rb"<([^>]*)>")
_END = b"\r\n.\r\n"
_EHLO = b"250-relay.example.test\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
# A header is never longer than this, and no content is kept beyond it.
_HEAD_BYTES = 8_192


class Relay:
    """Takes mail between `with` and its end. `accepted` messages have the ids `message_ids`; `dealt` counts lots."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.message_ids: Counter[str] = Counter()
        self.accepted = 0
        self.dealt: Counter[Fate] = Counter()
        self._tried: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay")
        self.port = 0

    def fate(self, recipient: str) -> Fate | None:
        """Returns what befalls this try, and writes it down."""
        fate = fate_of(self.seed, recipient)
        if fate is None or (fate is not Fate.REFUSED and recipient in self._tried):
            return None
        self._tried.add(recipient)
        self.dealt[fate] += 1
        return fate

    def answer(self, transport: asyncio.Transport, answers: bytes) -> None:
        """Answers at once; a slower relay is a subclass."""
        transport.write(answers)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(lambda: _Connection(self, self._connections), "127.0.0.1", 0)

    async def _hang_up(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._connections):
            connection.drop()
        # Transports close in the loop's next rounds.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class _Connection(asyncio.Protocol):
    """One sender's connection: reads whatever came, answers whatever can be answered, in order (RFC 2920)."""

    def __init__(self, relay: Relay, known: "set[_Connection]") -> None:
        self._relay = relay
        self._known = known
        self._buffer = bytearray()
        self._is_content = False
        self._recipient = ""
        self._fate: Fate | None = None
        self._is_deaf = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._known.add(self)
        transport.write(b"220 relay.example.test ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._known.discard(self)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._buffer += data
        answers = bytearray()
        while not self._is_deaf:
            answer = self._content() if self._is_content else self._command()
            if answer is None:
                break
            answers += answer
        if answers and self._transport is not None:
            self._relay.answer(self._transport, bytes(answers))

    def drop(self) -> None:
        """Breaks the connection."""
        self._is_deaf = True
        if self._transport is not None:
            self._transport.abort()

    def _command(self) -> bytes | None:
        """Returns the answer to the next whole line; None when there is none yet."""
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return None
        self._buffer = rest
        word = bytes(line[:4]).upper()
        act: Callable[[bytes], bytes] | None = {b"RCPT": self._rcpt, b"DATA": self._data, b"QUIT": self._quit}.get(word)
        if act is not None:
            return act(bytes(line))
        return {b"EHLO": _EHLO, b"MAIL": b"250 2.1.0 Ok\r\n", b"RSET": b"250 2.0.0 Ok\r\n"}.get(
            word, b"502 5.5.1 Not here\r\n"
        )

    def _rcpt(self, line: bytes) -> bytes:
        found = _RECIPIENT.search(line)
        self._recipient = found.group(1).decode() if found else ""
        self._fate = self._relay.fate(self._recipient)
        if self._fate is Fate.REFUSED:
            self._recipient = ""
            return b"550 5.1.1 There is no such reader\r\n"
        if self._fate is Fate.DEFERRED:
            self._recipient = ""
            return b"451 4.7.1 Come back later\r\n"
        return b"250 2.1.5 Ok\r\n"

    def _data(self, _line: bytes) -> bytes:
        if not self._recipient:
            return b"554 5.5.1 No valid recipients\r\n"
        self._is_content = True
        return b"354 Go on\r\n"

    def _quit(self, _line: bytes) -> bytes:
        if self._transport is not None:
            self._transport.write(b"221 2.0.0 Bye\r\n")
            self._transport.close()
        self._is_deaf = True
        return b""

    def _content(self) -> bytes | None:
        """Returns the answer to a message that is whole; None while it is not."""
        if self._fate is Fate.CLOSED_EARLY:
            self.drop()
            return b""
        end = self._buffer.find(_END)
        if end < 0:
            return None
        head, self._buffer = bytes(self._buffer[:_HEAD_BYTES]), self._buffer[end + len(_END) :]
        self._is_content = False
        if self._fate is Fate.DEFERRED_AFTER_DOT:
            return b"451 4.3.0 Come back later\r\n"
        found = _MESSAGE_ID.search(head)
        self._relay.message_ids[found.group(1).decode() if found else ""] += 1
        self._relay.accepted += 1
        if self._fate is Fate.UNANSWERED:
            self.drop()
        elif self._fate is Fate.HANGING:
            self._is_deaf = True
        else:
            return b"250 2.0.0 Ok\r\n"
        return b""
