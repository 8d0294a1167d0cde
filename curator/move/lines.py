"""Rows as PostgreSQL's COPY writes them, made from what SQLite holds: one line a row, one spelling a value. Pure.

The same bytes go into the new database and are compared with what it gives back (PostgreSQL manual, COPY, "Text
Format"). Texts come as the bytes that SQLite keeps, so nothing is decoded on the way.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import inf, isfinite, nextafter
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
    if column.kind is Kind.FRACTION:
        return lambda value: "" if value is None or isinstance(value, int | float) else "is no number"
    if column.kind is Kind.BYTES:
        return lambda value: "" if value is None or isinstance(value, bytes) else "is no bytes"
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


def _fraction(value: Any) -> bytes:
    """Writes the fewest digits that give the number back; where an exponent begins is PostgreSQL's own way."""
    number = float(value)
    if not isfinite(number):
        return b"Infinity" if number > 0 else b"-Infinity"
    exact = next(each for each in _spellings(number) if _is_inside(number, each)).normalize()
    if -5 < exact.adjusted() < 15:
        return f"{exact:f}".encode()
    figures, _, power = f"{exact:e}".partition("e")
    return f"{figures}e{int(power):+03d}".encode()


def _spellings(number: float) -> Iterator[Decimal]:
    """Python's own spelling, then those with one digit more each: seventeen always do."""
    yield Decimal(repr(number))
    yield from (Decimal(f"{number:.{digits}e}") for digits in range(17))


def _is_inside(number: float, spelled: Decimal) -> bool:
    """Tells whether a spelling is no tie between two neighbours: Python leaves that to "round half to even"."""
    for neighbour in (nextafter(number, -inf), nextafter(number, inf)):
        if isfinite(neighbour) and 2 * Fraction(spelled) == Fraction(number) + Fraction(neighbour):
            return False
    return float(spelled) == number


def _bytes(value: Any) -> bytes:
    return rb"\\x" + bytes(value).hex().encode()


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
    Kind.FRACTION: _fraction,
    Kind.BYTES: _bytes,
    Kind.BOOLEAN: _boolean,
    Kind.MOMENT: _moment,
    Kind.DATE: _text,
    Kind.TIME: _time,
}
