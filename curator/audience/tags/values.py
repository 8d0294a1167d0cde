"""What crosses the border of tags: a tag, and a run that tags many."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_NAME = 80


class TaggingState(StrEnum):
    """Where a run stands. One that is taken back before it was done is over as well."""

    WAITING = "waiting"
    DONE = "done"
    TAKING_BACK = "taking back"
    TAKEN_BACK = "taken back"

    @property
    def is_moving(self) -> bool:
        """Whether a worker has something to do for it."""
        return self in (TaggingState.WAITING, TaggingState.TAKING_BACK)


@dataclass(frozen=True)
class TagRow:
    """A tag with how many bear it; None where nobody counted."""

    id: int
    name: str
    bearers: int | None = None


@dataclass(frozen=True)
class TaggingRow:
    """A run that tags many: of `total` subscribers it has looked at some, and changed those that fitted."""

    id: int
    newsletter_id: int
    tag_id: int
    tag: str
    puts_on: bool
    words: str
    search: str
    state: TaggingState
    at: datetime
    cursor: int
    highest_id: int
    total: int
    looked_at: int
    changed: int
