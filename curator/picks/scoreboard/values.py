"""What crosses the scoreboard's border: figures of one version of the engine beside its baselines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MODEL, NEWEST, POPULAR, CHANCE = "model", "newest", "points", "random"
"""The orders that are measured, by the names under which they are kept."""


@dataclass(frozen=True)
class Score:
    """What one version came to; `note` says in words why there is nothing, or what to know of it.

    `figures` holds for each order its means over the weeks: "recall" (the share of what ran that stood among the first
    20), "ndcg" and "precision" (at 10). `won` and `lost` are weeks against each baseline.
    """

    engine: int
    made_at: datetime
    from_at: datetime
    until_at: datetime
    weeks: int = 0
    untaught: int = 0
    picks: int = 0
    items_a_week: float = 0.0
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    won: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether there was a week to measure."""
        return self.weeks > 0
