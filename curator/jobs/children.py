"""Processes of our own that do one piece of work: they are told it by standard input, and waited for within bounds."""

import subprocess
import time
from collections.abc import Callable, Sequence

_LOOK_EVERY_S = 0.5


def heard(command: Sequence[str], words: str, *, is_stopping: Callable[[], bool], longest_s: float) -> tuple[str, bool]:
    """Starts a process, hands it one line, and returns what it said and whether it ended well.

    It is killed when its time is over or its worker stops. The line may hold a password: no command line shows it.
    """
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the command is ours; what it is told goes in by standard input
    until = time.monotonic() + longest_s
    line: str | None = f"{words}\n"
    while True:
        try:
            told, _ = child.communicate(line, timeout=_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            line = None
            if is_stopping() or time.monotonic() >= until:
                child.kill()
        else:
            return told, child.returncode == 0
