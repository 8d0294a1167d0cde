"""Rows as PostgreSQL's COPY writes them, made from what SQLite holds: one line a row, one spelling a value. Pure.

The same bytes go into the new database and are compared with what it gives back (PostgreSQL manual, COPY, "Text
Format"). Texts come as the bytes that SQLite keeps, so nothing is decoded on the way.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from curator.move.values import Column, Kind

_NULL = rb"\N"
_SPECIAL = re.compile(rb"[\\\x08-\x0d]")
_ESCAPES = {
    b"\\": rb"\\",
    b"\x08": rb"\b",
    b"\t": rb"\t",
    b"\n": rb"\n",
    b"\x0b": rb"\v",
    b"\x0c": rb"\f",
    b"\r": rb"\r",
}

Writer = Callable[[Any], bytes]


def line_writer(columns: Sequence[Column]) -> Callable[[Sequence[Any]], bytes]:
    """Returns what makes one line, without its end, of one row."""
    writers = [_WRITERS[column.kind] for column in columns]

    def line(row: Sequence[Any]) -> bytes:
        return b"\t".join([_NULL if value is None else write(value) for write, value in zip(writers, row, strict=True)])

    return line


def unfit(column: Column) -> Callable[[Any], str]:
    """Returns what says why PostgreSQL would not take a value of this column; "" when it would."""
    if column.kind is Kind.WHOLE:
        return _unfit_number(column.limit or 8)
    return _unfit_text(column.limit)


def _unfit_text(limit: int | None) -> Callable[[Any], str]:
    def why(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, bytes):
            return "is no text"
        if b"\0" in value:
            return "holds a NUL character"
        if value.isascii() and (limit is None or len(value) <= limit):
            return ""
        try:
            length = len(value.decode())
        except UnicodeDecodeError:
            return "is not written in UTF-8 (half of a surrogate pair, or worse)"
        return "" if limit is None or length <= limit else f"has {length} characters; {limit} fit"

    return why


def _unfit_number(size: int) -> Callable[[Any], str]:
    most = 1 << (8 * size - 1)

    def why(value: Any) -> str:
        if value is None or (isinstance(value, int) and -most <= value < most):
            return ""
        return f"is no whole number of {size} bytes"

    return why


def _text(value: Any) -> bytes:
    raw: bytes = value if isinstance(value, bytes) else str(value).encode()
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], raw) if _SPECIAL.search(raw) else raw


def _whole(value: Any) -> bytes:
    return b"%d" % value


def _boolean(value: Any) -> bytes:
    return b"t" if value else b"f"


def _time(value: Any) -> bytes:
    raw = bytes(value)
    return raw.rstrip(b"0").rstrip(b".") if b"." in raw else raw


def _moment(value: Any) -> bytes:
    # SQLAlchemy leaves the zone out, Python's own sqlite3 writes it; both mean UTC.
    return _time(bytes(value).removesuffix(b"+00:00")) + b"+00"


_WRITERS: dict[Kind, Writer] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.BOOLEAN: _boolean,
    Kind.MOMENT: _moment,
    Kind.DATE: _text,
    Kind.TIME: _time,
}
