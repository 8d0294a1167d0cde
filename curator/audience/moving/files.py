"""The files of imports on the disk: a CSV file or a zip of some, read as a stream from any place."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from curator.audience.moving.layout import HEAD_BYTES, part_of
from curator.audience.moving.lines import Readable, Transcoded
from curator.audience.moving.values import Part
from curator.errors import InvalidError

MAX_FILES = 60
_MAX_ENTRIES = 20_000
_ENDINGS = (".csv", ".txt", ".tsv")
_BLOCK = 1 << 16
_DAMAGED = "The file is damaged: export it again, and see that it arrives whole."
_GONE = "The file is no longer there. Bring it once more: nobody is added twice."


class StoredFile:
    """An import's file on the disk, as a `reading.Source`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self, part: Part, *, offset: int) -> Iterator[Readable]:
        """Opens a part at an offset of its UTF-8; in a zip all before it is read and dropped."""
        with _told(), self._path.open("rb") as file:
            if _is_zip(file):
                with zipfile.ZipFile(file) as archive, archive.open(part.name) as member:
                    yield _standing_at(member, part, offset)
            else:
                file.seek(offset if part.encoding == "utf-8" else 0)
                yield file if part.encoding == "utf-8" else _standing_at(file, part, offset)

    def head(self, part: Part) -> bytes:
        """Returns the beginning of a part, as it lies in the file."""
        with _told(), self._path.open("rb") as file:
            if not _is_zip(file):
                return file.read(HEAD_BYTES)
            with zipfile.ZipFile(file) as archive, archive.open(part.name) as member:
                return member.read(HEAD_BYTES)


class MemoryFile:
    """A CSV file in memory, as a `reading.Source`."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @contextmanager
    def open(self, part: Part, *, offset: int) -> Iterator[Readable]:
        """Opens it at an offset of its UTF-8."""
        stream = io.BytesIO(self._content)
        if part.encoding != "utf-8":
            yield _standing_at(stream, part, offset)
            return
        stream.seek(offset)
        yield stream


def parts_of(path: Path, file_name: str, *, max_bytes: int) -> tuple[Part, ...]:
    """Returns the CSV files of an upload, one or, of a zip, those that have a column of addresses.

    Raises InvalidError("file") where there is none, or more than `max_bytes` of them.
    """
    size = path.stat().st_size
    require_size(size, max_bytes)
    with _told(), path.open("rb") as file:
        if _is_zip(file):
            with zipfile.ZipFile(file) as archive:
                return _members(archive, max_bytes=max_bytes)
        return (part_of(file_name, file.read(HEAD_BYTES), size=size),)


def require_size(size: int, max_bytes: int) -> None:
    """Raises InvalidError("file") for more bytes than are taken."""
    if size > max_bytes:
        told = f"The file has {size:,} bytes; at most {max_bytes:,} are taken (CURATOR_IMPORT_MAX_BYTES)."
        raise InvalidError("file", f"{told} Split it, or have an operator raise the limit.")


def _is_zip(file: IO[bytes]) -> bool:
    """Tells whether a file is a zip, and stands at its beginning again. One that is torn is none: it is damaged."""
    begins = file.read(4)
    file.seek(0)
    if begins != b"PK\x03\x04":
        return False
    if not zipfile.is_zipfile(file):
        raise zipfile.BadZipFile
    file.seek(0)
    return True


def _members(archive: zipfile.ZipFile, *, max_bytes: int) -> tuple[Part, ...]:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise InvalidError("file", f"The zip holds {len(entries):,} files; at most {_MAX_ENTRIES:,} are looked at.")
    if any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise InvalidError("file", "This is a workbook, not a CSV file. Save it as CSV (UTF-8) and try again.")
    wanted = _wanted(entries)
    if len(wanted) > MAX_FILES:
        raise InvalidError("file", f"The zip holds {len(wanted)} lists; at most {MAX_FILES} are taken at once.")
    # What a zip says of its sizes is held to: reading stops there.
    unpacked = sum(entry.file_size for entry in wanted)
    if unpacked > max_bytes:
        told = f"The zip unpacks to {unpacked:,} bytes; at most {max_bytes:,} are taken (CURATOR_IMPORT_MAX_BYTES)."
        raise InvalidError("file", told)
    found, wrong = [], InvalidError("file", "The zip holds no CSV file.")
    for entry in wanted:
        with archive.open(entry) as member:
            try:
                found.append(part_of(entry.filename, member.read(HEAD_BYTES), size=entry.file_size))
            except InvalidError as error:
                wrong = error
    if not found:
        raise wrong
    return tuple(found)


def _wanted(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Returns the lists of readers of a zip: of Substack's not those of who got and opened which post."""
    lists = [
        entry
        for entry in entries
        if entry.filename.casefold().endswith(_ENDINGS)
        and not entry.filename.startswith("__MACOSX/")
        and not _base(entry).startswith(".")
    ]
    substack = [entry for entry in lists if _base(entry).startswith("email_list")]
    return substack or lists


def _base(entry: zipfile.ZipInfo) -> str:
    return entry.filename.rpartition("/")[2].casefold()


class _Rest:
    """What is left of a stream behind a place, with what was read too far."""

    def __init__(self, stream: Readable, kept: bytes) -> None:
        self._stream, self._kept = stream, kept

    def read(self, size: int, /) -> bytes:
        """Returns some bytes, none at the end."""
        kept, self._kept = self._kept, b""
        return kept or self._stream.read(size)


def _standing_at(stream: IO[bytes], part: Part, offset: int) -> Readable:
    wanted: Readable = stream if part.encoding == "utf-8" else Transcoded(stream, part.encoding)
    while offset:
        block = wanted.read(min(_BLOCK, offset))
        if not block:
            break
        if len(block) > offset:
            return _Rest(wanted, block[offset:])
        offset -= len(block)
    return wanted


@contextmanager
def _told() -> Iterator[None]:
    """Turns what a file on the disk may be into words."""
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidError("file", _GONE) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
        raise InvalidError("file", _DAMAGED) from error
    except RuntimeError as error:  # zipfile's own for a member behind a password
        raise InvalidError("file", "The zip is locked by a password. Unpack it and bring the CSV files.") from error
