"""Which of the items that were set aside come back, and why."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from curator.picks import muting
from curator.picks.resurface.values import ComesBack, News, SetAside
from curator.picks.trends.reasons import reason

LONG_AGO = timedelta(days=7)
"""What was passed over within it was passed over knowing what rises: trends are of a week."""

# A newsletter that prints within days has no lag to speak of: what it passed over is over.
_LEAST_LAG = timedelta(days=7)
_LONGEST_TITLE = 80


def choose(aside: Iterable[SetAside], news: News, *, now: datetime, most: int) -> list[ComesBack]:
    """Returns at most `most` items: those that an own episode is about, then those of a rising topic, then by the lag.

    Of each kind the best first: by likeness, by the topic's place, by what was put off, then the newest.
    """
    told = [(rank, each) for each in aside if (rank := _reason(each, news, now=now)) is not None]
    ranked = sorted(told, key=lambda pair: (pair[0][:2], -pair[1].first_seen_at.timestamp(), pair[1].item_id))
    return [ComesBack(each.item_id, rank[2]) for rank, each in ranked[:most]]


_Rank = tuple[int, float, str]


def _reason(each: SetAside, news: News, *, now: datetime) -> _Rank | None:
    """Returns the kind of reason, the place within the kind, and the words; None where nothing speaks for it."""
    shipped = news.shipped.get(each.item_id)
    if shipped is not None and shipped.at > each.at:
        return 0, -shipped.score, f"your new episode is about it: {_short(shipped.title)}"
    place = _topic(each.title, news.rising)
    if place is not None and now - each.at >= LONG_AGO:
        return 1, float(place), reason(news.rising[place])
    if news.lag is not None and _is_due(each, news.lag, now=now):
        days = round(news.lag / timedelta(days=1))
        return 2, float(not each.is_put_off), f"you often print things {days} days after they came"
    return None


def _is_due(each: SetAside, lag: timedelta, *, now: datetime) -> bool:
    """Tells whether an item's lag ended within the last week, and it was not set aside since."""
    due_at = each.first_seen_at + lag
    return lag >= _LEAST_LAG and each.at < due_at <= now < due_at + LONG_AGO


def _topic(title: str, rising: tuple[str, ...]) -> int | None:
    fits = (place for place, topic in enumerate(rising) if re.search(muting.pattern([topic]), title))
    return next(fits, None)


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…"
