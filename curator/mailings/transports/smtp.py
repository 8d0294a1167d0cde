"""SMTP to one relay: smtp://, smtps:// and smtp+starttls://, from the name in a URL to a session that may send."""

import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from curator.errors import TransportError
from curator.mailings.transports import offer, replies
from curator.mailings.transports.offer import Offer
from curator.mailings.transports.sign_in import sign_in
from curator.mailings.transports.smtp_session import SmtpSession
from curator.mailings.transports.wire import Reply, Wire, dial

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
# Long enough for a relay that looks hard at the message, short enough that a lease outlives a whole conversation.
_ANSWER_S = 60.0
_CONNECT_S = 10.0
# A new connection costs about five round trips, so 100 messages bear it with 5 %; big relays end a connection
# themselves somewhere beyond. Yahoo wants about 20: ?per_connection=20.
PER_CONNECTION = 100
# More are asked for, because many relays let a sender have few: Postfix 50, others 5 or 10.
CONNECTIONS = 1


class SmtpTransport:
    """A relay named by a URL such as smtp+starttls://USER:PASSWORD@mail.example.org:587 (percent-encoded).

    `?per_connection=20` ends a connection after so many messages; `?connections=4` opens so many side by side.
    """

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
        query = parse_qs(parts.query)
        self.per_connection = int(query.get("per_connection", [PER_CONNECTION])[-1])
        self.most_connections = int(query.get("connections", [CONNECTIONS])[-1])
        self._connect_s = connect_s
        self._answer_s = answer_s
        self._tls = tls

    def __repr__(self) -> str:
        return f"SmtpTransport({self._scheme}://{self._host}:{self._port})"

    def connect(self) -> SmtpSession:
        """Returns a session that has greeted, and signed in where the URL says so; raises TransportError."""
        wire = dial(self._host, self._port, connect_s=self._connect_s, answer_s=self._answer_s)
        try:
            offered = self._open(wire)
        except BaseException:
            wire.close()
            raise
        return SmtpSession(wire, offered, most_messages=self.per_connection)

    def _open(self, wire: Wire) -> Offer:
        if self._scheme == "smtps":
            self._encrypt(wire)
        _expect(wire.reply(), 220, "does not greet us")
        offered = _greeted(wire)
        if self._scheme == "smtp+starttls":
            offered = self._start_tls(wire, offered)
        if self._user:
            sign_in(wire, offered, user=self._user, password=self._password)
        return offered

    def _start_tls(self, wire: Wire, offered: Offer) -> Offer:
        if not offered.has_starttls:
            raise TransportError(f"{wire.where} does not offer STARTTLS; see CURATOR_SMTP_URL.")
        wire.write(b"STARTTLS\r\n")
        _expect(wire.reply(), 220, "refuses STARTTLS")
        if wire.has_unread():
            # Whoever sits in between could put answers here that would be taken for encrypted ones (CVE-2011-0411).
            raise TransportError(f"{wire.where} speaks on in the clear after it agreed to encrypt; do not trust it.")
        self._encrypt(wire)
        # What was said before the encryption began does not count (RFC 3207 4.2).
        return _greeted(wire)

    def _encrypt(self, wire: Wire) -> None:
        wire.start_tls(self._tls or ssl.create_default_context(), self._host)


def _greeted(wire: Wire) -> Offer:
    """Says EHLO, and HELO to a relay that does not know it (RFC 5321 3.2): that one offers nothing."""
    said = _say(wire, f"EHLO {wire.own_name}")
    if said.code in (500, 501, 502, 504):
        _expect(_say(wire, f"HELO {wire.own_name}"), 250, "refuses our HELO")
        return Offer()
    _expect(said, 250, "refuses our EHLO")
    return offer.read(said.words)


def _say(wire: Wire, line: str) -> Reply:
    wire.write(line.encode() + b"\r\n")
    return wire.reply()


def _expect(said: Reply, code: int, what: str) -> None:
    if said.code != code:
        raise replies.trouble(what, *said)
