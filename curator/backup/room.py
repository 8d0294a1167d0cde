"""Whether a disk has room for what is to be written, and folders for what is written on the way."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.backup.values import NoRoomError

# What others on the disk may need meanwhile.
_RESERVE = 100_000_000
_PREFIX = ".curator-"


def require(folder: Path, wanted: int, *, what: str) -> None:
    """Raises NoRoomError where a disk has less than `wanted` bytes and a reserve; the folder need not be there yet."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < wanted + _RESERVE:
        raise NoRoomError(
            f"{what} needs about {megabytes(wanted)} and some to spare, but {megabytes(free)} are free in {folder}. "
            "Make room, or name another folder. Nothing was written."
        )


def megabytes(number: int) -> str:
    """Returns a size as people read it."""
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{max(number / 1e6, 0.1):,.1f} MB"


@contextmanager
def scratch(folder: Path, kind: str) -> Iterator[Path]:
    """Yields a new folder in another, which is gone afterwards; what killed processes left there goes first.

    Its lock says that somebody is at work in it, and the system lets that go however the process ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_PREFIX}{kind}-*"):
        if not _is_held(left / "lock"):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=folder))
    descriptor = os.open(made / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield made
    finally:
        os.close(descriptor)
        shutil.rmtree(made, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        # It was made this very moment, or is being removed.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def settle(made: Path, at: Path) -> None:
    """Gives a whole file its name, and returns when both outlast a power cut."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(at)
    folder = os.open(at.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def carry(path: Path, to: Path) -> None:
    """Gives a file another place, on another disk too: there is all of it or nothing."""
    beside = to.with_name(f".{to.name}.new")
    shutil.move(path, beside)
    beside.replace(to)
