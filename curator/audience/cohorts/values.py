"""Who joined in a month, and how many of them were still there after so many months."""

from dataclasses import dataclass, field
from datetime import date

MARKS = (1, 2, 3, 6, 12)
"""After so many months somebody looks who is still there."""


@dataclass(frozen=True)
class Cohort:
    """Those who joined in one month, or came in one way. `stayed` has the marks that are over.

    `of` is out of how many they stayed: of several months' readers, only of those whose mark is over.
    """

    joined: int
    joined_on: date | None = None
    source: str | None = None
    stayed: dict[int, int] = field(default_factory=dict)
    of: dict[int, int] = field(default_factory=dict)

    def share(self, mark: int) -> float | None:
        """Returns the part that was there still; None where the mark is not over, or nobody had joined."""
        return self.stayed[mark] / self.of[mark] if self.of.get(mark) else None
