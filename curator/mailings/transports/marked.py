"""Gives providers our own name of each message, in the header that they hand back when they tell what became of it.

Postmark gives each message an id of its own and never tells ours; SendGrid and Mailgun leave ours out of some of their
events. The name is the Message-ID's first part, which is signed. The header is added in front of a signature of ours,
which does not cover it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self

from curator.mailings.transports.port import Session, Transport, look, most_connections
from curator.mailings.values import Answer, Outgoing

MARK = "curator"
"""Under which name they hand it back."""

_HEADERS = {
    "postmarkapp.com": f"X-PM-Metadata-{MARK}: %s\r\n",
    "sendgrid.net": f'X-SMTPAPI: {{"unique_args": {{"{MARK}": "%s"}}}}\r\n',
    "mailgun.org": f'X-Mailgun-Variables: {{"{MARK}": "%s"}}\r\n',
}
# Behind a signature or two of ours it still stands among the first lines.
_HEAD_BYTES = 8_192
_NAME = re.compile(rb"^Message-ID: <([A-Za-z0-9._-]{1,64})@", re.MULTILINE | re.IGNORECASE)


def header_for(host: str) -> str | None:
    """Returns the header of the provider whose relay this is, with a place for the mark; None for any other relay."""
    found = (
        header for domain, header in _HEADERS.items() if host.lower() == domain or host.lower().endswith(f".{domain}")
    )
    return next(found, None)


class MarkedTransport:
    """A transport whose messages bear our name of them."""

    def __init__(self, transport: Transport, header: str) -> None:
        self._transport = transport
        self._header = header
        self.most_connections = most_connections(transport)

    def look(self) -> None:
        """Raises TransportError when nothing can be handed over."""
        look(self._transport)

    def connect(self) -> "MarkedSession":
        """Returns a session, or raises TransportError."""
        return MarkedSession(self._transport.connect(), self._header)


class MarkedSession:
    """A session of the transport behind it; see the port."""

    def __init__(self, session: Session, header: str) -> None:
        self._session = session
        self._header = header

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._session.is_open

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Marks one message and hands it over."""
        return self._session.send(self._marked(message), before_dot=before_dot)

    def send_all(
        self,
        messages: Iterable[Outgoing],
        *,
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> None:
        """Marks a window of messages and hands it over; the callbacks are given the marked ones."""
        self._session.send_all(map(self._marked, messages), before_dot=before_dot, answered=answered)

    def close(self) -> None:
        """Ends the connection."""
        self._session.close()

    def _marked(self, message: Outgoing) -> Outgoing:
        found = _NAME.search(message.content, 0, _HEAD_BYTES)
        if found is None:
            return message
        header = (self._header % found.group(1).decode()).encode()
        return replace(message, content=header + message.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
