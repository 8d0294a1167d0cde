"""Which clocks and workers live: each holds a lock on a file of its own, which the system lets go when it dies."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(folder: Path, kind: str = "runner") -> Iterator[str]:
    """Yields a name for this process that `dead_names` does not give while the block runs, however it ends.

    It begins with its kind: "clock", "worker", or "runner" for both in one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(prefix=f"{kind}-{os.getpid()}-", suffix=".new", dir=folder)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # The file gets its final name only now: nobody ever sees it unlocked while its process lives.
    path = Path(made).rename(Path(made).with_suffix(".lock"))
    try:
        yield path.stem
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def dead_names(folder: Path) -> list[str]:
    """Returns the names of processes on this machine that were killed and not yet forgotten."""
    return sorted(path.stem for path in folder.glob("*.lock") if not _is_locked(path))


def living_names(folder: Path) -> list[str]:
    """Returns the names of the processes on this machine that live."""
    return sorted(path.stem for path in folder.glob("*.lock") if _is_locked(path))


def forget(folder: Path, name: str) -> None:
    """Removes a dead process's file; once its jobs are released nobody needs the name."""
    (folder / f"{name}.lock").unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # It ended in good order between the listing and now.
        return True
    return False
