"""What crosses the queue's border: job states and a claimed job."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LATE_AFTER = timedelta(minutes=5)
"""Work that is due and was not begun for so long means that nobody does it."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing happens to the job any more."""
        return self in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker holds until `lease_until`; `fence` tells it from an earlier holder."""

    id: int
    task: str
    payload: dict[str, Any]
    attempt: int
    fence: int
    lease_until: datetime
    key: str | None = None


@dataclass(frozen=True)
class JobCounts:
    """The queue at a glance. `due` waits for a worker; `oldest_due_at` is None when nothing does."""

    due: int
    running: int
    failed: int
    oldest_due_at: datetime | None


@dataclass(frozen=True)
class FailedJob:
    """A job that failed for good, with the words of its error."""

    id: int
    task: str
    payload: dict[str, Any]
    attempt: int
    error: str | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Beat:
    """A moment at which a clock was at work on an installation's database.

    `number` counts the beats of all its clocks. It never falls, whichever clock is ahead or set back.
    """

    installation: str
    at: datetime
    number: int = 0
