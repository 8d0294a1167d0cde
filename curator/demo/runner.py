"""The demo's runner process: the ordinary runner, once the demo is seeded.

Before that its clock would draft the first issue from feeds that nobody has polled yet.
"""

import sys
import threading
from dataclasses import replace
from pathlib import Path

import config
from curator.app import build
from curator.demo import names
from curator.demo.loopback import require_loopback
from curator.demo.state import known_state
from curator.jobs import runner

_LOOK_EVERY_S = 0.1


def main() -> int:
    """Waits for the seeding, then runs the clock and the workers; returns the exit status."""
    settings = config.settings()
    require_loopback(settings)
    app = replace(build(settings), resolver=names.resolver())
    waiting = threading.Event()
    try:
        while not _is_seeded(settings.data_dir):
            waiting.wait(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        # Ctrl-C reaches every process of the terminal; nothing was begun here yet.
        return 0
    return runner.main(app)


def _is_seeded(data_dir: Path) -> bool:
    state = known_state(data_dir)
    return state is not None and state.is_seeded


if __name__ == "__main__":
    sys.exit(main())
