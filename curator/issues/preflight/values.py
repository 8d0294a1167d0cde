"""What crosses the border: which programs look at a mail, what they said, and their ports."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from curator.errors import CuratorError
from curator.issues.proof import Prover


class Machine(StrEnum):
    """A program that looks at a rendered mail."""

    AXE = "axe"
    SPAM = "spam"


class Weight(StrEnum):
    """How much a note matters: readers are shut out, it is a nuisance, or it only adds to a score."""

    SERIOUS = "serious"
    MINOR = "minor"
    NOTE = "note"


@dataclass(frozen=True)
class Note:
    """One thing that a program said: the rule's name, what it is in words, where, and in which settings.

    Of a spam filter `points` is what the rule adds to the score.
    """

    rule: str
    words: str
    weight: Weight
    where: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    points: float = 0.0


@dataclass(frozen=True)
class MailLook:
    """What a program said of one revision. `error` says why it came to nothing; the others are empty then.

    `passed` counts the rules that held. `score` is a spam filter's, None for a browser.
    """

    revision_id: int
    machine: Machine
    at: datetime
    notes: tuple[Note, ...] = ()
    passed: int = 0
    score: float | None = None
    version: str = ""
    error: str = ""

    @property
    def serious(self) -> tuple[Note, ...]:
        """What shuts readers out."""
        return tuple(note for note in self.notes if note.weight is Weight.SERIOUS)


@dataclass(frozen=True)
class Said:
    """What a program answered, before it is kept."""

    notes: tuple[Note, ...] = ()
    passed: int = 0
    score: float | None = None
    version: str = ""


class Looker(Protocol):
    """A program that looks at mails; its twin answers what a test told it to."""

    @property
    def machine(self) -> Machine:
        """Which of them it is."""
        ...

    def look(self, mail: "Shown") -> Said:
        """Returns what the program said, within its time limit. Raises NoLookError."""
        ...


@dataclass(frozen=True)
class Shown:
    """What a program is given: the HTML with targets in its slots, and the whole message where one could be made."""

    html: str
    message: bytes = b""


class NoLookError(CuratorError):
    """A program could not look at a mail; the words say why, for whoever runs this installation."""


@dataclass(frozen=True)
class Preflight:
    """What is handed in to look at rendered mails: who makes a message of one, and the programs that there are."""

    prover: Prover | None = None
    lookers: tuple[Looker, ...] = ()

    @property
    def machines(self) -> tuple[Machine, ...]:
        """Which programs there are."""
        return tuple(looker.machine for looker in self.lookers)
