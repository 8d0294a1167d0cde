"""What is said of a table on its way: its columns, what does not fit, and how the two copies compare."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, as far as the two databases write it differently."""

    TEXT = "text"
    WHOLE = "whole number"
    FRACTION = "fraction"
    BYTES = "bytes"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """One column. `limit` is how many characters a text may have, or how many bytes a whole number takes."""

    name: str
    kind: Kind
    limit: int | None = None


@dataclass(frozen=True)
class Shape:
    """One table: its columns in order, the names of its key, and whether the database numbers its rows."""

    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Unfit:
    """A value that PostgreSQL does not take. `key` names the row."""

    table: str
    key: str
    column: str
    why: str


@dataclass(frozen=True)
class Sum:
    """How many rows there are, and the SHA-256 of all of them in the order of their keys."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Compared:
    """One table on both sides."""

    table: str
    here: Sum
    there: Sum

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.here == self.there
