"""A worker that only writes down which lanes it was told to look at: `python -m tests.scaled.listener FILE`."""

import sys
from pathlib import Path

from curator.queue import celery_app
from curator.queue.kick import Lane


class Notebook:
    """Writes a line for every hint."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def look(self, lane: Lane) -> None:
        with self._file.open("a") as file:
            file.write(f"{lane}\n")

    def end(self) -> None:
        with self._file.open("a") as file:
            file.write("end\n")


if __name__ == "__main__":
    own = Path(sys.argv[1])
    # The address comes by standard input, because it holds a password.
    sys.exit(celery_app.work(sys.stdin.read(), processes=1, begin=lambda _: Notebook(own)))
