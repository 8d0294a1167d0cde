"""Runs an arrow in a process of its own that kills itself (-9) right before a given SQL statement."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from curator.db import Database

_CONTEXT = multiprocessing.get_context("forkserver")
# Where the acts are written: a child that has to import them itself takes most of a second for it, hundreds of times.
_ACTS = (
    "flow.test_kill_at_every_step",
    "flow.test_kill_an_import",
    "events.test_kills",
    "webhooks.test_call",
    "mailings.incidents.test_bad_input",
    "move.test_command",
)
_CONTEXT.set_forkserver_preload([f"tests.{name}" for name in _ACTS])


def statements_until_done(act: Callable[..., None], url: str, *, kill_before: int, arguments: tuple[Any, ...]) -> bool:
    """Runs `act(database, *arguments)` in a child; tells whether it came to its end instead of being killed.

    `kill_before` counts SQL statements and commits from 1; past the last of them nothing is killed.
    """
    child = _CONTEXT.Process(target=_run, args=(act, url, kill_before, arguments))
    child.start()
    child.join(300)
    assert child.exitcode in (0, -signal.SIGKILL), f"the child ended with {child.exitcode}"
    return child.exitcode == 0


def _run(act: Callable[..., None], url: str, kill_before: int, arguments: tuple[Any, ...]) -> None:
    database = Database(url)
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1
        if count == kill_before:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", step)
    event.listen(database.engine, "commit", step)
    act(database, *arguments)
