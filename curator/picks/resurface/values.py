"""What crosses the border of what comes back: an item that was set aside, what is new since, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class SetAside:
    """An item that was passed over, or put off (`is_put_off`), with the moment of that."""

    item_id: int
    title: str
    feed_id: int | None
    first_seen_at: datetime
    at: datetime
    is_put_off: bool = False


@dataclass(frozen=True)
class Shipped:
    """A new episode of the own show that is about the same as an item; `score` says how much."""

    title: str
    at: datetime
    score: float


@dataclass(frozen=True)
class News:
    """What may bring an item back: rising topics in their order, new episodes by item, and the newsletter's lag."""

    rising: tuple[str, ...] = ()
    shipped: Mapping[int, Shipped] = field(default_factory=dict)
    lag: timedelta | None = None


@dataclass(frozen=True)
class ComesBack:
    """An item that comes back, and why in words."""

    item_id: int
    why: str
