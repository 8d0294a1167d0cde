"""A row is spelled as PostgreSQL spells it, so that equal rows are equal bytes."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curator.db import Database
from curator.move.lines import line_writer
from curator.move.postgres import driver_of
from curator.move.values import Column, Kind


def _line(kind: Kind, value: object) -> str:
    return line_writer([Column("x", kind)])([value]).decode()


def test_every_kind_has_one_spelling() -> None:
    assert _line(Kind.TEXT, None) == r"\N"
    assert _line(Kind.TEXT, rb"\N") == r"\\N"
    assert _line(Kind.TEXT, b"a\tb\n") == r"a\tb\n"
    assert [_line(Kind.BOOLEAN, value) for value in (0, 1)] == ["f", "t"]
    assert _line(Kind.MOMENT, b"2026-11-16 09:00:00.000000") == "2026-11-16 09:00:00+00"
    assert _line(Kind.MOMENT, b"2026-11-16 09:00:10.120000") == "2026-11-16 09:00:10.12+00"
    assert _line(Kind.MOMENT, b"2026-11-16 09:00:00+00:00") == "2026-11-16 09:00:00+00"
    assert _line(Kind.TIME, b"07:00:00.000000") == "07:00:00"
    assert _line(Kind.WHOLE, -7) == "-7"
    assert [_line(Kind.FRACTION, value) for value in (3.0, 0.1, 1e15, 1e-5)] == ["3", "0.1", "1e+15", "1e-05"]
    assert _line(Kind.BYTES, b"\\x\0") == r"\\x5c7800"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(-0.0)
@given(st.floats(allow_nan=False) | st.integers(-(2**60), 2**60).map(float) | st.binary(max_size=50))
def test_any_fraction_and_any_bytes_are_spelled_as_postgresql_spells_them(
    postgres_database: Database, value: float | bytes
) -> None:
    kind, cast = (Kind.BYTES, "bytea") if isinstance(value, bytes) else (Kind.FRACTION, "double precision")
    query = f"copy (select cast(%s as {cast})) to stdout"
    # As a text: as a number "-0.0" loses its sign before it is a fraction.
    given = value if isinstance(value, bytes) else repr(value)
    with driver_of(postgres_database) as driver, driver.cursor() as cursor, cursor.copy(query, (given,)) as out:
        theirs = b"".join(bytes(block) for block in out)
    assert _line(kind, value) + "\n" == theirs.decode()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_is_spelled_as_postgresql_spells_it(postgres_database: Database, words: str) -> None:
    query = "copy (select cast(%s as text)) to stdout"
    with driver_of(postgres_database) as driver, driver.cursor() as cursor, cursor.copy(query, (words,)) as out:
        theirs = b"".join(bytes(block) for block in out)
    assert _line(Kind.TEXT, words.encode()) + "\n" == theirs.decode()
