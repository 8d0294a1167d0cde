"""Sessions that hand a window over one message at a time: for transports that have nothing to gain from more."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Self

from curator.errors import TransportError
from curator.mailings.values import Answer, Outgoing, Verdict

_AGAIN_SOON = timedelta(minutes=1)


class OneByOneSession(ABC):
    """A session of the port, for whoever says how one message is handed over; there is no connection to end."""

    def __init__(self) -> None:
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._is_open

    @abstractmethod
    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over; see the port."""

    def send_all(
        self,
        messages: Iterable[Outgoing],
        *,
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> None:
        """Hands a window of messages over; see the port."""
        try:
            for message in messages:
                if not self.is_open:
                    return
                answer = self.send(message, before_dot=partial(before_dot, message))
                answered(message, answer)
                if answer.verdict is Verdict.UNKNOWN:
                    raise TransportError(f"A message is in doubt: {answer.words}.", retry_in=_AGAIN_SOON)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the session."""
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
