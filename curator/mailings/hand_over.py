"""Hands the messages of one window to the relay, each with its lines in the journal, and says what became of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
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
    """The messages that are about to leave. No message begins after `stop_at`, no dot leaves after the lease.

    None leaves from `closes_at` on either: then one of the issue's promotions has ended.
    A window without messages is a rest: in `rest_s` seconds more may leave.
    """

    held: Claim
    recipients: tuple[Recipient, ...]
    attempts: dict[int, int]
    cursor: int
    stop_at: datetime
    rest_s: float = 0.0
    closes_at: datetime | None = None


class ClosedError(CuratorError):
    """A promotion of the issue ended while the relay was thinking."""


class LeaseOverError(CuratorError):
    """The lease on the batch ran out while the relay was thinking."""


class Relay:
    """A transport with one session that is opened when it is needed and used as long as it works."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._session: RelaySession | None = None
        # Whether the present session has handed over anything: one that worked before may just have been idle too long.
        self._has_worked = False
        self._has_doubt = False

    @property
    def is_connected(self) -> bool:
        """Whether the last call got as far as a session."""
        return self._session is not None

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over; raises TransportError when it was certainly not accepted."""
        answers: list[Answer] = []
        trouble = self.send_all(
            lambda: [] if answers else [message],
            before_dot=lambda _: before_dot(),
            answered=lambda _, answer: answers.append(answer),
        )
        if not answers:
            assert trouble is not None
            raise trouble
        return answers[0]

    def send_all(
        self,
        remaining: Callable[[], Iterable[Outgoing]],
        *,
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> TransportError | None:
        """Hands over what `remaining()` gives, over as many sessions as it takes; returns the trouble that ended it.

        A session that worked before may have been closed by the relay (it was idle, or had its share of messages):
        then what has no answer yet is tried on a new one. `remaining` is asked again for each session.
        """
        self._has_doubt = False
        while True:
            waiting = iter(remaining())
            first = next(waiting, None)
            if first is None:
                return None
            try:
                session = self._connected()
            except TransportError as error:
                return error
            trouble = self._through(session, chain([first], waiting), before_dot, answered)
            if trouble is None and session.is_open:
                return None
            has_worked, self._has_worked = self._has_worked, False
            session.close()
            if not has_worked or self._has_doubt or (trouble is not None and trouble.retry_in is None):
                return trouble
            self._session = None

    def hang_up(self) -> None:
        """Ends the session; the next message opens another."""
        if self._session is not None:
            self._session.close()
        self._session, self._has_worked = None, False

    def _connected(self) -> RelaySession:
        if self._session is None or not self._session.is_open:
            self._session, self._has_worked = None, False
            self._session = self._transport.connect()
        return self._session

    def _through(
        self,
        session: RelaySession,
        messages: Iterable[Outgoing],
        before_dot: Callable[[Outgoing], None],
        answered: Callable[[Outgoing, Answer], None],
    ) -> TransportError | None:
        def heard(message: Outgoing, answer: Answer) -> None:
            self._has_worked = True
            self._has_doubt = self._has_doubt or answer.verdict is Verdict.UNKNOWN
            answered(message, answer)

        try:
            session.send_all(messages, before_dot=before_dot, answered=heard)
        except TransportError as error:
            return error
        except BaseException:
            self._session = None
            session.close()
            raise
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.hang_up()


@dataclass(frozen=True)
class HandOver:
    """What it takes to hand a window over. No database connection is held meanwhile."""

    relay: Relay
    journal: Journal
    compose: Callable[[Recipient], Outgoing]
    clock: Clock

    def __call__(self, window: Window) -> tuple[list[Result], Trouble | None]:
        """Returns a result for every message of the window; those after a trouble were not tried and are pending."""
        return _Conversation(self, window).held()


class _Conversation:
    """One window on its way: who was announced, who was answered, and what stopped it."""

    def __init__(self, tools: HandOver, window: Window) -> None:
        self._tools = tools
        self._window = window
        self._results: dict[int, Result] = {}
        self._announced: dict[int, Key] = {}
        self._trouble: Trouble | None = None
        self._names: dict[str, Recipient] = {}

    def held(self) -> tuple[list[Result], Trouble | None]:
        """Talks, and returns what came of each message and what stopped the talk."""
        try:
            error = self._tools.relay.send_all(self._messages, before_dot=self._dot, answered=self._answered)
        except (JournalError, LeaseOverError, ClosedError) as stopped:
            error = None
            self._trouble = Trouble(str(stopped), needs_person=False)
        if error is not None and self._trouble is None:
            self._trouble = _trouble(error, self._under_discussion() if self._tools.relay.is_connected else None)
        self._note_untaken(0 if error is None else error.code or 0)
        return [self._result_of(recipient) for recipient in self._window.recipients], self._trouble

    def _messages(self) -> Iterator[Outgoing]:
        """Yields the messages that have no result yet, made one ahead of the relay, as long as there is time."""
        for recipient in self._window.recipients:
            if recipient.subscriber_id in self._results:
                continue
            if self._trouble is not None or self._tools.clock() >= self._window.stop_at:
                return
            message = self._made(recipient)
            if message is not None:
                yield message

    def _made(self, recipient: Recipient) -> Outgoing | None:
        try:
            message = self._tools.compose(recipient)
        except InvalidError as error:
            refused = Result(recipient.subscriber_id, DeliveryState.REFUSED, code=0, reason=error.reason)
            self._results[recipient.subscriber_id] = refused
            return None
        except RenderError as error:
            self._trouble = Trouble(str(error), needs_person=True)
            return None
        self._names[message.delivery_key] = recipient
        return message

    def _dot(self, message: Outgoing) -> None:
        """The last gate: once this returns, the relay may have the message."""
        held, recipient = self._window.held, self._names[message.delivery_key]
        now, closes_at = self._tools.clock(), self._window.closes_at
        if now >= held.lease_until:
            raise LeaseOverError("The mail relay is so slow that the sender's lease on its batch ran out.")
        if closes_at is not None and now >= closes_at:
            raise ClosedError("A promotion of this issue has just ended.")
        key = (held.mailing_id, recipient.subscriber_id, held.fence)
        self._tools.journal.dot(key)
        self._announced[recipient.subscriber_id] = key

    def _answered(self, message: Outgoing, answer: Answer) -> None:
        recipient = self._names[message.delivery_key]
        result = self._result(recipient.subscriber_id, answer)
        self._results[recipient.subscriber_id] = result
        if answer.verdict is Verdict.UNKNOWN:
            self._trouble = Trouble(f"A message is in doubt: {answer.words}.", needs_person=False)
        self._note(recipient.subscriber_id, result, answer.code)

    def _note_untaken(self, code: int) -> None:
        """Takes back in the journal what was announced and certainly not accepted."""
        for subscriber_id in self._announced:
            if subscriber_id not in self._results:
                self._note(subscriber_id, Result(subscriber_id, DeliveryState.PENDING), code)

    def _note(self, subscriber_id: int, result: Result, code: int) -> None:
        held = self._window.held
        try:
            self._tools.journal.answered((held.mailing_id, subscriber_id, held.fence), result.state, code)
        except JournalError as error:
            # The answer is a fact and stands in the results; nothing more may leave without a journal.
            self._trouble = self._trouble or Trouble(str(error), needs_person=False)

    def _under_discussion(self) -> Recipient | None:
        """Returns whom the relay was talking about when it failed: the first that was made and has no answer."""
        return next((each for each in self._names.values() if each.subscriber_id not in self._results), None)

    def _result_of(self, recipient: Recipient) -> Result:
        untried = Result(recipient.subscriber_id, DeliveryState.PENDING)
        return self._results.get(recipient.subscriber_id, untried)

    def _result(self, subscriber_id: int, answer: Answer) -> Result:
        code, words = answer.code, answer.words
        match answer.verdict:
            case Verdict.ACCEPTED:
                return Result(subscriber_id, DeliveryState.SENT, code=code, reason=words)
            case Verdict.REFUSED:
                return Result(subscriber_id, DeliveryState.REFUSED, code=code, reason=words)
            case Verdict.DEFERRED:
                due_at = self._tools.clock() + wait_after(self._window.attempts[subscriber_id])
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
