"""The child process: does a round piece by piece, says what came of each on a line of its own, and ends."""

import json
import os
import resource
import sys
import traceback
from dataclasses import asdict, is_dataclass
from typing import Any

from curator.jobs.apart.values import Asked

CPU_S = 120
MEMORY_BYTES = 2_000_000_000
"""Address space, of which the libraries alone map 400 MB; what is used of it stays below 500 MB."""

# Mail and pages come first: the round takes what they leave.
_NICENESS = 10


def main() -> None:
    """Reads one `Asked` from standard input and does it."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.nice(_NICENESS)
    # Its threads would map memory for each core, and take the cores from those who send mail.
    os.putenv("OPENBLAS_NUM_THREADS", "1")
    asked = Asked.of_json(sys.stdin.readline())
    # Only now: what the libraries take counts against the limit.
    from curator.db import Database
    from curator.jobs.apart.plan import pieces

    db = Database(asked.database)
    for piece in pieces(db, asked):
        _say(begun=piece.name)
        try:
            told = piece.do()
        except Exception as error:
            # The traceback goes to the log; the words stay out of it: they may quote a row.
            traceback.print_tb(error.__traceback__)
            _say(failed=piece.name, why=type(error).__name__)
        else:
            _say(done=piece.name, told=_plain(told))
    db.close()


def _say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _plain(told: object) -> Any:
    if is_dataclass(told) and not isinstance(told, type):
        told = asdict(told)
    return told if isinstance(told, dict | list | str | int | float | None) else str(told)


if __name__ == "__main__":
    main()
