"""What the process that reads a file is asked: one JSON document on standard input."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

MORE = "more"
"""What the process says whose turn was over before the file was."""

TURN = timedelta(seconds=100)
"""Far below a job's lease of three minutes: nobody shall take an import over while it goes on."""


@dataclass(frozen=True)
class Asked:
    """Which import is to go on, and for how long at most.

    The database's URL may hold a password, so all of this goes by standard input and never on a command line.
    """

    database: str
    folder: str
    import_id: int
    now: datetime
    # By these an address that was erased is known.
    secrets: Sequence[str] = field(repr=False)
    # The folders of the log of leavings: where it lies, and where it goes when that cannot be written.
    leavings: Sequence[str] = ()
    turn_s: float = TURN.total_seconds()

    def to_json(self) -> str:
        """Returns it as one line."""
        return json.dumps(asdict(self) | {"now": self.now.isoformat()})

    @staticmethod
    def of_json(line: str) -> "Asked":
        """Returns what `to_json` wrote."""
        found = json.loads(line)
        return Asked(**(found | {"now": datetime.fromisoformat(found["now"])}))
