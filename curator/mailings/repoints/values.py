"""What crosses the border of repointed links: one change of a target, and a target with its places."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Repoint:
    """That a target of an issue leads elsewhere since a moment; `was` is what the mail was made with."""

    was: str
    url: str
    by: int | None
    at: datetime


@dataclass(frozen=True)
class Target:
    """An address that an issue's mail leads to: as it left, where it leads now, and in how many places it stands."""

    was: str
    url: str
    label: str
    places: int

    @property
    def is_repointed(self) -> bool:
        """Whether it leads elsewhere than the mail was made with."""
        return self.was != self.url
