"""What is counted of coming and leaving, and how a time of it looks."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Change(StrEnum):
    """One way to come or to leave. Of what was never active nothing is left: it is counted beside.

    Reasons are what readers said when they left: each leaving may have one, and it is told apart from the leaving.
    """

    CONFIRMED = "came: confirmed"
    ADDED = "came: added"
    IMPORTED = "came: imported"
    RETURNED = "came: returned"
    LIFTED = "came: mailable again"
    UNSUBSCRIBED = "left: unsubscribed"
    BOUNCED = "left: bounced"
    COMPLAINED = "left: complained"
    ERASED = "left: erased"
    BY_DESK = "left: by the desk"
    NEVER_CONFIRMED = "never confirmed"
    TOO_OFTEN = "said: too often"
    UNEXPECTED = "said: not what I expected"
    NEVER_ASKED = "said: never asked"
    OTHER = "said: other"

    @property
    def has_come(self) -> bool:
        """Whether somebody gets the newsletter by it."""
        return self.value.startswith("came: ")

    @property
    def has_left(self) -> bool:
        """Whether somebody gets the newsletter no more by it."""
        return self.value.startswith("left: ")

    @property
    def is_reason(self) -> bool:
        """Whether it is what somebody said who left."""
        return self.value.startswith("said: ")


CAME = tuple(each for each in Change if each.has_come)
LEFT = tuple(each for each in Change if each.has_left)
REASONS = tuple(each for each in Change if each.is_reason)


@dataclass(frozen=True)
class Span:
    """What happened from one day to another, both included."""

    first: date
    last: date
    counts: dict[Change, int] = field(default_factory=dict)

    @property
    def came(self) -> int:
        """How many came."""
        return sum(number for what, number in self.counts.items() if what.has_come)

    @property
    def left(self) -> int:
        """How many left."""
        return sum(number for what, number in self.counts.items() if what.has_left)

    @property
    def net(self) -> int:
        """By how many it grew; below zero, shrank."""
        return self.came - self.left

    def of(self, what: Change) -> int:
        """Returns how many came or left in one way."""
        return self.counts.get(what, 0)
