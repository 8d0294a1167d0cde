"""Counts the statements that a database is asked, so that a test can hold a query to its number."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from curator.db import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are executed within, without those that begin transactions."""
    seen: list[str] = []

    def note(*args: object) -> None:
        if not str(args[2]).startswith(("PRAGMA", "BEGIN")):
            seen.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
