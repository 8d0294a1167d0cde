"""Splits a stream of bytes into lines, as a text editor counts them, and holds no more of it than a row may have."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_LINE_BYTES = 100_000
"""Far above any honest row; what is longer is passed over without being held in memory."""

_BLOCK = 1 << 16


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Returns at most so many bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end; `begins_at` counts bytes of the stream. `text` is None where it is too long."""

    number: int
    begins_at: int
    ends_at: int
    text: str | None
    is_odd: bool = False


class Transcoded:
    """A stream of UTF-16 as one of UTF-8: offsets count what comes out."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._is_over = False

    def read(self, size: int, /) -> bytes:
        """Returns some bytes of UTF-8, none at the end."""
        text = ""
        while not text and not self._is_over:
            block = self._stream.read(size)
            self._is_over = not block
            text = self._decoder.decode(block, final=self._is_over)
        return text.encode("utf-8", "replace")


def split(stream: Readable, *, number: int = 1, offset: int = 0) -> Iterator[Line]:
    """Yields the lines of a stream that stands at `offset`, the first of them numbered `number`.

    A line ends at \\n, \\r\\n or \\r. What is not UTF-8 is read as Windows-1252, line by line, so that one damaged line
    does not garble the others.
    """
    for at, raw, length in _raw(stream, offset):
        text, is_odd = (None, False) if raw is None else _text(raw)
        yield Line(number, at, at + length, text, is_odd)
        number += 1


def _raw(stream: Readable, at: int) -> Iterator[tuple[int, bytes | None, int]]:
    """Yields where each line begins, its bytes (None for one that is too long) and how many they are."""
    rest, passed_over = b"", 0
    while block := stream.read(_BLOCK):
        # The last piece may go on in the next block, and a \r at its end may be half of a \r\n.
        *whole, rest = (rest + block).splitlines(keepends=True)
        for line in whole:
            length = passed_over + len(line)
            yield at, None if length > MAX_LINE_BYTES else line, length
            at, passed_over = at + length, 0
        if len(rest) > MAX_LINE_BYTES:
            # What ends in a \r may go on with a \n: that one byte is kept back.
            kept = 1 if rest.endswith(b"\r") else 0
            passed_over, rest = passed_over + len(rest) - kept, rest[len(rest) - kept :]
    if rest or passed_over:
        length = passed_over + len(rest)
        yield at, None if length > MAX_LINE_BYTES else rest, length


def _text(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode(), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), True
