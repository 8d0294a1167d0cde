"""What crosses the privacy's border: which rows are a reader's, what goes with them, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Tie(StrEnum):
    """By what a row is a reader's: their number, their address, or a line of the log about them."""

    NUMBER = "number"
    ADDRESS = "address"
    LOG = "log"


class Fate(StrEnum):
    """What erasing a reader does to a row: it goes, what names them is emptied, or a mark takes its place."""

    GOES = "goes"
    EMPTIED = "emptied"
    MARKED = "marked"


@dataclass(frozen=True)
class Personal:
    """A table with rows about readers. `what`, `why` and `kept` are sentences for whoever asks.

    `column` is what ties a row to its reader; with `through` it names a row of that table, which is tied itself.
    `shows` are the columns that a reader's copy has.
    `is_desks_own`: people at the desk wrote it for themselves.
    `spares` are kinds of rows that stay where somebody at the desk has the same address. `months` names the setting
    that fills in how long: "events" is CURATOR_KEEP_EVENTS_MONTHS.
    """

    table: str
    room: str
    what: str
    why: str
    kept: str
    column: str
    tie: Tie = Tie.NUMBER
    fate: Fate = Fate.GOES
    through: str = ""
    shows: tuple[str, ...] = ()
    is_of_mailing: bool = False
    is_desks_own: bool = False
    spares: tuple[str, ...] = ()
    months: str = ""


@dataclass(frozen=True)
class Who:
    """Whose rows are meant. `subscriber_id` is None where only the address is known."""

    address_key: str
    subscriber_id: int | None = None


@dataclass(frozen=True)
class Found:
    """How many rows of one table are a reader's, and in words what they are."""

    table: str
    what: str
    rows: int


@dataclass(frozen=True)
class Part:
    """What one table says of a reader: the names of its columns, and its rows. `is_cut`: there are more.

    `months` belongs into `kept`, where that has a place for it.
    """

    table: str
    what: str
    why: str
    kept: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_cut: bool = False
    months: int | None = None


@dataclass(frozen=True)
class Copy:
    """Everything that is kept of a reader."""

    made_at: datetime
    parts: tuple[Part, ...]

    def as_facts(self) -> dict[str, Any]:
        """Returns the copy fit for JSON: each table's name with what it is for and its rows."""
        return {
            "made_at": self.made_at.isoformat(),
            "kept": {
                part.table: {
                    "what": part.what,
                    "why": part.why,
                    "kept": part.kept % {"months": part.months},
                    "rows": [dict(zip(part.columns, row, strict=True)) for row in part.rows],
                }
                for part in self.parts
            },
        }


@dataclass(frozen=True)
class Keeping:
    """For how many months what names readers is kept; 0 keeps it for good."""

    events_months: int
    deliveries_months: int
    ended_months: int
    log_months: int

    def of(self, kind: str) -> int:
        """Returns the months of a kind: "events", "deliveries", "ended" or "log"."""
        return {
            "events": self.events_months,
            "deliveries": self.deliveries_months,
            "ended": self.ended_months,
            "log": self.log_months,
        }[kind]


@dataclass(frozen=True)
class Run:
    """What age took, by kind, at a moment; None where it was only announced."""

    at: datetime
    removed: Mapping[str, int] | None = field(default=None)
