"""A world of feeds for trends: quiet days, and whatever a test adds to them."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count

from curator.picks.trends.rising import Span, rising
from curator.picks.trends.values import Told, Trend

ON = date(2026, 11, 16)
SPAN = Span(ON, days=2)
QUIET = ("Bread prices in the north", "The ferry joins a harbour", "Museum attic opens", "Council bridge vote")


class World:
    """Items of so many days, four quiet ones a day."""

    def __init__(self, days: int = 30) -> None:
        self._ids = count(1)
        self.items: list[Told] = []
        for back in range(days):
            self.tell(*QUIET, back=back)

    def tell(self, *titles: str, back: int = 0, feeds: Iterable[str] | None = None) -> None:
        """Adds titles of a day so many days ago, each from the next feed of these."""
        names = list(feeds or (f"feed {number}" for number in range(len(titles))))
        for number, title in enumerate(titles):
            feed = names[number % len(names)]
            self.items.append(Told(next(self._ids), title, (feed,), ON - timedelta(days=back)))

    def trends(self, **more: object) -> list[Trend]:
        """Returns the trends of the last two days."""
        return rising(self.items, span=SPAN, **more)  # type: ignore[arg-type] - any option

    def named(self, **more: object) -> list[str]:
        """Returns the trends' terms."""
        return [trend.term for trend in self.trends(**more)]
