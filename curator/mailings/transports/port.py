"""The port to a mail relay: connect, hand messages over, hear an answer to each."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

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

    def send_all(
        self,
        messages: Iterable[Outgoing],
        *,
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> None:
        """Hands a window of messages over, in order, and passes each answer on as soon as it is known.

        `before_dot(message)` is called as in `send`, at most once for each message and in order, and only when the
        answers to all messages before it have been passed on: one dot at most is without its answer at any moment.
        `answered(message, answer)` is called at most once for each message. UNKNOWN is passed on like any answer; it
        means that the dot left and no answer came.

        Whoever is not answered when this ends was certainly not accepted and may be tried again, also when the dot
        was announced. There are such messages after an exception, and when the session has closed itself (`is_open`
        is False: the relay said 421 to a dot, or the connection had its share of messages): hand the rest to a new
        session.

        TransportError is raised last, after every answer that can be known, when the relay as a whole fails; it is
        raised after an UNKNOWN too. Whatever `before_dot`, `answered` or `messages` raise ends the connection at once
        and passes through; then no further dot leaves. `messages` is asked for one message ahead.
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


@runtime_checkable
class TakesSeveral(Protocol):
    """A transport that may have several sessions at once."""

    most_connections: int


@runtime_checkable
class TellsLater(Protocol):
    """A transport whose sessions tell nothing before the first message; `tells_later` says so to a person."""

    tells_later: str


@runtime_checkable
class Looks(Protocol):
    """A transport that can tell whether it works without leaving a trace; the others are connected to for that."""

    def look(self) -> None:
        """Raises TransportError when nothing can be handed over."""


def look(transport: Transport) -> None:
    """Raises TransportError when a transport cannot be used; a relay is connected to, and nothing handed over."""
    if isinstance(transport, Looks):
        transport.look()
        return
    with transport.connect():
        pass


def most_connections(transport: Transport) -> int:
    """Returns how many sessions of a transport may be open at once: one, where it says nothing else."""
    return transport.most_connections if isinstance(transport, TakesSeveral) else 1
