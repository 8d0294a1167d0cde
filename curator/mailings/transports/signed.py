"""Signs every message on its way to a relay, issues and letters alike, with the keys of its From's domain (DKIM)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self

from curator.mailings.dkim import Keyring
from curator.mailings.transports.port import Session, Transport, look, most_connections
from curator.mailings.values import Answer, Outgoing


class SignedTransport:
    """A transport whose messages are signed where the keyring has a key; others pass as they are."""

    def __init__(self, transport: Transport, keyring: Keyring) -> None:
        self._transport = transport
        self._keyring = keyring
        self.most_connections = most_connections(transport)

    def look(self) -> None:
        """Raises TransportError when nothing can be handed over."""
        look(self._transport)

    def connect(self) -> "SignedSession":
        """Returns a session, or raises TransportError."""
        return SignedSession(self._transport.connect(), self._keyring)


class SignedSession:
    """A session of the transport behind it; see the port. A message is signed while the relay reads the one before."""

    def __init__(self, session: Session, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._session.is_open

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Signs one message and hands it over."""
        return self._session.send(self._signed(message), before_dot=before_dot)

    def send_all(
        self,
        messages: Iterable[Outgoing],
        *,
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> None:
        """Signs a window of messages and hands it over; the callbacks are given the signed ones."""
        self._session.send_all(map(self._signed, messages), before_dot=before_dot, answered=answered)

    def close(self) -> None:
        """Ends the connection."""
        self._session.close()

    def _signed(self, message: Outgoing) -> Outgoing:
        signer = self._keyring.signer_for(message.from_domain)
        if signer is None:
            return message
        # No line of a signature begins with a dot, so what needed no stuffing needs none now.
        return replace(message, content=signer.sign(message.content, is_whole=not message.needs_stuffing))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
