"""What crosses presence's border: somebody at a board, and what others did to it."""

from dataclasses import dataclass
from datetime import timedelta

FRESH_FOR = timedelta(seconds=90)
"""A board says every 30 s that somebody is there: whoever missed three of these has gone."""


@dataclass(frozen=True)
class Present:
    """Somebody at a board; `section` is the title of where their block stands, empty when they are on none."""

    user_id: int
    name: str
    block_id: int | None
    section: str
