"""The child process: makes the night's backup, tries it out, says whether it is good, and ends."""

import os
import resource
import sys
import time
from dataclasses import replace
from datetime import timedelta

from curator.jobs.children import end_with_parent
from curator.jobs.nightly.values import GOOD, Asked

MEMORY_BYTES = 1_500_000_000
"""Address space; what is used of it stays far below however large the installation."""

# Mail and pages come first: a backup takes what they leave.
_NICENESS = 10


def main() -> None:
    """Reads one `Asked` from standard input and does it."""
    end_with_parent()
    began, asked = time.monotonic(), Asked.of_json(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.nice(_NICENESS)
    from curator.app import build
    from curator.backup.nightly.night import make_night

    settings = asked.settings
    assert settings.backup_dir is not None
    app = replace(build(settings), clock=lambda: asked.now + timedelta(seconds=time.monotonic() - began))
    try:
        if make_night(app, settings.backup_dir, keep=settings.backup_keep):
            sys.stdout.write(GOOD)
            sys.stdout.flush()
    finally:
        app.db.close()


if __name__ == "__main__":
    main()
