"""SMTP to one relay: smtp://, smtps:// and smtp+starttls://, several messages a connection."""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from curator.errors import TransportError
from curator.mailings.transports import replies
from curator.mailings.values import Answer, Outgoing, Verdict

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_AGAIN_SOON = timedelta(minutes=1)
_LINE_START_DOT = re.compile(rb"(?m)^\.")
# Long enough for a relay that looks hard at the message, short enough that a lease outlives a whole conversation.
_ANSWER_S = 60.0
_CONNECT_S = 10.0


class SmtpTransport:
    """A relay named by a URL such as smtp+starttls://USER:PASSWORD@mail.example.org:587 (percent-encoded)."""

    def __init__(
        self,
        url: str,
        *,
        connect_s: float = _CONNECT_S,
        answer_s: float = _ANSWER_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._connect_s = connect_s
        self._answer_s = answer_s
        self._tls = tls

    def __repr__(self) -> str:
        return f"SmtpTransport({self._scheme}://{self._host}:{self._port})"

    def connect(self) -> "SmtpSession":
        """Returns a session that has greeted, and signed in where the URL says so; raises TransportError."""
        client = _Client()
        try:
            self._open(client)
        except TransportError:
            client.close()
            raise
        except (ssl.SSLCertVerificationError, UnicodeError) as error:
            client.close()
            raise TransportError(f"{self._where} cannot be used as it is set: {replies.words(str(error))}") from error
        except (OSError, smtplib.SMTPException) as error:
            client.close()
            raise _lost(self._where, error) from error
        return SmtpSession(client, self._where)

    @property
    def _where(self) -> str:
        return f"The mail relay {self._host}:{self._port}"

    def _open(self, client: "_Client") -> None:
        sock = socket.create_connection((self._host, self._port), self._connect_s)
        # Without it the small writes of a conversation wait for each other's acknowledgement, 40 ms each time.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(self._answer_s)
        client.take(sock)
        if self._scheme == "smtps":
            client.take(self._wrapped(sock))
        _expect(client.getreply(), 220, "does not greet us")
        _expect(client.ehlo(), 250, "refuses our EHLO")
        if self._scheme == "smtp+starttls":
            self._start_tls(client)
        if self._user:
            self._sign_in(client)

    def _sign_in(self, client: "_Client") -> None:
        # The errors are not chained: their texts and frames may hold the password.
        try:
            client.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError as error:
            raise replies.trouble("refuses our user name or password", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except (smtplib.SMTPException, UnicodeError):
            raise TransportError(f"{self._where} offers no way to sign in that we know.") from None

    def _start_tls(self, client: "_Client") -> None:
        if not client.has_extn("starttls"):
            raise TransportError(f"{self._where} does not offer STARTTLS; see CURATOR_SMTP_URL.")
        _expect(client.docmd("STARTTLS"), 220, "refuses STARTTLS")
        if client.sock is not None:
            client.take(self._wrapped(client.sock))
        # What was said before the encryption began does not count (RFC 3207 4.2).
        _expect(client.ehlo(), 250, "refuses our EHLO")

    def _wrapped(self, sock: socket.socket) -> ssl.SSLSocket:
        context = self._tls or ssl.create_default_context()
        return context.wrap_socket(sock, server_hostname=self._host)


class _Client(smtplib.SMTP):
    """smtplib's conversation on a socket that was opened elsewhere (it sets neither TCP_NODELAY nor two time-outs)."""

    def __init__(self) -> None:
        # A name of its own keeps smtplib from asking the DNS for one; `take` puts the address literal in.
        super().__init__(local_hostname="[127.0.0.1]")

    def take(self, sock: socket.socket) -> None:
        """Talks over this socket from now on, forgetting what was read from the last one."""
        self.sock = sock
        self.file = None
        host = sock.getsockname()[0]
        self.local_hostname = f"[IPv6:{host}]" if ":" in host else f"[{host}]"


class SmtpSession:
    """One connection to a relay."""

    def __init__(self, client: smtplib.SMTP, where: str) -> None:
        self._client = client
        self._where = where
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._is_open

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over; see the port for what is raised when."""
        if message.needs_smtputf8 and not self._client.has_extn("smtputf8"):
            return Answer(
                Verdict.REFUSED, 0, "the relay cannot write to an address with letters outside ASCII (SMTPUTF8)"
            )
        try:
            refused = self._envelope(message)
            if refused is not None:
                return refused
            self._content(message.content)
            before_dot()
            return self._dot()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise _lost(self._where, error) from error
        except BaseException:
            self._drop()
            raise

    def _envelope(self, message: Outgoing) -> Answer | None:
        """Names sender and recipient and asks to begin; returns an answer when the recipient is refused."""
        options = " SMTPUTF8 BODY=8BITMIME" if message.needs_smtputf8 else ""
        _expect(self._say(f"MAIL FROM:<{message.sender}>{options}"), 250, "refuses our sender address")
        code, said = self._say(f"RCPT TO:<{message.recipient}>")
        if code not in (250, 251):
            answer = replies.at_recipient(code, said)
            self._start_over()
            return answer
        code, said = self._say("DATA")
        if 400 <= code < 500 and code != 421:
            self._start_over()
            return Answer(Verdict.DEFERRED, code, replies.words(said))
        _expect((code, said), 354, "refuses to read a message")
        return None

    def _start_over(self) -> None:
        # The answer is a fact already; a relay that cannot go on only costs a new connection.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self._say("RSET")[0] == 250:
                return
        self._drop()

    def _say(self, line: str) -> tuple[int, bytes]:
        # By hand, because smtplib reads addresses anew (parseaddr) and knows ASCII only.
        self._client.send(line.encode() + b"\r\n")
        return self._client.getreply()

    def _content(self, content: bytes) -> None:
        body = content if content.endswith(b"\r\n") else content + b"\r\n"
        self._client.send(_LINE_START_DOT.sub(b"..", body))

    def _dot(self) -> Answer:
        """Sends the final dot and hears the answer; from here on only an answer can tell what became of it."""
        try:
            self._client.send(b".\r\n")
            code, said = self._client.getreply()
        except (OSError, smtplib.SMTPException):
            self._drop()
            return Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
        answer = replies.after_dot(code, said)
        if answer.verdict is Verdict.UNKNOWN or code == 421:
            self._drop()
        return answer

    def close(self) -> None:
        """Says QUIT when the connection still works; never raises."""
        if self._is_open:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._client.docmd("QUIT")
        self._drop()

    def _drop(self) -> None:
        self._is_open = False
        with contextlib.suppress(OSError):
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


def _expect(reply: tuple[int, bytes], code: int, what: str) -> None:
    if reply[0] != code:
        raise replies.trouble(what, *reply)


def _lost(where: str, error: Exception) -> TransportError:
    """The error for a connection that cannot be made or broke off: nobody's fault, and it passes."""
    said = "it does not answer in time" if isinstance(error, TimeoutError) else replies.words(str(error))
    return TransportError(f"{where} cannot be reached: {said}", retry_in=_AGAIN_SOON)
