"""Hands the messages of one window to the relay, each with its lines in the journal, and says what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, assert_never

from curator.audience.values import Recipient
from curator.clock import Clock
from curator.errors import CuratorError, InvalidError, RenderError, TransportError
from curator.mailings.journal import Journal, JournalError, Key
from curator.mailings.transports.port import Session as RelaySession
from curator.mailings.transports.port import Transport
from curator.mailings.values import Answer, Claim, DeliveryState, Outgoing, Result, Trouble, Verdict

# A full mailbox or a greylist is over in minutes or not for hours (RFC 5321 4.5.4.1 asks for at least 30 minutes
# between tries in the long run, and more often at the beginning).
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)


@dataclass(frozen=True)
class Window:
    """The messages that are about to leave. No message begins after `stop_at`, no dot leaves after the lease."""

    held: Claim
    recipients: tuple[Recipient, ...]
    attempts: dict[int, int]
    cursor: int
    stop_at: datetime


class LeaseOverError(CuratorError):
    """The lease on the batch ran out while the relay was thinking."""


class Relay:
    """A transport with one session that is opened when it is needed and used as long as it works.

    `is_connected` tells whether the last message got as far as a session.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._session: RelaySession | None = None
        self.is_connected = False

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over.

        A session that worked before may have been closed by the relay (it was idle, or had its share of messages):
        then, and only when the dot had not left, the message is tried once more on a new one.
        """
        session, self._session = self._session, None
        if session is not None:
            has_left = False

            def noted() -> None:
                nonlocal has_left
                has_left = True
                before_dot()

            try:
                return self._through(session, message, noted)
            except TransportError as error:
                if has_left or error.retry_in is None:
                    raise
        self.is_connected = False
        return self._through(self._transport.connect(), message, before_dot)

    def _through(self, session: RelaySession, message: Outgoing, before_dot: Callable[[], None]) -> Answer:
        self.is_connected = True
        try:
            answer = session.send(message, before_dot=before_dot)
        except BaseException:
            session.close()
            raise
        if session.is_open and answer.verdict is not Verdict.UNKNOWN:
            self._session = session
        else:
            session.close()
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._session is not None:
            self._session.close()


@dataclass(frozen=True)
class HandOver:
    """What it takes to hand a window over. No database connection is held meanwhile."""

    relay: Relay
    journal: Journal
    compose: Callable[[Recipient], Outgoing]
    clock: Clock

    def __call__(self, window: Window) -> tuple[list[Result], Trouble | None]:
        """Returns a result for every message of the window; those after a trouble were not tried and are pending."""
        results: list[Result] = []
        trouble: Trouble | None = None
        for recipient in window.recipients:
            if trouble is not None or self.clock() >= window.stop_at:
                results.append(Result(recipient.subscriber_id, DeliveryState.PENDING))
                continue
            result, trouble = self._one(window, recipient)
            results.append(result)
        return results, trouble

    def _one(self, window: Window, recipient: Recipient) -> tuple[Result, Trouble | None]:
        key = (window.held.mailing_id, recipient.subscriber_id, window.held.fence)
        untried = Result(recipient.subscriber_id, DeliveryState.PENDING)
        try:
            message = self.compose(recipient)
            answer = self.relay.send(message, before_dot=lambda: self._dot(window.held, key))
        except InvalidError as error:
            return Result(recipient.subscriber_id, DeliveryState.REFUSED, code=0, reason=error.reason), None
        except TransportError as error:
            self._note(key, untried, error.code or 0)
            return untried, _trouble(error, recipient if self.relay.is_connected else None)
        except (RenderError, JournalError, LeaseOverError) as error:
            return untried, Trouble(str(error), needs_person=isinstance(error, RenderError))
        result = self._result(recipient.subscriber_id, answer, window.attempts[recipient.subscriber_id])
        trouble = None
        if answer.verdict is Verdict.UNKNOWN:
            trouble = Trouble(f"A message is in doubt: {answer.words}.", needs_person=False)
        return result, trouble or self._note(key, result, answer.code)

    def _dot(self, held: Claim, key: Key) -> None:
        """The last gate: once this returns, the relay may have the message."""
        if self.clock() >= held.lease_until:
            raise LeaseOverError("The mail relay is so slow that the sender's lease on its batch ran out.")
        self.journal.dot(key)

    def _note(self, key: Key, result: Result, code: int) -> Trouble | None:
        try:
            self.journal.answered(key, result.state, code)
        except JournalError as error:
            return Trouble(str(error), needs_person=False)
        return None

    def _result(self, subscriber_id: int, answer: Answer, attempt: int) -> Result:
        code, words = answer.code, answer.words
        match answer.verdict:
            case Verdict.ACCEPTED:
                return Result(subscriber_id, DeliveryState.SENT, code=code, reason=words)
            case Verdict.REFUSED:
                return Result(subscriber_id, DeliveryState.REFUSED, code=code, reason=words)
            case Verdict.DEFERRED:
                due_at = self.clock() + wait_after(attempt)
                return Result(subscriber_id, DeliveryState.DEFERRED, code=code, reason=words, due_at=due_at)
            case Verdict.UNKNOWN:
                return Result(subscriber_id, DeliveryState.IN_DOUBT, code=None, reason=words)
            case _:
                assert_never(answer.verdict)


def wait_after(attempt: int) -> timedelta:
    """Returns how long a deferred message waits after its `attempt`-th try (the first is 1)."""
    return min(_FIRST_WAIT * (1 << min(attempt - 1, 10)), _LONGEST_WAIT)


def _trouble(error: TransportError, recipient: Recipient | None) -> Trouble:
    """Returns what to tell the operator; `recipient` is whose message the relay was talking about, None before any."""
    if error.retry_in is not None or recipient is None:
        return Trouble(error.reason, needs_person=error.retry_in is None)
    advice = f"Mend it and resume, or suppress subscriber {recipient.subscriber_id} if only they are refused."
    return Trouble(f"{error.reason.rstrip('.')}. {advice}", needs_person=True)
