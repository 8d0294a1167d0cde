"""CALL -> ENDPOINT: makes the calls of one endpoint that are due, one after the other."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from curator.clock import Clock
from curator.db import Database
from curator.errors import FetchError, StateError
from curator.http.values import Fetched, Fetcher, Limits
from curator.tokens import Keys
from curator.webhooks import retries, sealed, signing, store
from curator.webhooks.values import DueCall, Outcome

_log = structlog.get_logger()

LIMITS = Limits(connect_s=5.0, read_s=10.0, total_s=15.0, max_bytes=4_096)
"""Of one call; of the answer no more is read."""

_SHOWN = 400
_GONE = 410


@dataclass(frozen=True)
class Caller:
    """What making calls takes."""

    db: Database
    fetcher: Fetcher
    keys: Keys
    clock: Clock
    random: random.Random


def call_endpoint(caller: Caller, endpoint_id: int, *, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Makes the due calls of an endpoint until none is due, it fails in a way that asks for rest, or `is_over`.

    True while something is due when it is over. A kill after the call and before its note makes the call again: it is
    made at least once, always under the same id.
    """
    while True:
        with caller.db.read() as session:
            due = store.due_call(session, endpoint_id, now=caller.clock())
        if due is None:
            return False
        if is_over():
            return True
        outcome, retry_after = _made(caller, due)
        _note(caller, due, outcome, retry_after)


def _made(caller: Caller, due: DueCall) -> tuple[Outcome, str]:
    """Returns what came of a call, and when the endpoint wants to be asked again."""
    begun, body = caller.clock(), due.body.encode()
    try:
        secrets = [sealed.unseal(caller.keys, each) for each in due.sealed_secrets]
        # What it answers is shown as it comes, so it had better not be packed.
        plain = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        headers = {**plain, **signing.headers(due.public_id, body, secrets, now=begun)}
        answer: Fetched | None = caller.fetcher.post(due.url, body, headers=headers, limits=LIMITS)
        words = ""
    except FetchError as error:
        answer, words = None, error.reason
    except StateError as error:
        answer, words = None, str(error)
    took_ms = max(0, round((caller.clock() - begun) / timedelta(milliseconds=1)))
    if answer is None:
        return Outcome(begun, took_ms, None, words), ""
    return Outcome(begun, took_ms, answer.status, _beginning(answer.body)), answer.headers.get("retry-after", "")


def _note(caller: Caller, due: DueCall, outcome: Outcome, retry_after: str) -> None:
    now = caller.clock()
    with caller.db.write() as session:
        store.note_attempt(session, due.id, outcome)
        if outcome.is_good:
            store.note_delivered(session, due, at=now)
            return
        wait = retries.wait_after(due.attempts + 1, chance=caller.random.random())
        if wait is None or due.is_test or now - due.made_at >= retries.GIVEN_UP_AFTER:
            store.give_up(session, due.id, at=now)
        else:
            store.put_off(session, due.id, until=now + wait)
        if due.is_test:
            return
        since = due.failing_since or now
        rest = retries.rest_after(outcome.status, retry_after)
        store.note_failing(session, due.endpoint_id, since=since, rests_until=now + rest)
        reason = _why_off(outcome, failing_for=now - since)
        if reason:
            store.set_endpoint(session, due.endpoint_id, is_on=False, off_reason=reason)
            _log.warning("webhook endpoint switched off", endpoint=due.endpoint_id)


def _why_off(outcome: Outcome, *, failing_for: timedelta) -> str:
    if outcome.status == _GONE:
        return "It answered 410 (Gone), which says that it wants no more calls."
    if failing_for >= retries.OFF_AFTER:
        last = outcome.words[:120] if outcome.status is None else f"it answered {outcome.status}"
        return f"No call succeeded for {retries.OFF_AFTER.days} days. The last time: {last}"
    return ""


def _beginning(body: bytes) -> str:
    """Returns the first bytes of an answer as text that any database and page can hold."""
    text = body[:_SHOWN].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text).strip()
