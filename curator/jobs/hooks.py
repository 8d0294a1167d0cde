"""The ticks and tasks of webhooks, both ways: read what providers told, call others' programs."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from curator.app import App
from curator.events.inbox import store as inbox
from curator.events.inbox import work
from curator.queue import store as queue
from curator.webhooks import call
from curator.webhooks import store as webhooks

READ, CALL = "read_hooks", "call_webhooks"

# What broke rests; a provider tells again, and a call waits.
_REST = timedelta(minutes=1)
# Longer than a call is tried, so that its attempts can be looked at.


def ask_inbox(app: App) -> None:
    """Queues reading what providers told, where something is due."""
    now = app.clock()
    with app.db.read() as session:
        is_due = inbox.has_work(session, now=now) and READ not in queue.failed_keys(session, since=now - _REST)
    if is_due:
        with app.db.write() as session:
            queue.enqueue(session, READ, {}, now=now, key=READ)


def ask_webhooks(app: App) -> None:
    """Queues calling each endpoint for which something is due.

    A job for each: an endpoint that is slow to answer holds up its own calls only.
    """
    now = app.clock()
    with app.db.read() as session:
        due = webhooks.due_endpoints(session, now=now)
        resting = queue.failed_keys(session, since=now - _REST) if due else set()
    for endpoint_id in due:
        if (key := f"webhooks:{endpoint_id}") not in resting:
            with app.db.write() as session:
                queue.enqueue(session, CALL, {"endpoint_id": endpoint_id}, now=now, key=key)


def read_hooks(app: App, is_over: Callable[[], bool]) -> bool:
    """Reads what providers told; True while something is left when the turn is over."""
    reading = work.Reading(app.db, app.keys, app.doors, app.fetcher)
    return work.work(reading, now=app.clock(), is_over=is_over)


def call_webhooks(app: App, payload: Mapping[str, Any], is_over: Callable[[], bool]) -> bool:
    """Makes the due calls of {endpoint_id}; True while some are left when the turn is over."""
    caller = call.Caller(app.db, app.fetcher, app.keys, app.clock, app.random)
    return call.call_endpoint(caller, payload["endpoint_id"], is_over=is_over)


def keep_house(app: App) -> None:
    """Forgets what was told and called long ago."""
    now = app.clock()
    work.forget(app.db, now=now)
    pruned = None
    while pruned != 0:
        with app.db.write() as session:
            pruned = webhooks.prune(session, before=now - timedelta(days=app.settings.keep_calls_days))
