"""Runs a program that is not ours: within a time, with an end that nothing outlives."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from curator.issues.preflight.values import NoLookError

# Of what is said beyond this only the beginning is read.
_MOST_BYTES = 20_000_000


def said_by(
    command: Sequence[str], *, name: str, within_s: float, given: bytes = b"", environ: Mapping[str, str] | None = None
) -> bytes:
    """Returns what a program wrote to standard output. Raises NoLookError, and ends it with all that it started."""
    try:
        child = subprocess.Popen(  # noqa: S603 - the operator's own setting; what it looks at goes in by standard input
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=None if environ is None else dict(environ),
            # A group of its own, so that what it started ends with it.
            start_new_session=True,
        )
    except OSError as error:
        raise NoLookError(f"{name} cannot be started: {error.strerror}.") from error
    with child:
        try:
            told, _ = child.communicate(given, timeout=within_s)
        except subprocess.TimeoutExpired as error:
            _end(child)
            raise NoLookError(f"{name} took longer than {within_s:.0f} s.") from error
        except BaseException:
            _end(child)
            raise
    if child.returncode:
        raise NoLookError(f"{name} ended with status {child.returncode}.")
    return told[:_MOST_BYTES]


def _end(child: "subprocess.Popen[bytes]") -> None:
    # It was not waited for, so its number is still its own and its group's.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
