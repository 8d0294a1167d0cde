"""What crosses the border of moving: what a column holds, what the old tool says of a person, what became of a row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from curator.addresses import Address

MOST_TRIES = 5
"""A process that dies so often at one mark dies of what stands there."""


class Column(StrEnum):
    """What a column of a file holds."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    STATUS = "status"
    OPTED_OUT = "opted out"
    LEFT_AT = "left at"
    BOUNCED_AT = "bounced at"
    SUPPRESSED = "suppressed"
    TAGS = "tags"
    INTERESTS = "interests"
    ATTRIBUTES = "attributes"
    JOINED_AT = "joined at"
    CONFIRMED_AT = "confirmed at"
    BASIS = "consent basis"
    SOURCE = "source"
    NEWSLETTER = "newsletter"
    HASH = "hash"
    IGNORE = "ignore"


class Standing(StrEnum):
    """How a person stands in the old tool. ASIDE: not mailed there at the moment, for whatever reason."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    ENDED = "ended"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BLOCKED = "blocked"
    ERASED = "erased"
    ASIDE = "aside"


class Fate(StrEnum):
    """What becomes of a row; each row has one."""

    ADDED = "added"
    ASKED = "asked"
    ALREADY_THERE = "already there"
    LEFT_BEFORE = "left before"
    NEVER_MAILED = "never mailed"
    ENDED = "ended"
    KEPT_OUT = "kept out"
    KNOWN = "known"
    ASIDE = "aside"
    REFUSED = "refused"


class Phase(StrEnum):
    """Where an import stands. Only while it is LOOKING or RUNNING somebody works on it."""

    STORED = "stored"
    LOOKING = "looking"
    LOOKED = "looked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_moving(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self in (Phase.LOOKING, Phase.RUNNING)

    @property
    def is_final(self) -> bool:
        """Whether nothing happens to it any more."""
        return self in (Phase.DONE, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a file as it is understood; `line` is the one that it begins on, as a text editor counts.

    `words` say by what right they are mailed. Of somebody erased elsewhere the key alone is known: a hash.
    """

    line: int
    address: Address
    name: str
    standing: Standing
    words: str
    source: str
    tags: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    joined_at: datetime | None = None
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with one row; `column` is its heading in the file, "" where it is the row as a whole."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Part:
    """One CSV file of an import, and how it is laid out.

    Rows begin at `offset`, which is on line `line`; `address` is the heading of the column that most likely has the
    addresses. Without headings columns are numbered.
    """

    name: str
    size: int
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    offset: int
    line: int
    address: str

    def to_json(self) -> dict[str, Any]:
        """Returns it fit for a database."""
        return asdict(self)

    @staticmethod
    def of_json(told: Mapping[str, Any]) -> "Part":
        """Returns what `to_json` told."""
        return Part(**{**told, "headings": tuple(told["headings"])})


@dataclass(frozen=True)
class Plan:
    """How a file is to be read: what each heading holds, whose export it is, and what is said of everybody in it.

    `basis` is why these people may be mailed, for rows that do not say it themselves. `standings` are of whole parts.
    """

    vendor: str
    columns: Mapping[str, Column]
    basis: str = ""
    asks_anew: bool = False
    standings: Mapping[str, Standing] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns it fit for a database."""
        return asdict(self)

    @staticmethod
    def of_json(told: Mapping[str, Any]) -> "Plan":
        """Returns what `to_json` told."""
        return Plan(
            told["vendor"],
            {heading: Column(each) for heading, each in told["columns"].items()},
            told["basis"],
            told["asks_anew"],
            {part: Standing(each) for part, each in told["standings"].items()},
        )


@dataclass
class Tally:
    """What became of the rows, each counted once: all fates together are `rows`.

    `odd` lines were not UTF-8, `undated` rows had a date that nobody can read, `dropped` are tags beyond what is taken.
    """

    rows: int = 0
    added: int = 0
    asked: int = 0
    already_there: int = 0
    left_before: int = 0
    never_mailed: int = 0
    ended: int = 0
    kept_out: int = 0
    known: int = 0
    aside: int = 0
    refused: int = 0
    odd: int = 0
    undated: int = 0
    dropped: int = 0

    def count(self, fate: Fate) -> None:
        """Counts one row."""
        name = fate.value.replace(" ", "_")
        setattr(self, name, getattr(self, name) + 1)
        self.rows += 1

    def plus(self, other: "Tally") -> "Tally":
        """Returns both together."""
        return Tally(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def to_json(self) -> dict[str, int]:
        """Returns it fit for a database."""
        return asdict(self)

    @staticmethod
    def of_json(told: Mapping[str, int] | None) -> "Tally":
        """Returns what `to_json` told; nothing counted for None."""
        return Tally(**(told or {}))


@dataclass(frozen=True)
class Mark:
    """How far a file is read: which part, where in it, and on which line the next row begins."""

    part: int = 0
    offset: int = 0
    line: int = 0


@dataclass(frozen=True)
class Import:
    """An import as it stands. Progress is in bytes: nobody knows the rows of a file that was not read yet."""

    id: int
    newsletter_id: int
    actor: int | None
    file_name: str
    size: int
    phase: Phase
    parts: tuple[Part, ...]
    plan: Plan | None
    mark: Mark
    tally: Tally
    looked: Tally | None
    is_looked_whole: bool
    tries: int
    note: str
    created_at: datetime
    seen_at: datetime
    finished_at: datetime | None
    has_file: bool

    @property
    def total(self) -> int:
        """How many bytes there are to be read."""
        return sum(part.size for part in self.parts)

    @property
    def done(self) -> int:
        """How many of them were read."""
        if self.phase is Phase.DONE:
            return self.total
        return min(sum(part.size for part in self.parts[: self.mark.part]) + self.mark.offset, self.total)
