"""The spool: hits that a web process writes down in a moment, as files that outlive it, for `listen` to take in.

One append-only file for each process, locked (flock) as long as it is written. A record is one write(2), so the kernel
keeps it when the process is killed. An unlocked file is complete: nobody will write to it again, and its name has
chance in it, so no other file ever bears it.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from curator.errors import CuratorError

# At 32 bytes a hit 125,000 hits: what a busy hour brings goes away with its file.
MAX_BYTES = 4_000_000
_SUFFIX = ".spool"
_DONE = ".done"


class SpoolError(CuratorError):
    """A hit cannot be written down."""

    retry_in = timedelta(minutes=1)


class Spool:
    """The files that this process writes, one after the other; opened when the first record comes.

    After a fork the child writes a file of its own. Threads may share it.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._pid = 0
        self._descriptor = -1
        self._size = 0

    def append(self, record: bytes) -> None:
        """Writes one record, whole or not at all as far as readers can tell. Raises SpoolError."""
        try:
            with self._lock:
                self._ready()
                self._write(record)
        except OSError as error:
            raise SpoolError(f"The click spool in {self._folder} cannot be written: {error.strerror}.") from error

    def close(self) -> None:
        """Lets the file go: it is complete."""
        with self._lock:
            self._close()

    def _ready(self) -> None:
        if self._pid != os.getpid() or self._size >= self._max_bytes or self._is_gone():
            self._close()
        if self._descriptor < 0:
            self._descriptor = _create(self._folder)
            self._pid, self._size = os.getpid(), 0

    def _is_gone(self) -> bool:
        """Tells whether the file was removed by somebody: what is written to it then is lost.

        Asked at every record: it costs two microseconds, and a quiet hour has few records to lose.
        """
        return self._descriptor >= 0 and os.fstat(self._descriptor).st_nlink == 0

    def _write(self, record: bytes) -> None:
        written = os.write(self._descriptor, record)
        self._size += written
        if written != len(record):
            # The torn piece is passed over by its readers; what comes next goes into a file without one.
            self._close()
            raise SpoolError(f"The click spool in {self._folder} cannot be written: the disk is full.")

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


@contextmanager
def turn(folder: Path) -> Iterator[bool]:
    """Yields whether this is the one that takes the folder's files in; the lock goes with the process."""
    descriptor = os.open(folder / "turn.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locks(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def names(folder: Path) -> list[str]:
    """Returns the names of the folder's spool files, in no order that means anything but always the same."""
    return sorted(path.name for path in folder.glob(f"*{_SUFFIX}"))


def is_complete(folder: Path, name: str) -> bool:
    """Tells whether a file's writer is gone; once it is, nothing is ever added."""
    with (folder / name).open("rb") as file:
        return _locks(file.fileno(), fcntl.LOCK_SH)


def piece(folder: Path, name: str, *, start: int, max_bytes: int) -> bytes:
    """Returns what stands in a file from `start`, at most so many bytes."""
    with (folder / name).open("rb") as file:
        file.seek(start)
        return file.read(max_bytes)


def set_aside(folder: Path, name: str) -> None:
    """Takes a file that is read to its end out of the list: it will not be read again, whatever happens next."""
    (folder / name).rename(folder / f"{name}{_DONE}")


def aside(folder: Path) -> list[str]:
    """Returns the names of files that were set aside and not removed yet."""
    return sorted(path.name.removesuffix(_DONE) for path in folder.glob(f"*{_SUFFIX}{_DONE}"))


def remove(folder: Path, name: str) -> None:
    """Removes a file that was set aside."""
    with contextlib.suppress(OSError):
        (folder / f"{name}{_DONE}").unlink(missing_ok=True)


def _locks(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create(folder: Path) -> int:
    """Opens a new file, which appears under its name only when it is locked."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"clicks-{os.getpid()}-{os.urandom(8).hex()}"
    hidden = folder / f".{name}.new"
    descriptor = os.open(hidden, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        hidden.rename(folder / f"{name}{_SUFFIX}")
    except BaseException:
        os.close(descriptor)
        hidden.unlink(missing_ok=True)
        raise
    return descriptor
