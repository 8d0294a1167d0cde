"""The journal of a sender: what left and what was answered, readable by others once the sender is dead.

One append-only file for each sender, locked (flock) as long as it lives. A line is one write(2), so the kernel keeps
it when the process is killed; only a power cut can lose it, and that changes the boot id in the first line. Lines name
mailing, subscriber and fence, never an address:

    curator-journal 1 <boot id> <owner>
    > 12 3456 7                 the final dot is about to leave
    < 12 3456 7 sent 250        the relay answered
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from curator.errors import CuratorError
from curator.mailings.values import DeliveryState

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SUFFIX = ".journal"
_HEADER = "curator-journal 1"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
# Batches remember the name in 80 characters: 60 of the owner, a dot, 16 of chance.
_OWNER_CHARS = 60

Key = tuple[int, int, int]
"""Mailing, subscriber, fence."""


class JournalError(CuratorError):
    """The journal cannot be written, so nothing may leave."""

    retry_in = timedelta(minutes=1)


@dataclass(frozen=True)
class Answered:
    """The relay's answer as the journal keeps it."""

    state: DeliveryState
    code: int


@dataclass(frozen=True)
class Past:
    """What can be known of a sender from its journal. `lines` holds None where the dot left and no answer is known."""

    is_within_reach: bool = False
    is_alive: bool = False
    is_same_boot: bool = False
    lines: dict[Key, Answered | None] = field(default_factory=dict)


class Journal:
    """The journal that this sender writes."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._descriptor = descriptor

    def dot(self, key: Key) -> None:
        """Notes that the final dot is about to leave; raises JournalError, and then it must not."""
        self._write(f"> {_numbers(key)}\n")

    def answered(self, key: Key, state: DeliveryState, code: int) -> None:
        """Notes the relay's answer; raises JournalError."""
        self._write(f"< {_numbers(key)} {state} {code}\n")

    def _write(self, line: str) -> None:
        _append(self._descriptor, line)


@contextmanager
def opened(folder: Path, owner: str) -> Iterator[Journal]:
    """Yields a new journal, locked until the end; the file stays when the block is left by an error.

    It appears under its name only when it is locked, so whoever sees it unlocked knows that its sender is dead.
    """
    try:
        name, descriptor = _create(folder, owner)
    except OSError as error:
        raise JournalError(f"No journal can be written in {folder}: {error.strerror}.") from error
    try:
        yield Journal(name, descriptor)
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def past(folder: Path, name: str, *, boot_id: str | None = None) -> Past:
    """Returns what the journal of another sender tells; a name without a file is out of reach."""
    path = folder / name
    try:
        if _is_locked(path):
            return Past(is_within_reach=True, is_alive=True)
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return Past()
    # The last piece is empty, or a line that was never finished.
    heading, *lines = text.split("\n")[:-1] or [""]
    return Past(
        is_within_reach=heading.startswith(_HEADER),
        is_same_boot=_boot_of(heading) == (this_boot() if boot_id is None else boot_id) != "",
        lines=_read(lines),
    )


def dead_names(folder: Path) -> list[str]:
    """Returns the names of journals whose senders are dead; once dead, always dead."""
    return [path.name for path in sorted(folder.glob(f"*{_SUFFIX}")) if not _is_locked(path)]


def remove(folder: Path, names: Collection[str]) -> None:
    """Removes journals that nothing refers to any more."""
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def this_boot() -> str:
    """Returns the id of the machine's present boot, "" where the system does not tell (then nothing counts as same)."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _create(folder: Path, owner: str) -> tuple[str, int]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{_UNSAFE.sub('-', owner)[:_OWNER_CHARS]}.{os.urandom(4).hex()}{_SUFFIX}"
    hidden = folder / f".{name}.new"
    descriptor = os.open(hidden, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _append(descriptor, f"{_HEADER} {this_boot() or '-'} {name}\n")
        hidden.rename(folder / name)
    except BaseException:
        os.close(descriptor)
        hidden.unlink(missing_ok=True)
        raise
    return name, descriptor


def _append(descriptor: int, line: str) -> None:
    raw = line.encode("ascii")
    try:
        written = os.write(descriptor, raw)
    except OSError as error:
        raise JournalError(f"The sender's journal cannot be written: {error.strerror}.") from error
    if written != len(raw):
        raise JournalError("The sender's journal cannot be written: the disk is full.")


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _read(lines: list[str]) -> dict[Key, Answered | None]:
    found: dict[Key, Answered | None] = {}
    for line in lines:
        # A torn line (a full disk) is not a fact; a dot whose line is torn never left.
        with contextlib.suppress(ValueError):
            mark, mailing, subscriber, fence, *answer = line.split(" ")
            key = (int(mailing), int(subscriber), int(fence))
            if mark == ">" and not answer:
                found.setdefault(key, None)
            elif mark == "<":
                state, code = answer
                found[key] = Answered(DeliveryState(state), int(code))
    return found


def _boot_of(heading: str) -> str:
    words = heading.split(" ")
    return words[2] if len(words) == 4 and heading.startswith(_HEADER) and words[2] != "-" else ""


def _numbers(key: Key) -> str:
    return " ".join(map(str, key))
