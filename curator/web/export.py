"""A table as a file that a spreadsheet opens: CSV of which nothing is evaluated."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from flask import Response

from curator.audience.moving.cells import defused
from curator.audience.moving.out.write import lines


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """Answers with a file of this name; None is an empty cell, and words are made harmless."""
    cells = [[_cell(value) for value in row] for row in rows]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(lines([columns, *cells]), mimetype="text/csv", headers=headers)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="seconds")
        case int() | date():
            return str(value)
        case float():
            return f"{value:.4f}"
        case _:
            return defused(str(value))
