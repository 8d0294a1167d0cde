"""The log as files of a folder: lines are appended and synced, a full file is put aside, very old ones go."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from curator.errors import InvalidError
from curator.leavings.values import Deed, Fact, of_line

_log = structlog.get_logger()

NAME = "leavings.jsonl"
_PUT_ASIDE = "leavings-*.jsonl"
# 100,000 leavings; a year of most installations.
_FULL_BYTES = 8_000_000
# No backup that anybody would restore is older: what it lacks then is more than leavings.
KEPT_FOR = timedelta(days=400)
# 400 MB, whatever an import brings.
_MOST_FILES = 50


class LeavingsLog:
    """The log of this machine. Any number of processes may write to it at once.

    Facts are on the disk when `keep` returns, so a leaving that was answered is known whatever becomes of the database.
    A folder that cannot be written keeps nobody from leaving: `spare` takes the facts, and where that fails too the log
    of the process says so, and `curator doctor`.
    """

    def __init__(self, folder: Path, *, spare: Path | None = None) -> None:
        self.folder = folder
        self._spare = spare if spare != folder else None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where facts may lie."""
        return (self.folder,) if self._spare is None else (self.folder, self._spare)

    def keep(self, facts: Sequence[Any], /) -> None:
        """Appends facts and waits until they outlast a power cut; see `db.Witness`."""
        if not facts:
            return
        for folder in self.folders:
            try:
                append(folder, facts)
            except OSError as error:
                _log.error("the log of leavings cannot be written", folder=str(folder), reason=error.strerror)
            else:
                return

    def begin(self, *, now: datetime) -> None:
        """Makes the log where there is none, so that it tells from when on it knows of everything."""
        if not (self.folder / NAME).exists():
            self.keep([Fact(Deed.BEGUN, now)])

    def why_not(self) -> str:
        """Returns why the log cannot be written, "" when it can. Nothing is written."""
        folder = self.folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder} cannot be written to"
        file = self.folder / NAME
        return f"{file} cannot be written to" if file.exists() and not os.access(file, os.W_OK) else ""


def append(folder: Path, facts: Sequence[Fact]) -> None:
    """Appends facts to the log in a folder, which is made where it is not there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _turn(folder):
        path = folder / NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            lines = [fact.to_line() for fact in facts]
            if not size and facts[0].deed is not Deed.BEGUN:
                lines.insert(0, Fact(Deed.BEGUN, facts[0].at).to_line())
            # A power cut may have left half a line: it must not swallow the next.
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            _write(descriptor, ("\n" * torn + "".join(f"{line}\n" for line in lines)).encode())
            os.fsync(descriptor)
            is_full = os.fstat(descriptor).st_size >= _FULL_BYTES
        finally:
            os.close(descriptor)
        if not size:
            _sync(folder)
        if is_full:
            _put_aside(path, now=facts[-1].at)


@dataclass(frozen=True)
class Read:
    """The facts of one log or of several, and how many lines of them tell nothing."""

    facts: tuple[Fact, ...]
    unreadable: int


def read(places: Sequence[Path]) -> Read:
    """Returns what folders or single files tell; raises InvalidError("leavings") for a place that is not there."""
    facts, unreadable = [], 0
    for file in [file for place in places for file in files(place)]:
        with file.open("rb") as lines:
            for line in lines:
                if not line.strip():
                    continue
                fact = of_line(line)
                if fact is None:
                    unreadable += 1
                else:
                    facts.append(fact)
    return Read(tuple(facts), unreadable)


def files(place: Path) -> list[Path]:
    """Returns the files of a log, oldest first."""
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise InvalidError("leavings", f"{place} is neither a folder nor a file.")
    return [*sorted(place.glob(_PUT_ASIDE)), *([place / NAME] if (place / NAME).exists() else [])]


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / ".leavings.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_aside(path: Path, *, now: datetime) -> None:
    """Gives a full file a name of its own, and deletes what is too old, or the oldest where there are too many."""
    aside = path.with_name(f"leavings-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.jsonl")
    if not aside.exists():
        path.rename(aside)
    kept = sorted(path.parent.glob(_PUT_ASIDE))
    old = [each for each in kept if _named_at(each) < now - KEPT_FOR]
    for each in {*old, *kept[:-_MOST_FILES]} - {aside}:
        each.unlink(missing_ok=True)
    _sync(path.parent)


def _named_at(path: Path) -> datetime:
    """Returns the moment of a file's last line, which its name bears; a name of another kind is never too old."""
    try:
        return datetime.strptime(path.stem, "leavings-%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
