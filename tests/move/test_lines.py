"""A row is spelled as PostgreSQL spells it, so that equal rows are equal bytes."""

from hypothesis import HealthCheck, given, settings
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


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_is_spelled_as_postgresql_spells_it(postgres_database: Database, words: str) -> None:
    query = "copy (select cast(%s as text)) to stdout"
    with driver_of(postgres_database) as driver, driver.cursor() as cursor, cursor.copy(query, (words,)) as out:
        theirs = b"".join(bytes(block) for block in out)
    assert _line(Kind.TEXT, words.encode()) + "\n" == theirs.decode()
