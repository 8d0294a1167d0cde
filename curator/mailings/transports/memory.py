"""A relay that keeps what it is handed in memory: the tests' twin of every transport."""

from collections.abc import Callable
from dataclasses import dataclass, field

from curator.errors import TransportError
from curator.mailings.transports.one_by_one import OneByOneSession
from curator.mailings.values import Answer, Outgoing, Verdict

ACCEPTED = Answer(Verdict.ACCEPTED, 250, "2.0.0 Ok")


@dataclass(frozen=True)
class Scripted:
    """What the relay says to one message, and whether it says so after the final dot."""

    says: Answer | TransportError
    is_after_dot: bool = True


@dataclass
class MemoryTransport:
    """Takes every message, unless `script` has another answer for its recipient.

    A list in the script is used up from its front; an empty one means accepted. `refusals` are raised by the next
    connections; a connection takes `per_connection` messages. `sent` holds what was accepted, in order; `on_message`
    is called for each message before its dot.
    """

    script: dict[str, list[Scripted]] = field(default_factory=dict)
    refusals: list[TransportError] = field(default_factory=list)
    on_message: Callable[[Outgoing], None] = lambda _message: None
    offers_smtputf8: bool = True
    per_connection: int | None = None
    sent: list[Outgoing] = field(default_factory=list)
    connections: int = 0

    def connect(self) -> "MemorySession":
        """Returns a session, or raises the next of `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.connections += 1
        return MemorySession(self)

    def answers_to(self, recipient: str, *says: Answer | TransportError, is_after_dot: bool = True) -> None:
        """Adds answers to the script, one for each time that this recipient is tried."""
        self.script.setdefault(recipient, []).extend(Scripted(each, is_after_dot) for each in says)


class MemorySession(OneByOneSession):
    """One connection to the relay in memory."""

    def __init__(self, relay: MemoryTransport) -> None:
        super().__init__()
        self._relay = relay
        self._left = relay.per_connection

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._is_open and self._left != 0

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Takes one message, or answers as the script says."""
        if message.needs_smtputf8 and not self._relay.offers_smtputf8:
            return Answer(
                Verdict.REFUSED, 0, "the relay cannot write to an address with letters outside ASCII (SMTPUTF8)"
            )
        if self._left is not None:
            self._left -= 1
        script = self._relay.script.get(message.recipient)
        now = script.pop(0) if script else Scripted(ACCEPTED)
        try:
            return self._play(message, now, before_dot)
        except BaseException:
            self._is_open = False
            raise

    def _play(self, message: Outgoing, now: Scripted, before_dot: Callable[[], None]) -> Answer:
        if now.is_after_dot:
            self._relay.on_message(message)
            before_dot()
        if isinstance(now.says, TransportError):
            raise now.says
        if now.says.verdict is Verdict.ACCEPTED:
            self._relay.sent.append(message)
        if now.says.verdict is Verdict.UNKNOWN or (now.says.code == 421 and now.is_after_dot):
            self._is_open = False
        return now.says
