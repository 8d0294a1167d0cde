"""Finds out how a CSV file is laid out, from its beginning: encoding, delimiter, headings, and where rows begin."""

import io
import re
from collections.abc import Sequence

from curator.addresses import checked_address
from curator.audience.moving.columns import address_heading, keyed
from curator.audience.moving.lines import Line, Transcoded, split
from curator.audience.moving.rows import Row, read_rows
from curator.audience.moving.values import Part
from curator.errors import InvalidError
from curator.names import one_line

HEAD_BYTES = 262_144
"""What is looked at: more than any heading and its first rows."""

MAX_COLUMNS = 400
_DELIMITERS = (",", ";", "\t")
_MAX_HEADING = 80
_LOOKED_AT = 20
_BOM = b"\xef\xbb\xbf"


def part_of(name: str, head: bytes, *, size: int) -> Part:
    """Returns how a file is laid out that begins with these bytes.

    A heading names the column of addresses, or one column holds nothing but addresses and there is no heading. Raises
    InvalidError("file") for an empty file, one without such a column, and a workbook.
    """
    _refuse_others(head)
    encoding = _encoding(head)
    lines = _lines(head, encoding)
    at = next((number for number, line in enumerate(lines) if line.text is None or line.text.strip()), None)
    if at is None:
        raise InvalidError("file", "The file is empty.")
    # Excel writes and reads a first line "sep=;" that names the delimiter.
    named = re.fullmatch(r'"?sep=([,;\t])"?', (lines[at].text or "").strip("\r\n "), re.IGNORECASE)
    delimiters: Sequence[str] = [named[1]] if named else _DELIMITERS
    rest = lines[at + 1 :] if named else lines[at:]
    for delimiter in delimiters:
        part = _headed(name, rest, delimiter, encoding=encoding, size=size)
        if part is not None:
            return part
    return _headless(name, rest, delimiters, encoding=encoding, size=size)


def first_rows(part: Part, head: bytes, *, limit: int = 5) -> list[list[str]]:
    """Returns the cells of the first rows that can be read."""
    lines = (line for line in _lines(head, part.encoding) if line.number >= part.line)
    rows = (row.cells for row in read_rows(lines, part.delimiter) if row.cells is not None and not row.is_blank)
    return [cells for cells, _ in zip(rows, range(limit), strict=False)]


def _refuse_others(head: bytes) -> None:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InvalidError("file", "This is a workbook, not a CSV file. Save it as CSV (UTF-8) and try again.")


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: every other byte of mostly ASCII text is zero.
    head = head[:200]
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 2 and zeros.count(0) > 0.8 * len(zeros) and head.count(0) < 0.6 * len(head):
            return name
    return "utf-8"


def _lines(head: bytes, encoding: str) -> list[Line]:
    """Returns the lines of the beginning; the last one may be cut, and is left out where there are others."""
    stream = io.BytesIO(head)
    if encoding == "utf-8":
        stream.seek(len(_BOM) if head.startswith(_BOM) else 0)
        lines = list(split(stream, offset=stream.tell()))
    else:
        lines = list(split(Transcoded(stream, encoding)))
    return lines[:-1] if len(head) >= HEAD_BYTES and len(lines) > 1 else lines


def _headed(name: str, lines: Sequence[Line], delimiter: str, *, encoding: str, size: int) -> Part | None:
    row: Row | None = next(iter(read_rows(lines, delimiter)), None)
    if row is None or row.cells is None:
        return None
    if len(row.cells) > MAX_COLUMNS:
        raise InvalidError("file", f"The file has {len(row.cells):,} columns; at most {MAX_COLUMNS} are read.")
    headings = keyed([one_line(cell, max_characters=_MAX_HEADING) for cell in row.cells])
    address = address_heading(headings)
    if address is None:
        return None
    return Part(name, size, encoding, delimiter, headings, row.ends_at, row.next_line, address)


def _headless(name: str, lines: Sequence[Line], delimiters: Sequence[str], *, encoding: str, size: int) -> Part:
    found = max((_addresses(lines, delimiter) for delimiter in delimiters), key=lambda each: each[0])
    most, at, width, delimiter = found
    if most == 0:
        raise InvalidError(
            "file",
            "No column of addresses was found. Give it a heading in the first line, such as email, and try again.",
        )
    headings = keyed([""] * width)
    return Part(name, size, encoding, delimiter, headings, lines[0].begins_at, lines[0].number, headings[at])


def _addresses(lines: Sequence[Line], delimiter: str) -> tuple[int, int, int, str]:
    """Returns how many of the first rows have an address in the column that has most of them, and which that is."""
    counts: dict[int, int] = {}
    width = 1
    for _, row in zip(range(_LOOKED_AT), read_rows(lines, delimiter), strict=False):
        cells = (row.cells or [])[:MAX_COLUMNS]
        width = max(width, len(cells))
        for at, cell in enumerate(cells):
            if _is_address(cell):
                counts[at] = counts.get(at, 0) + 1
    at = max(counts, key=lambda each: (counts[each], -each), default=0)
    return counts.get(at, 0), at, width, delimiter


def _is_address(cell: str) -> bool:
    try:
        checked_address(cell)
    except InvalidError:
        return False
    return True
