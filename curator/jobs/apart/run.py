"""Starts the child process, waits for it within bounds, and reads what it says."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from curator.jobs.apart.values import Asked, Report, last_begun, report
from curator.jobs.children import heard

COMMAND = (sys.executable, "-m", "curator.jobs.apart.child")

# Below a job's lease of three minutes: nobody shall take the round over while it goes on.
LONGEST = timedelta(seconds=150)
_TOO_MUCH = "it took too much time or memory"
_NEVER_BEGAN = "it ended before it began anything: the log above tells why"
_STOPPED = "it was stopped"


def run(asked: Asked, *, is_stopping: Callable[[], bool] = lambda: False, longest: timedelta = LONGEST) -> Report:
    """Does a round in a process of its own and returns what came of it.

    Every piece writes what it found by itself, so a child that is killed leaves whole pieces; the piece that it died of
    is noted, and another child goes on behind it. When the time is over, what is left waits for the next round.
    """
    began = time.monotonic()
    done: dict[str, Any] = {}
    failed: dict[str, str] = {}
    while True:
        left_s = longest.total_seconds() - (time.monotonic() - began)
        lines, is_whole = _lines_of(asked, is_stopping=is_stopping, left_s=left_s)
        told = report(lines)
        done |= told.done
        failed |= told.failed
        died_of = last_begun(lines)
        if is_whole or died_of in ("", asked.after) or is_stopping():
            break
        failed[died_of] = _TOO_MUCH
        asked = replace(asked, after=died_of)
        if time.monotonic() - began >= longest.total_seconds():
            break
    if not is_whole and not failed:
        failed["the round"] = _STOPPED if is_stopping() else _NEVER_BEGAN if died_of == "" else _TOO_MUCH
    return Report(done, failed, took=timedelta(seconds=round(time.monotonic() - began, 1)))


def _lines_of(asked: Asked, *, is_stopping: Callable[[], bool], left_s: float) -> tuple[list[str], bool]:
    """Returns what a child said, and whether it came to its end."""
    told, is_well = heard(COMMAND, asked.to_json(), is_stopping=is_stopping, longest_s=left_s)
    return told.splitlines(), is_well
