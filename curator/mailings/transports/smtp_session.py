"""One conversation with a relay: a window of messages, pipelined where the relay offers it (RFC 2920).

Sender, recipient and DATA of a message are one group, and the group of the next message leaves right behind the final
dot, so that a message costs one round trip. Where PIPELINING is not offered the same lines leave one by one. At any
moment the answer to one dot at most is awaited.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from types import TracebackType
from typing import Self

from curator.errors import TransportError
from curator.mailings.transports import offer, replies
from curator.mailings.transports.offer import Offer
from curator.mailings.transports.stuffing import as_data
from curator.mailings.transports.wire import Reply, Wire
from curator.mailings.values import Answer, Outgoing, Verdict

BeforeDot = Callable[[Outgoing], None]
Answered = Callable[[Outgoing, Answer], None]

_GO_ON = 354
_CLOSES = 421
_DOT = b".\r\n"
_RESET = b"RSET\r\n"
_BEGIN = b"DATA\r\n"
_AGAIN_SOON = timedelta(minutes=1)
# A relay that does not say goodbye must not hold up whoever wants to stop.
_GOODBYE_S = 2.0


class SmtpSession:
    """One connection to a relay, good for `most_messages`."""

    def __init__(self, wire: Wire, offered: Offer, *, most_messages: int) -> None:
        self._wire = wire
        self._offer = offered
        self._left = most_messages
        self._is_alive = True
        # Whether a transaction was begun and not ended: the next one begins with RSET (RFC 5321 4.1.1.5).
        self._is_begun = False
        # What ends the window once the last answer was passed on.
        self._trouble: TransportError | None = None

    @property
    def is_open(self) -> bool:
        """Whether another message may be handed over."""
        return self._is_alive and self._left > 0

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over; see the port for what is raised when."""
        answers: list[Answer] = []
        if not self.is_open:
            raise TransportError(f"{self._wire.where}: this conversation is over.", retry_in=_AGAIN_SOON)
        try:
            self.send_all(
                [message], before_dot=lambda _: before_dot(), answered=lambda _, answer: answers.append(answer)
            )
        except TransportError:
            if not answers:
                raise
        return answers[0]

    def send_all(
        self,
        messages: Iterable[Outgoing],
        *,
        before_dot: BeforeDot,
        answered: Answered,
    ) -> None:
        """Hands a window over; see the port."""
        try:
            self._hand_over(iter(messages), before_dot, answered)
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """Says QUIT when the connection still works; never raises."""
        if self._is_alive:
            self._wire.answer_s = min(self._wire.answer_s, _GOODBYE_S)
            with contextlib.suppress(TransportError):
                self._wire.write(b"QUIT\r\n")
                self._wire.reply()
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _hand_over(self, waiting: Iterator[Outgoing], before_dot: BeforeDot, answered: Answered) -> None:
        message = self._next(waiting, answered)
        is_ahead = False
        while message is not None:
            following = None
            answer = self._envelope(message, is_ahead=is_ahead)
            is_ahead = False
            if answer is None:
                self._content(message)
                # Asked for now, so that it is made while the relay reads this one.
                following = self._next(waiting, answered)
                is_ahead = following is not None and self._offer.has_pipelining
                before_dot(message)
                answer = self._dot(following if is_ahead else None)
            answered(message, answer)
            if self._trouble is not None:
                raise self._trouble
            if not self._is_alive:
                return
            message = following or self._next(waiting, answered)
        if self._trouble is not None:
            raise self._trouble

    def _next(self, waiting: Iterator[Outgoing], answered: Answered) -> Outgoing | None:
        """Returns the next message that this relay can be given; the others before it are answered here.

        One that is trouble is raised only when the message before it, which the relay is reading, has its answer.
        """
        while self._left > 0 and (message := next(waiting, None)) is not None:
            try:
                reason = offer.unfit(message, self._offer)
            except TransportError as error:
                self._trouble = error
                return None
            if reason is None:
                self._left -= 1
                return message
            answered(message, Answer(Verdict.REFUSED, 0, reason))
        return None

    def _envelope(self, message: Outgoing, *, is_ahead: bool) -> Answer | None:
        """Names sender and recipient and asks to begin; returns an answer when there is nothing to begin.

        `is_ahead`: the group has left already, behind the last dot.
        """
        *reset, mail, recipient, begin = self._group(message)
        if not is_ahead:
            self._hear_goodbye()
            if self._offer.has_pipelining:
                self._wire.write(b"".join((*reset, mail, recipient, begin)))
        for line in reset:
            _expect_yes(self._heard(line), "cannot begin anew")
        self._is_begun = True
        _expect_yes(self._heard(mail), "refuses our sender address")
        said = self._heard(recipient)
        if not _is_yes(said):
            answer = replies.at_recipient(*said)
            self._leave_unsaid()
            return answer
        return _go_ahead(self._heard(begin))

    def _group(self, message: Outgoing) -> list[bytes]:
        return [*([_RESET] if self._is_begun else []), *offer.envelope(message, self._offer), _BEGIN]

    def _heard(self, line: bytes) -> Reply:
        """Returns the reply to one line of a group; without PIPELINING the line leaves only now."""
        if not self._offer.has_pipelining:
            self._wire.write(line)
        return self._wire.reply()

    def _hear_goodbye(self) -> None:
        # A relay ends a connection that was idle, or had its share, with words that nobody asked for. Whatever their
        # code, nothing was tried and a new connection helps.
        if self._wire.has_unread():
            code, said = self._wire.reply()
            reason = f"The mail relay ended the conversation: {code} {replies.words(said)}"
            raise TransportError(reason, code=code, retry_in=_AGAIN_SOON)

    def _leave_unsaid(self) -> None:
        """Ends a group whose recipient was refused, when DATA has left already.

        A relay that says 354 all the same is given an empty message (RFC 2920 3.1). Whatever it says to that is no
        answer to ours, which is a fact by now: a relay that cannot go on only costs a new connection.
        """
        if not self._offer.has_pipelining:
            return
        try:
            said = self._wire.reply()
            if said.code == _GO_ON:
                self._wire.write(_DOT)
                said = self._wire.reply()
        except TransportError:
            self._drop()
            return
        if not 400 <= said.code < 600 or said.code == _CLOSES:
            self._drop()

    def _content(self, message: Outgoing) -> None:
        """Says all but the final dot, and makes sure that the relay has nothing to say to it yet.

        An answer that comes too early (too big, closing down) would be taken for the answer to the dot.
        """
        try:
            self._wire.write(as_data(message.content) if message.needs_stuffing else message.content)
        except TransportError:
            self._hear_interruption()
            raise
        self._hear_interruption()

    def _hear_interruption(self) -> None:
        if self._wire.has_unread():
            raise replies.trouble("interrupts a message", *self._wire.reply())

    def _dot(self, following: Outgoing | None) -> Answer:
        """Sends the final dot, a group behind it, and hears the answer.

        From here on only an answer can tell what became of the message.
        """
        self._is_begun = False
        try:
            self._wire.write(b"".join((_DOT, *(self._group(following) if following else ()))))
            said = self._wire.reply()
        except TransportError as error:
            self._trouble = error
            return Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
        answer = replies.after_dot(*said)
        if answer.verdict is Verdict.UNKNOWN:
            self._trouble = replies.trouble("answers a message", *said)
        elif said.code == _CLOSES:
            self._drop()
        return answer

    def _drop(self) -> None:
        self._is_alive = False
        self._wire.close()


def _go_ahead(said: Reply) -> Answer | None:
    """Returns None when the content may follow, an answer when this message has to wait."""
    if 400 <= said.code < 500 and said.code != _CLOSES:
        return Answer(Verdict.DEFERRED, said.code, replies.words(said.words))
    if said.code != _GO_ON:
        raise replies.trouble("refuses to read a message", *said)
    return None


def _is_yes(said: Reply) -> bool:
    return 200 <= said.code < 300


def _expect_yes(said: Reply, what: str) -> None:
    if not _is_yes(said):
        raise replies.trouble(what, *said)
