"""The demo's mail sink: a real SMTP server on the loopback address that keeps every mail and passes none on."""

import asyncio
import socket
from collections import Counter
from collections.abc import Coroutine
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from curator.demo.bounce import bounce
from curator.demo.maildir import Maildir

# Addresses that begin so are scripted; everybody else is accepted.
BOUNCE = "bounce+"
SLOW = "slow+"
# Taken, and then sent back as a bounce: how most mail servers treat whom they find out later not to have.
GONE = "nobody-"


class Sink:
    """Takes mail between `with` and its end and files it in `outbox`; `port` 0 takes a free one.

    `bounce+...` is refused for good at RCPT, `slow+...` is put off once and then accepted, `nobody-...` is accepted and
    comes back as a bounce to the folder `bounces`. A port that is taken raises OSError. Counts are complete for every
    mail that was answered.
    """

    def __init__(self, outbox: Path, *, port: int = 0, bounces: Path | None = None) -> None:
        self._maildir = Maildir(outbox)
        self._bounces = None if bounces is None else Maildir(bounces)
        if self._bounces is not None:
            self._bounces.prepare()
        self._put_off: set[str] = set()
        self.message_ids: Counter[str] = Counter()
        self.recipients: Counter[str] = Counter()
        self.refused = 0
        self.deferred = 0
        self._listener = _listener(port)
        self.port: int = self._listener.getsockname()[1]
        self._controller = _Controller(self, self._listener)

    @property
    def url(self) -> str:
        """What CURATOR_SMTP_URL is set to."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self) -> int:
        """How many mails were taken."""
        return self.message_ids.total()

    @property
    def twice(self) -> int:
        """How many mails came with a Message-ID that had come before."""
        return self.message_ids.total() - len(self.message_ids)

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
        self._listener.close()

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answers one recipient by the script (RFC 5321 4.2, RFC 3463 for the second code)."""
        del server, session, options
        if address.startswith(BOUNCE):
            self.refused += 1
            return "550 5.1.1 There is no such reader here"
        if address.startswith(SLOW) and address not in self._put_off:
            self._put_off.add(address)
            self.deferred += 1
            return "451 4.7.1 Come back a little later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Files one mail for each of its recipients."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        headers = BytesHeaderParser().parsebytes(content)
        self.message_ids[str(headers["Message-ID"] or "").strip()] += 1
        for recipient in envelope.rcpt_tos:
            self.recipients[recipient] += 1
            self._maildir.put(content, sender=envelope.mail_from or "", recipient=recipient)
            if self._bounces is not None and recipient.startswith(GONE) and envelope.mail_from:
                self._bounces.put(bounce(recipient, content), sender="", recipient=envelope.mail_from)
        return "250 2.0.0 Kept in the outbox"


class _Connection(SMTP):
    """A connection that ends when the client ends it; aiosmtpd's own stays half open after an end without QUIT."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


class _Controller(Controller):
    """A controller over a socket that is bound already: aiosmtpd's own cannot tell which port it got for 0.

    It also hangs up on whoever is connected at the end; aiosmtpd leaves such connections to the garbage collector.
    """

    def __init__(self, sink: Sink, listener: socket.socket) -> None:
        self._listener = listener
        self._connections: WeakSet[SMTP] = WeakSet()
        port = listener.getsockname()[1]
        super().__init__(sink, "127.0.0.1", port, ident="Curator demo", server_hostname="sink.example.test")

    def factory(self) -> SMTP:
        connection = _Connection(self.handler, **self.SMTP_kwargs)
        self._connections.add(connection)
        return connection

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    def _create_server(self) -> Coroutine[None, None, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener, ssl=self.ssl_context)

    async def _hang_up(self) -> None:
        # Closing the server at once would break a connection that is just being accepted (asyncio asserts that its
        # server is open): stop accepting, and give the last one the three rounds that it needs to learn its transport.
        self.loop.remove_reader(self._listener)
        for _ in range(3):
            await asyncio.sleep(0)
        for connection in list(self._connections):
            if isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()
        await asyncio.sleep(0)


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener
