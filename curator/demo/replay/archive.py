"""Reads an archive of feeds: a tar with a folder for each day, and in it a file for each feed."""

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, cast

from curator.errors import InvalidError

MAX_MEMBERS = 20_000
"""A year of fifty feeds; a tar of more is no archive that a run gets through."""

MAX_FILE_BYTES = 15_000_000
"""What a poll takes at most."""

MAX_BYTES = 256_000_000
"""The whole archive is held in memory."""

_MEMBER = re.compile(
    r"(?:\./)?(?P<day>\d{4}-\d{2}-\d{2})/(?P<feed>[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}\.(?:xml|rss))", re.ASCII
)
_FOLDER = re.compile(r"\.?/?|(?:\./)?\d{4}-\d{2}-\d{2}/?", re.ASCII)
_FORM = "An archive of feeds holds files like 2023-06-10/017.xml: a folder for each day, in it one RSS file a feed."
_TORN = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError)


@dataclass(frozen=True)
class Day:
    """One day of an archive: its feeds' documents by file name."""

    on: date
    documents: Mapping[str, bytes]


@dataclass(frozen=True)
class Archive:
    """The days of an archive, oldest first. A feed that a day leaves out is as it was before."""

    days: tuple[Day, ...]

    @property
    def feeds(self) -> tuple[str, ...]:
        """The file name of every feed, in order."""
        return tuple(sorted({name for day in self.days for name in day.documents}))

    @property
    def documents(self) -> int:
        """How many files there are."""
        return sum(len(day.documents) for day in self.days)

    def document(self, feed: str, nth_day: int) -> bytes | None:
        """Returns what a feed says on a day, None before its first."""
        told = (day.documents[feed] for day in reversed(self.days[: nth_day + 1]) if feed in day.documents)
        return next(told, None)


def read_archive(path: Path) -> Archive:
    """Returns what is in a tar (plain or gzip). Nothing is unpacked to disk.

    Raises InvalidError("replay") for what is no tar, is damaged, empty or too large, or has another form.
    """
    found: dict[date, dict[str, bytes]] = {}
    try:
        with path.open("rb") as file, _plain(file) as plain:
            for on, feed, body in _files(path.name, cast("IO[bytes]", _Bounded(plain, path.name))):
                if found.setdefault(on, {}).setdefault(feed, body) is not body:
                    raise _refusal(f"{path.name} holds {on}/{feed} twice.")
    except _TORN as error:
        raise _refusal(f"{path.name} is no tar archive that can be read (plain or gzip), or it is damaged.") from error
    if not found:
        raise _refusal(f"{path.name} holds no feed. {_FORM}")
    return Archive(tuple(Day(on, found[on]) for on in sorted(found)))


def _plain(file: IO[bytes]) -> IO[bytes]:
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast("IO[bytes]", gzip.open(file)) if is_gzip else file


def _files(name: str, plain: IO[bytes]) -> Iterator[tuple[date, str, bytes]]:
    # A stream ("r|") is read once from its beginning to its end: no member can point back or elsewhere.
    with tarfile.open(fileobj=plain, mode="r|") as tar:
        for count, member in enumerate(tar):
            if count >= MAX_MEMBERS:
                raise _refusal(f"{name} holds more than {MAX_MEMBERS:,} files.")
            if member.isdir() and _FOLDER.fullmatch(member.name):
                continue
            yield _file(name, tar, member)


def _file(name: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[date, str, bytes]:
    fits = _MEMBER.fullmatch(member.name)
    day = _day(fits["day"]) if fits else None
    if not member.isreg() or fits is None or day is None:
        raise _refusal(f"{name} holds {member.name[:100]!r}, which is no feed of a day. {_FORM}")
    if member.size > MAX_FILE_BYTES:
        raise _refusal(f"{name} holds {member.name}, which is larger than {MAX_FILE_BYTES:,} bytes.")
    opened = tar.extractfile(member)
    return day, fits["feed"], opened.read() if opened else b""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _refusal(reason: str) -> InvalidError:
    return InvalidError("replay", reason)


class _Bounded:
    """Reads on until too much has come: a small archive may unfold to any size, in its headers too."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._left = MAX_BYTES

    def read(self, size: int) -> bytes:
        """Returns the next bytes."""
        read = self._file.read(size)
        self._left -= len(read)
        if self._left < 0:
            raise _refusal(f"{self._name} unfolds to more than {MAX_BYTES:,} bytes.")
        return read
