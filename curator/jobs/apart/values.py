"""What the child process is asked, and what it answers: one JSON document in, one a line out."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from curator.errors import CuratorError

SEED = 1
"""The same rows give the same models, and a day the same chance."""


@dataclass(frozen=True)
class Asked:
    """What is to be done: all that is due, or, `is_asked` by a person, one kind of work (for one newsletter) at once.

    `after` names the piece of work that a child died of: the next one begins behind it. The database's URL may hold a
    password, so all of this goes by standard input and never on a command line.
    """

    database: str
    now: datetime
    seed: int = SEED
    only: str = ""
    newsletter_id: int | None = None
    is_asked: bool = False
    after: str = ""

    def to_json(self) -> str:
        """Returns it as one line."""
        return json.dumps(asdict(self) | {"now": self.now.isoformat()})

    @staticmethod
    def of_json(line: str) -> "Asked":
        """Returns what `to_json` wrote."""
        found = json.loads(line)
        return Asked(**(found | {"now": datetime.fromisoformat(found["now"])}))


@dataclass(frozen=True)
class Report:
    """What came of a round: the pieces of work that were done with what each told, and those that failed with why."""

    done: dict[str, Any] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    took: timedelta = timedelta()


class ApartError(CuratorError):
    """Pieces of a round failed; what was there before them stays, and the next round tries again."""

    def __init__(self, failed: dict[str, str]) -> None:
        told = "; ".join(f"{name}: {why}" for name, why in failed.items())
        super().__init__(f"Not all recommendations were renewed. What was there stays. {told}")
        self.failed = failed


def last_begun(lines: Sequence[str]) -> str:
    """Returns the piece of work that was begun and never ended, "" when there is none."""
    begun = ""
    for line in lines:
        told = _told(line)
        begun = told.get("begun", "" if "done" in told or "failed" in told else begun)
    return begun


def report(lines: Sequence[str]) -> Report:
    """Returns what the lines of a child tell; what is no line of ours (a library's words) is passed over."""
    found = Report()
    for told in map(_told, lines):
        if "done" in told:
            found.done[told["done"]] = told.get("told")
        elif "failed" in told:
            found.failed[told["failed"]] = told.get("why", "")
    return found


def _told(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
