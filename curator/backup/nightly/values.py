"""What crosses the border of nightly backups: what became of a night, and how backups stand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OLD_AFTER = timedelta(hours=36)
"""A night was missed, and half of the next day nobody has made up for it."""


class NightState(StrEnum):
    """Where a night's backup stands. GOOD: it was opened again as a restore would, and everything was there."""

    ASKED = "asked"
    RUNNING = "running"
    GOOD = "good"
    FAILED = "failed"


@dataclass(frozen=True)
class Night:
    """A night's backup. `slot_at` is from when on it was due, `backup_at` the moment of which it is.

    `file` is its name in the folder, "" before it is made. `why` is what the last try failed of, "" once one was good:
    while another try runs it still says it.
    """

    slot_at: datetime
    state: NightState
    asked_at: datetime
    tries: int = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    backup_at: datetime | None = None
    file: str = ""
    bytes: int = 0
    rows: int = 0
    files: int = 0
    why: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nobody is asked to do anything for it."""
        return self.state in (NightState.GOOD, NightState.FAILED)


@dataclass(frozen=True)
class Nights:
    """How backups stand: the newest night, the last that is good, and since when any are asked for; None before."""

    newest: Night | None = None
    good: Night | None = None
    begun_at: datetime | None = None

    @property
    def safe_at(self) -> datetime | None:
        """From when on everything would be lost: the last good backup's moment, else when the first was asked for."""
        return self.begun_at if self.good is None else self.good.backup_at

    @property
    def why(self) -> str:
        """What the newest night's backup failed of, "" where it did not."""
        return "" if self.newest is None else self.newest.why
