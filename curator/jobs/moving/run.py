"""Starts the process that reads a file, and waits for it within bounds."""

import sys
from collections.abc import Callable
from datetime import timedelta

from curator.jobs.children import heard
from curator.jobs.moving.values import MORE, Asked

COMMAND = (sys.executable, "-m", "curator.jobs.moving.child")

# A turn and its last chunk end long before; below a job's lease of three minutes.
LONGEST = timedelta(seconds=150)


def run(asked: Asked, *, is_stopping: Callable[[], bool] = lambda: False, longest: timedelta = LONGEST) -> bool:
    """Has one turn's work done in a process of its own; True when there is more to do at once.

    Each chunk is written with its mark, so a process that is killed leaves whole chunks, and the next goes on behind
    them. One that ended without a word is not started again at once: the clock does that.
    """
    told, is_well = heard(COMMAND, asked.to_json(), is_stopping=is_stopping, longest_s=longest.total_seconds())
    return is_stopping() or (is_well and MORE in told)
