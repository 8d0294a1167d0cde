"""What crosses the clicks' border: what readers did with an item that ran."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Clicked:
    """How often readers followed an item, without robots. `share` is 1.0 for what its place gets on average."""

    item_id: int
    clicks: int
    share: float
    at: datetime
