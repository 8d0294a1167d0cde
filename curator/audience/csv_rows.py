"""Reads a CSV file of subscribers: its encoding, delimiter and headings, then a person or an error for each row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.addresses import Address, checked_address
from curator.audience.values import RowError
from curator.errors import InvalidError
from curator.names import cleaned_name

MAX_BYTES = 20_000_000  # some 400,000 readers; the whole file is held in memory
MAX_ROW_CHARACTERS = 100_000  # below the csv module's own limit for one field (131,072)
MAX_ROW_LINES = 10  # a quoted field may go on over some lines; a quotation mark never closed must not eat the file

_DELIMITERS = (",", ";", "\t")
# Headings as they read without case, spaces and punctuation ("E-Mail Address" is emailaddress); the first that a file
# has is taken, so `address` is a postal one where there is an `email` beside it.
_ADDRESS_HEADINGS = (
    "email",
    "emailaddress",
    "mail",
    "mailaddress",
    "subscriberemail",
    "contactemail",
    "emailadresse",
    "courriel",
    "address",
)
_NAME_HEADINGS = ("name", "fullname", "displayname", "subscribername")
_FIRST_NAME_HEADINGS = ("firstname", "givenname", "forename", "fname", "first")
_LAST_NAME_HEADINGS = ("lastname", "surname", "familyname", "lname", "last")


@dataclass(frozen=True)
class CsvRow:
    """A person in the file; `line` is the one that the row begins on, as a text editor counts."""

    line: int
    address: Address
    name: str


@dataclass(frozen=True)
class _Layout:
    """How the file is laid out: where its rows begin and which columns hold what."""

    delimiter: str
    begins_at: int
    address_at: int
    address_heading: str
    name_at: int | None = None
    parts_at: tuple[int, ...] = ()


def read_csv(content: bytes) -> Iterator[CsvRow | RowError]:
    """Returns the file's people and its errors, row by row; blank rows are passed over.

    The file is UTF-8 or UTF-16 (a line that is not UTF-8 is read as Windows-1252), delimited by comma, semicolon or
    tab. A heading names the column of addresses, or the first column holds them and there is no heading. Raises
    InvalidError("file") at once for a file without such a column, an empty one, one of more than 20 MB and a workbook.
    """
    lines = _lines(content)
    layout = _layout(lines)
    return _people(lines, layout)


def _people(lines: Sequence[str], layout: _Layout) -> Iterator[CsvRow | RowError]:
    at = layout.begins_at
    while at < len(lines):
        row, used = _row(lines, at, layout.delimiter)
        if isinstance(row, str):
            yield RowError(at + 1, "", row)
        elif any(cell.strip() for cell in row):
            yield _person(at + 1, row, layout)
        at += used


def _person(line: int, cells: Sequence[str], layout: _Layout) -> CsvRow | RowError:
    try:
        address = checked_address(_cell(cells, layout.address_at))
    except InvalidError as error:
        return RowError(line, layout.address_heading, error.reason)
    name = cleaned_name(_cell(cells, layout.name_at))
    return CsvRow(line, address, name or cleaned_name(" ".join(_cell(cells, at) for at in layout.parts_at)))


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _row(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str] | str, int]:
    """Returns the cells of the row that begins on line `at`, or what is wrong with it, and how many lines it took."""
    characters = 0
    for used in range(1, min(MAX_ROW_LINES, len(lines) - at) + 1):
        characters += len(lines[at + used - 1])
        if characters > MAX_ROW_CHARACTERS:
            if used == 1:
                return f"The row has {characters} characters; at most {MAX_ROW_CHARACTERS} are read.", 1
            break
        try:
            return next(csv.reader(lines[at : at + used], delimiter=delimiter, strict=True), []), used
        except csv.Error:
            # A quoted field may go on in the next line. Where it does not, only this line is given up.
            continue
    return "A quotation mark of this row has no partner.", 1


# --- how the file is laid out


def _layout(lines: Sequence[str]) -> _Layout:
    at = next((number for number, line in enumerate(lines) if line.strip()), None)
    if at is None:
        raise InvalidError("file", "The file is empty.")
    # Excel writes and reads a first line "sep=;" that names the delimiter.
    named = re.fullmatch(r'"?sep=([,;\t])"?', lines[at].strip("\r\n "), re.IGNORECASE)
    delimiters: Sequence[str] = [named[1]] if named else _DELIMITERS
    at += 1 if named else 0
    headed = next((layout for delimiter in delimiters if (layout := _headed(lines, at, delimiter))), None)
    if headed is not None:
        return headed
    most, delimiter = max(
        ((_addresses(lines, at, delimiter), delimiter) for delimiter in delimiters), key=lambda found: found[0]
    )
    if most == 0:
        raise InvalidError(
            "file",
            "No column of addresses was found. Give it a heading in the first line, such as email, and try again.",
        )
    return _Layout(delimiter, begins_at=at, address_at=0, address_heading="column 1")


def _headed(lines: Sequence[str], at: int, delimiter: str) -> _Layout | None:
    if at >= len(lines):
        return None
    cells, used = _row(lines, at, delimiter)
    if isinstance(cells, str):
        return None
    words = ["".join(filter(str.isalnum, cell.casefold())) for cell in cells]
    address_at = _place(words, _ADDRESS_HEADINGS)
    if address_at is None:
        return None
    parts = (_place(words, _FIRST_NAME_HEADINGS), _place(words, _LAST_NAME_HEADINGS))
    return _Layout(
        delimiter,
        begins_at=at + used,
        address_at=address_at,
        address_heading=cleaned_name(cells[address_at]),
        name_at=_place(words, _NAME_HEADINGS),
        parts_at=tuple(part for part in parts if part is not None),
    )


def _place(words: Sequence[str], known: Sequence[str]) -> int | None:
    return next((words.index(word) for word in known if word in words), None)


def _addresses(lines: Sequence[str], at: int, delimiter: str) -> int:
    """Returns how many of the first lines begin with an address when they are cut at this delimiter."""
    return sum(isinstance(_first(line, delimiter), CsvRow) for line in lines[at : at + 20])


def _first(line: str, delimiter: str) -> CsvRow | RowError | None:
    cells, _ = _row([line], 0, delimiter)
    return _person(1, cells, _Layout(delimiter, 0, 0, "")) if isinstance(cells, list) and cells else None


# --- its text


def _lines(content: bytes) -> list[str]:
    if len(content) > MAX_BYTES:
        raise InvalidError("file", f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are read. Split it.")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InvalidError("file", "This is a workbook, not a CSV file. Save it as CSV (UTF-8) and try again.")
    # Without newline translation a line ends where a text editor ends it: at \n, \r\n or \r.
    return list(io.StringIO(_text(content), newline=""))


def _text(content: bytes) -> str:
    wide = _utf16(content)
    if wide:
        return content.decode(wide, errors="replace").removeprefix("\ufeff")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode()
    except UnicodeDecodeError:
        # Line by line, so that one damaged line does not garble the names of all others.
        return "".join(_line(line) for line in re.split(rb"(?<=[\r\n])", content))


def _utf16(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Without a mark: every other byte of mostly ASCII text is zero.
    head = content[:200]
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 2 and zeros.count(0) > 0.8 * len(zeros) and head.count(0) < 0.6 * len(head):
            return name
    return None


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
