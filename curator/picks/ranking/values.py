"""What crosses the ranking's border: a model as it is kept, how a taste stands, and an item as it is offered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.db import Session
from curator.picks import rules
from curator.picks.labels.values import Run

Runs = Callable[[Session, int], Sequence[Run]]
"""What of a newsletter readers got: asked of the issues, a later room, by whoever calls the arrows."""

EXPLORED = "shown by chance, to learn whether you want its like"
"""The first reason of an item that exploration put where it stands."""

STALE_AFTER = timedelta(days=2)
"""An order that nobody renewed for so long says little about what is on offer: rules and freshness serve again."""


@dataclass(frozen=True)
class Learned:
    """What a refit brought: a model as bytes, or None with the reason why there is none."""

    section_id: int | None
    body: bytes | None
    note: str = ""
    examples: int = 0
    positives: int = 0
    lag_days: float | None = None


@dataclass(frozen=True)
class Model:
    """A model as it is kept; section None: of the newsletter as a whole."""

    id: int
    section_id: int | None
    version: int
    body: bytes | None
    lag_days: float | None
    made_at: datetime


@dataclass(frozen=True)
class Standing:
    """How a taste stands, for people: its last refit, or why nothing was learned (`note`, a sentence)."""

    section_id: int | None
    version: int
    is_learned: bool
    note: str
    examples: int
    positives: int
    lag_days: float | None
    made_at: datetime


@dataclass(frozen=True)
class Offer:
    """An item at its place in the list, 1 for the best, with why in words.

    `propensity` is the chance that exploration had to show it there; None for what stands there by its score.
    `model_version` is None where no model scored it.
    """

    item_id: int
    section_id: int | None
    score: float
    place: int
    reasons: tuple[str, ...]
    propensity: float | None
    scored_at: datetime
    model_version: int | None = None

    @property
    def is_exploring(self) -> bool:
        """Whether it stands there so that Curator learns whether you want its like."""
        return self.propensity is not None

    def reasons_at(self, now: datetime, *, item_at: datetime) -> list[str]:
        """Returns the reasons as they are true at a moment: how old an item is was true when it was scored."""
        then = rules.age(item_at, now=self.scored_at)
        return [rules.age(item_at, now=now) if each == then else each for each in self.reasons]
