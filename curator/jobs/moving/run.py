"""Starts the process that reads a file, and waits for it within bounds."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from curator.jobs.moving.values import Asked

COMMAND = (sys.executable, "-m", "curator.jobs.moving.child")

# A turn and its last chunk end long before; below a job's lease of three minutes.
LONGEST = timedelta(seconds=150)
_LOOK_EVERY_S = 0.5


def run(asked: Asked, *, is_stopping: Callable[[], bool] = lambda: False, longest: timedelta = LONGEST) -> bool:
    """Has one turn's work done in a process of its own; True when there is more to do at once.

    Each chunk is written with its mark, so a process that is killed leaves whole chunks, and the next goes on behind
    them. One that ended without a word is not started again at once: the clock does that.
    """
    child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the command is ours; what it is told goes in by standard input
    until = time.monotonic() + longest.total_seconds()
    words: str | None = asked.to_json() + "\n"
    while True:
        try:
            told, _ = child.communicate(words, timeout=_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            words = None
            if is_stopping() or time.monotonic() >= until:
                child.kill()
        else:
            return is_stopping() or (child.returncode == 0 and "more" in told)
