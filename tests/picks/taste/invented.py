"""A pool and picks invented for tests: an editor who likes tide pools, and feeds that write of other things as well."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from curator.picks.taste.replay import Printed
from curator.picks.taste.values import Example, Facts, Kind

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FIRST_MONDAY = datetime(2026, 3, 2, tzinfo=UTC)

_LIKED = ("tide pools", "kelp forests", "limpets", "rock pools", "sea anemones", "barnacles")
_OTHER = ("phone deals", "laptop review", "streaming shows", "crypto prices", "football scores", "car insurance")
_OPENINGS = ("What {} taught us", "A season with {}", "Notes on {}", "How {} work", "The price of {}", "Counting {}")
_SITES = ("shore.example", "daily.example", "gadgets.example", "notes.example", "coast.example")


def facts(title: str = "Tide pools at dawn", **given: object) -> Facts:
    """An item with a key and address made of its title."""
    slug = title.lower().replace(" ", "-")
    url = given.pop("url", f"https://shore.example/{slug}")
    values: dict[str, object] = {"key": url or title, "title": title, "url": url, "feed": "Shore"}
    return Facts(**(values | given))  # type: ignore[arg-type]


def pick(title: str, *, kind: Kind = Kind.PICK, days_ago: float = 10, issue: str = "", **given: object) -> Example:
    """A decision about an item."""
    weight = given.pop("weight", 1.0)
    at = NOW - timedelta(days=days_ago)
    return Example(facts(title, **given), kind, at, weight=weight, issue=issue)  # type: ignore[arg-type]


def liked(many: int = 12) -> list[Example]:
    """Picks of issues 41 and 40 about the shore."""
    return [
        pick(f"{_OPENINGS[number % 6].format(_LIKED[number % 5])} part {number}", issue=f"issue {41 - number % 2}")
        for number in range(many)
    ]


def others(many: int = 60) -> list[Facts]:
    """Items of other matters that nobody picked."""
    return [
        facts(
            f"{_OPENINGS[number % 5].format(_OTHER[number % 6])} number {number}",
            url=f"https://{_SITES[1 + number % 2]}/{number}",
            feed=("Daily", "Gadgets")[number % 2],
            first_seen_at=NOW - timedelta(days=20),
        )
        for number in range(many)
    ]


def pool(*, weeks: int = 20, a_week: int = 60, seed: int = 1) -> Iterator[Facts]:
    """Yields the items of some weeks in their order; three a week are about the shore."""
    dice = random.Random(seed)
    for number in range(weeks * a_week):
        at = FIRST_MONDAY + timedelta(weeks=number // a_week, hours=2 * (number % a_week))
        is_liked = number % a_week in (7, 23, 41)
        matter = dice.choice(_LIKED if is_liked else _OTHER)
        place = dice.choice(_SITES)
        yield facts(
            f"{dice.choice(_OPENINGS).format(matter)} no. {number}",
            url=f"https://{place}/{number}",
            feed=place,
            first_seen_at=at,
            points=dice.randrange(300),
        )


def printed(*, weeks: int = 20, a_week: int = 60, seed: int = 1) -> list[Printed]:
    """Returns what the editor ran of that pool: what is about the shore, two days after it came up."""
    return [
        Printed(each, each.first_seen_at + timedelta(days=2), issue=f"issue {number}")
        for number, each in enumerate(pool(weeks=weeks, a_week=a_week, seed=seed))
        if each.first_seen_at and any(matter in each.title for matter in _LIKED)
    ]
