"""Reads the rows of a CSV file out of its lines: cells, or what is wrong with a row."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curator.audience.moving.lines import MAX_LINE_BYTES, Line

MAX_ROW_CHARACTERS = 100_000
"""Below the csv module's own limit for one field (131,072)."""

MAX_ROW_LINES = 50
"""A quoted field, such as a note, may go on over some lines; a quotation mark never closed must not eat the file."""

_TOO_LONG = f"The row is longer than {MAX_LINE_BYTES:,} bytes; at most so many are read."
_UNCLOSED = "A quotation mark of this row has no partner."


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, or None and what is wrong with it. The next row begins at `ends_at`, on `next_line`."""

    line: int
    ends_at: int
    next_line: int
    cells: list[str] | None
    wrong: str = ""
    odd: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.cells is not None and not any(map(str.strip, self.cells))


def read_rows(lines: Iterable[Line], delimiter: str) -> Iterator[Row]:
    """Yields every row, blank ones too: whoever reads on from a mark has to know where each ends."""
    waiting: deque[Line] = deque()
    source = iter(lines)
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        text = line.text
        if text is None:
            yield Row(line.number, line.ends_at, line.number + 1, None, _TOO_LONG)
        elif '"' not in text:
            cells = text.rstrip("\r\n").split(delimiter)
            yield Row(line.number, line.ends_at, line.number + 1, cells, odd=line.is_odd)
        else:
            yield _quoted(line, waiting, source, delimiter)


def _quoted(first: Line, waiting: deque[Line], source: Iterator[Line], delimiter: str) -> Row:
    """Returns a row with quotation marks, which ends where they are even in number and make sense.

    Where they never do only its first line is given up; the lines that were looked at wait.
    """
    taken, quotes, characters = [first], (first.text or "").count('"'), len(first.text or "")
    while True:
        if quotes % 2 == 0:
            cells = _cells([line.text or "" for line in taken], delimiter)
            if cells is not None:
                for _ in taken[1:]:
                    waiting.popleft()
                last = taken[-1]
                return Row(first.number, last.ends_at, last.number + 1, cells, odd=sum(map(_is_odd, taken)))
        following = _look(waiting, source, len(taken) - 1)
        if following is None or following.text is None or len(taken) == MAX_ROW_LINES:
            break
        characters += len(following.text)
        if characters > MAX_ROW_CHARACTERS:
            break
        quotes += following.text.count('"')
        taken.append(following)
    return Row(first.number, first.ends_at, first.number + 1, None, _UNCLOSED, odd=first.is_odd)


def _look(waiting: deque[Line], source: Iterator[Line], at: int) -> Line | None:
    """Returns the line that waits at a place, read from the source if need be."""
    if at == len(waiting):
        line = next(source, None)
        if line is None:
            return None
        waiting.append(line)
    return waiting[at]


def _cells(lines: list[str], delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _is_odd(line: Line) -> bool:
    return line.is_odd
