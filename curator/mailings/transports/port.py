"""The port to a mail relay: connect, hand messages over one by one, hear an answer to each."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from curator.mailings.values import Answer, Outgoing


class Session(Protocol):
    """One connection to a relay. After TransportError, UNKNOWN or any other exception it must not be used again."""

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over and returns what the relay said to it.

        `before_dot` is called once everything but the final dot was sent, before any byte of the dot can leave: before
        that call the relay cannot have accepted the message. If it raises, the connection is dropped without the dot.
        UNKNOWN means that the dot left and no answer came. TransportError means that the relay as a whole fails and
        that this message was certainly not accepted, even after the dot.
        """

    def close(self) -> None:
        """Ends the connection, politely when it still works; never raises."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Transport(Protocol):
    """Something that hands messages over."""

    def connect(self) -> Session:
        """Returns a new session, or raises TransportError."""
