"""CSV files as people really have them: every encoding, delimiter and heading, and all that can be wrong."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.audience.moving import bring
from curator.audience.moving.cells import as_it_was
from curator.audience.moving.files import MemoryFile
from curator.audience.moving.layout import part_of
from curator.audience.moving.lines import split
from curator.audience.moving.reading import chunks
from curator.audience.moving.values import Mark, Person, Refusal
from curator.errors import InvalidError
from curator.names import cleaned_name


def read(content: bytes, *, name: str = "readers.csv", size: int = 1000) -> list[Person | Refusal]:
    """Everybody in a file and its errors, by line."""
    part = part_of(name, content, size=len(content))
    plan = bring.usual_plan((part,), basis="they asked")
    found: list[Person | Refusal] = []
    for chunk in chunks(MemoryFile(content), (part,), plan, newsletter="ai-weekly", mark=Mark(), size=size):
        found += [*chunk.people, *chunk.refused]
    return sorted(found, key=lambda row: row.line)


def _people(content: bytes) -> list[tuple[str, str]]:
    rows = read(content)
    assert not [row for row in rows if isinstance(row, Refusal)]
    return [(row.address.address, row.name) for row in rows if isinstance(row, Person)]


def _errors(content: bytes) -> list[Refusal]:
    return [row for row in read(content) if isinstance(row, Refusal)]


_ADA = [("ada@example.org", "Zoë Lovelace")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_found_out(encoding: str, delimiter: str, end: str) -> None:
    text = end.join((delimiter.join(("email", "name")), delimiter.join(("ada@example.org", "Zoë Lovelace")), ""))
    assert _people(text.encode(encoding)) == _ADA


@pytest.mark.parametrize(
    "heading",
    ["Email,Name", "E-MAIL,full name", "name,e_mail", "Email Address,First Name,Last Name", "address,FNAME,LNAME"],
)
def test_headings_come_in_any_case_and_some_synonyms(heading: str) -> None:
    cells = {
        "name": "Zoë Lovelace",
        "full": "Zoë Lovelace",
        "fi": "Zoë",
        "fn": "Zoë",
        "la": "Lovelace",
        "ln": "Lovelace",
    }
    row = [
        next((value for start, value in cells.items() if word.lower().startswith(start)), "ada@example.org")
        for word in heading.split(",")
    ]
    assert _people(f"{heading}\n{','.join(row)}\n".encode()) == _ADA


def test_an_email_column_goes_before_a_postal_address() -> None:
    assert _people(b"address,email\n12 High Street,ada@example.org\n") == [("ada@example.org", "")]


def test_a_file_without_a_heading_has_its_addresses_in_the_first_column() -> None:
    assert _people(b"ada@example.org,2024-01-01\neve@example.org,2024-01-02\n") == [
        ("ada@example.org", ""),
        ("eve@example.org", ""),
    ]


def test_one_bad_row_at_the_top_does_not_hide_that_there_is_no_heading() -> None:
    rows = list(read(b"ada(at)example.org\neve@example.org\n"))
    assert isinstance(rows[0], Refusal)
    assert (rows[0].line, rows[0].column) == (1, "column 1")
    assert isinstance(rows[1], Person)


def test_a_first_line_for_excel_names_the_delimiter() -> None:
    assert _people("sep=;\r\nemail;name\r\nada@example.org;Zoë Lovelace\r\n".encode()) == _ADA


def test_blank_lines_and_blank_rows_are_passed_over() -> None:
    assert _people("\n\nemail,name\n\n,\nada@example.org,Zoë Lovelace\n \n".encode()) == _ADA


def test_an_error_names_the_line_as_a_text_editor_counts_and_the_column() -> None:
    errors = _errors(b'E-Mail,Name\nada@example.org,"Ada\nLovelace"\n\nnobody,Eve\neve@example.org\n,No One\n')
    assert [(error.line, error.column) for error in errors] == [(5, "E-Mail"), (7, "E-Mail")]
    assert "@-sign" in errors[0].reason
    assert "missing" in errors[1].reason


def test_a_quotation_mark_without_a_partner_costs_one_row() -> None:
    rows = list(
        read(b'email,name\n"ada@example.org,Ada\neve@example.org,Eve\n"bob"x@example.org,Bob\nz@example.org,Z\n')
    )
    assert [row.line for row in rows if isinstance(row, Refusal)] == [2, 4]
    assert [row.address.key for row in rows if isinstance(row, Person)] == ["eve@example.org", "z@example.org"]


def test_a_row_too_long_costs_one_row() -> None:
    content = b"email,name\nada@example.org," + b"x" * 1_000_000 + b'\n"' + b"y" * 99_000 + b"\nz@example.org,Z\n"
    rows = list(read(content))
    assert [row.line for row in rows if isinstance(row, Refusal)] == [2, 3]
    assert [row.address.key for row in rows if isinstance(row, Person)] == ["z@example.org"]


def test_a_nul_byte_in_an_address_is_an_error_and_in_a_name_is_dropped() -> None:
    rows = list(read(b"email,name\na\0da@example.org,Ada\neve@example.org,E\0ve\n"))
    assert isinstance(rows[0], Refusal)
    assert "control character" in rows[0].reason
    assert isinstance(rows[1], Person)
    assert rows[1].name == "Eve"


def test_one_line_in_another_encoding_does_not_garble_the_others() -> None:
    content = "email,name\na@example.org,Zoë\n".encode() + "b@example.org,Zoë\n".encode("cp1252")
    assert [name for _, name in _people(content)] == ["Zoë", "Zoë"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"name,city\nAda,London\n", "No column of addresses"),
        (b"sep=;", "No column of addresses"),
        (b"PK\x03\x04rest", "workbook"),
        (bytes(1000), "No column of addresses"),
        (b"\xff\xfe\x00", "No column of addresses"),
        (b",".join(b"c%d" % n for n in range(401)) + b",email\n", "columns"),
        (b'"' * 100_000, "No column of addresses"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_why(content: bytes, why: str) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        read(content)
    assert refused.value.field == "file"


def test_a_heading_alone_is_a_file_of_nobody() -> None:
    assert _people(b"email,name\n") == []


_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(st.lists(_NAMES, max_size=20), st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_is_written_as_csv_is_read_back(names: list[str], delimiter: str, encoding: str) -> None:
    # A name with more line breaks than a row may have is given up, as documented; here it has none beyond that.
    names = [name for name in names if len(name.splitlines()) < 8]
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["email", "name"])
    writer.writerows((f"reader{number}@example.org", name) for number, name in enumerate(names))
    assert _people(written.getvalue().encode(encoding)) == [
        (f"reader{number}@example.org", cleaned_name(as_it_was(name))) for number, name in enumerate(names)
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes) -> None:
    try:
        rows = list(read(b"email\n" + content))
    except InvalidError:
        return
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert read(b"email\n" + content, size=1) == rows


@given(st.binary(max_size=300), st.integers(1, 7))
def test_lines_are_those_of_an_editor_however_they_come_in(content: bytes, block: int) -> None:
    class Dripping:
        def __init__(self) -> None:
            self.stream = io.BytesIO(content)

        def read(self, size: int, /) -> bytes:
            return self.stream.read(min(size, block))

    lines = list(split(Dripping()))
    assert [line.begins_at for line in lines] == [0, *(line.ends_at for line in lines)][: len(lines)]
    assert [content[line.begins_at : line.ends_at] for line in lines] == content.splitlines(keepends=True)


def test_a_row_of_ten_megabytes_is_passed_over_without_being_held() -> None:
    class Endless:
        left = 10_000_000

        def read(self, size: int, /) -> bytes:
            taken = min(size, self.left)
            self.left -= taken
            return b"x" * taken

    tracemalloc.start()
    lines = list(split(Endless()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(line.text, line.ends_at) for line in lines] == [(None, 10_000_000)]
    assert most < 1_000_000


def test_three_hundred_columns_are_read() -> None:
    heading = ",".join(f"c{n}" for n in range(300))
    content = f"{heading},email\n{',' * 300}ada@example.org\n".encode()
    assert _people(content) == [("ada@example.org", "")]


def test_addresses_without_a_heading_may_stand_in_any_column() -> None:
    assert _people(b"Ada,ada@example.org,2020\nEve,eve@example.org,2021\n") == [
        ("ada@example.org", ""),
        ("eve@example.org", ""),
    ]
