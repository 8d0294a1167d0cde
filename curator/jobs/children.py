"""Processes of our own that do one piece of work: they are told it by standard input, and waited for within bounds."""

import os
import subprocess
import threading
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
    try:
        while True:
            try:
                told, _ = child.communicate(line, timeout=_LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                line = None
                if is_stopping() or time.monotonic() >= until:
                    child.kill()
            else:
                return told, child.returncode == 0
    except BaseException:
        child.kill()
        child.communicate()
        raise


def end_with_parent() -> None:
    """Ends this process soon after the one that started it: nobody waits for it any more, and another may be begun."""
    parent = os.getppid()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
