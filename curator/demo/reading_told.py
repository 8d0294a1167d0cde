"""What the demo's readers did, in numbers and in words, kept in a file so that any page can tell it."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

_FILE = "reading.json"


class Stage(StrEnum):
    """How far the readers are."""

    NOT_YET = "not yet"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Told:
    """What the readers of a mailing did so far. `planned` is how many links people are going to follow."""

    mailing_id: int = 0
    stage: Stage = Stage.NOT_YET
    planned: int = 0
    clickers: int = 0
    clicks: int = 0
    scanner_hits: int = 0
    unsubscribed: int = 0
    reason: str = ""

    @property
    def words(self) -> str:
        """The whole in a sentence or two."""
        match self.stage:
            case Stage.NOT_YET:
                return ""
            case Stage.READING if not self.planned:
                return "The readers wait until the last mail has arrived."
            case Stage.READING:
                return f"The readers read: {self.clicks} of {self.planned} links are followed."
            case Stage.FAILED:
                return self.reason
            case Stage.DONE:
                left = f"{_count(self.unsubscribed, 'reader') if self.unsubscribed else 'nobody'} left"
                scanner = f"one scanner hit {self.scanner_hits}"
                clicked = f"{_count(self.clickers, 'reader')} clicked {_count(self.clicks, 'link')}"
                return f"{clicked}, {scanner}, {left}.".capitalize()

    def of(self, planned: int) -> "Told":
        """Says how much is going to happen."""
        return replace(self, planned=planned)

    def clicked(self, clickers: int) -> "Told":
        """Counts one link that a person followed, and how many people have followed any."""
        return replace(self, clicks=self.clicks + 1, clickers=clickers)

    def scanned(self) -> "Told":
        """Counts one link that the gateway followed."""
        return replace(self, scanner_hits=self.scanner_hits + 1)

    def left_by_one(self) -> "Told":
        """Counts one reader who left."""
        return replace(self, unsubscribed=self.unsubscribed + 1)

    def done(self) -> "Told":
        """Says that nothing more will happen."""
        return replace(self, stage=Stage.DONE)

    def failed(self, reason: str) -> "Told":
        """Says what ended it before its time."""
        return replace(self, stage=Stage.FAILED, reason=reason)


def told_before(folder: Path) -> Told:
    """Returns what was kept last in a folder."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Told()
    return Told(**{**kept, "stage": Stage(kept["stage"])})


def keep_told(folder: Path, told: Told) -> None:
    """Writes down what is told, whole or not at all."""
    draft = folder / f"{_FILE}.new"
    draft.write_text(json.dumps(asdict(told)), encoding="utf-8")
    draft.rename(folder / _FILE)


def _count(number: int, what: str) -> str:
    return f"one {what}" if number == 1 else f"{number or 'no'} {what}s"
