"""A feed's card, and the orders in which cards may stand. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Card:
    """What one feed did for a newsletter since a day.

    `clicks` are people's on its `clicked_picks`: those whose issue was sent. `against` is the median of their clicks
    held against what their places in the mail get, 1.0 on average; None before any was sent. `failures` are in a row.
    """

    feed_id: int
    title: str
    items: int
    picked: int
    clicked_picks: int
    clicks: int
    against: float | None
    last_item_at: datetime | None
    failures: int
    is_ok: bool

    @property
    def picked_share(self) -> float | None:
        """Which part of its items was picked; None where it brought none."""
        return min(self.picked / self.items, 1.0) if self.items else None

    @property
    def clicks_a_pick(self) -> float | None:
        """Clicks for each pick that was sent."""
        return self.clicks / self.clicked_picks if self.clicked_picks else None


class Order(StrEnum):
    """What cards are sorted by: the most first, titles from A to Z."""

    TITLE = "title"
    ITEMS = "items"
    PICKED = "picked"
    SHARE = "share"
    CLICKS = "clicks"
    AGAINST = "against"
    LAST = "last"
    ERRORS = "errors"


def ordered(cards: Iterable[Card], order: Order) -> list[Card]:
    """Returns cards in an order; what is not known comes last, and equal ones go by title."""
    by_title = sorted(cards, key=lambda card: (card.title.lower(), card.feed_id))
    if order is Order.TITLE:
        return by_title
    return sorted(by_title, key=lambda card: _rank(card, order))


def _rank(card: Card, order: Order) -> tuple[bool, float]:
    last = card.last_item_at.timestamp() if card.last_item_at else None
    values = {
        Order.ITEMS: card.items,
        Order.PICKED: card.picked,
        Order.SHARE: card.picked_share,
        Order.CLICKS: card.clicks_a_pick,
        Order.AGAINST: card.against,
        Order.LAST: last,
        Order.ERRORS: card.failures,
    }
    value = values[order]
    return value is None, -(value or 0)
