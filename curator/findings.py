"""What an examination says: one finding, how grave it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is. LOOK: mail may leave, but somebody should know."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True)
class Record:
    """A DNS record to be published: its kind, where it lies, and what stands in it."""

    kind: str
    name: str
    value: str


@dataclass(frozen=True)
class Finding:
    """One line of `curator doctor`: `about` names the thing, `what` says how it is, `todo` what to do (if anything).

    `record` is the DNS record that is missing, to be copied.
    """

    level: Level
    about: str
    what: str
    todo: str = ""
    record: Record | None = None
