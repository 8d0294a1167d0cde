"""Hands a window over one message at a time, for transports that have nothing to gain from more."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from curator.errors import TransportError
from curator.mailings.transports.port import Session
from curator.mailings.values import Answer, Outgoing, Verdict

_AGAIN_SOON = timedelta(minutes=1)


def send_one_by_one(
    session: Session,
    messages: Iterable[Outgoing],
    *,
    before_dot: Callable[[Outgoing], None],
    answered: Callable[[Outgoing, Answer], None],
) -> None:
    """Does what the port promises of `send_all` with a session's `send`."""
    try:
        for message in messages:
            if not session.is_open:
                return
            answer = session.send(message, before_dot=partial(before_dot, message))
            answered(message, answer)
            if answer.verdict is Verdict.UNKNOWN:
                raise TransportError(f"A message is in doubt: {answer.words}.", retry_in=_AGAIN_SOON)
    except BaseException:
        session.close()
        raise
