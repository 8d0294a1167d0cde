"""What readers wanted of an issue, whatever its place in the mail: clicks against what that place gets. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from curator.picks.clicks.values import Clicked

# With fewer an issue says who happened to read it, not what was in it.
_FEWEST_CLICKS = 5
# Until a place has been looked at in some issues it counts as any other, as if two such issues had been seen.
_PRIOR = 2.0
_MOST = 5.0


@dataclass(frozen=True)
class Placed:
    """An item of an issue in the order of the page, with people's clicks on all of its links."""

    item_id: int
    clicks: int


def corrected(issues: Iterable[tuple[datetime, Sequence[Placed]]]) -> list[Clicked]:
    """Returns for each item its clicks, and its share of its issue's against what its place got in the other issues.

    The place is its number on the page. An item that ran twice counts by the later issue.
    """
    told = [(at, placed, _parts(placed)) for at, placed in sorted(issues, key=lambda issue: issue[0])]
    sums: list[float] = []
    seen: list[int] = []
    for _, _, parts in told:
        for place, part in enumerate(parts):
            if place == len(sums):
                sums.append(0.0)
                seen.append(0)
            sums[place] += part
            seen[place] += 1
    found: dict[int, Clicked] = {}
    for at, placed, parts in told:
        for place, (each, part) in enumerate(zip(placed, parts, strict=False)):
            usual = (sums[place] - part + _PRIOR) / (seen[place] - 1 + _PRIOR)
            found[each.item_id] = Clicked(each.item_id, each.clicks, round(min(part / usual, _MOST), 4), at)
    return list(found.values())


def _parts(placed: Sequence[Placed]) -> list[float]:
    """Returns each item's part of the clicks, 1.0 on average; nothing for an issue with next to none."""
    total = sum(each.clicks for each in placed)
    if total < _FEWEST_CLICKS:
        return []
    # One click more for each: what nobody clicked in a small mailing is not worth nothing.
    return [(each.clicks + 1) / (total + len(placed)) * len(placed) for each in placed]
