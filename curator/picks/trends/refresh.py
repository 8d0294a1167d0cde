"""Counts what the feeds brought and writes down which topics rise, in 2 days, in 7 and in 4 weeks.

Meant for a process that ends afterwards: what sixteen weeks of 3,000 items say takes some hundred megabytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from curator.db import Database, Session
from curator.picks.trends import store
from curator.picks.trends.rising import Span, rising
from curator.picks.trends.terms import LONGEST_TITLE
from curator.picks.trends.values import Counted, Refreshed, Told, Topic, Trend

WINDOWS: Mapping[int, int] = {2: 28, 7: 28, 28: 84}
"""The days of each window, and of the past that it is held against."""

# Sixteen weeks take ten seconds to count, and change little in an hour.
_EVERY = {2: timedelta(0), 7: timedelta(hours=1), 28: timedelta(hours=6)}
# A page shows twenty; what a newsletter blocks must not leave it with five.
_MOST_TOPICS = 60
# An issue says how many there are, so it is no few; a list of names has the first of them.
_MOST_FEEDS = 1_000
_LONGEST = 120


def refresh(db: Database, *, now: datetime) -> Refreshed:
    """Computes trends anew where an item came, or a day began, since they were made; the longer a window the seldomer.

    The rows of a window are replaced in one short transaction: a crash before it leaves the last ones. A second call
    does nothing.
    """
    with db.read() as session:
        made = store.made_at(session)
        due = [days for days in WINDOWS if _is_due(made.get(days), days, now)]
        if not due or not _has_news(session, [made.get(days) for days in due], now):
            return Refreshed()
        told = pages(store.items(session, since=_begin(now, due), until=now))
    found = {days: topics(told, days=days, now=now) for days in due}
    with db.write() as session:
        store.replace(session, found, now=now)
    return Refreshed(len(told), sum(len(each) for each in found.values()))


def pages(items: Iterable[Counted]) -> list[Told]:
    """Returns items as they are counted: a page that several feeds link to on a day is one item with several voices."""
    first: dict[tuple[object, ...], Counted] = {}
    feeds: dict[int, set[str]] = {}
    for each in items:
        key = ("page", each.page, each.at.date()) if each.page else ("item", each.id)
        head = first.setdefault(key, each)
        feeds.setdefault(head.id, set())
        if each.feed_id is not None:
            feeds[head.id].add(str(each.feed_id))
    return [
        Told(each.id, each.title[:LONGEST_TITLE], tuple(sorted(feeds[each.id])), each.at.date())
        for each in first.values()
    ]


def topics(told: Sequence[Told], *, days: int, now: datetime) -> list[Topic]:
    """Returns what rises in a window that ends today."""
    span = Span(now.date(), days, WINDOWS[days])
    by_term: dict[str, Trend] = {}
    for trend in rising(told, span=span, limit=_MOST_TOPICS):
        by_term.setdefault(term_of(trend.term), trend)
    return [_topic(place, term, trend, days, now) for place, (term, trend) in enumerate(by_term.items(), start=1)]


def term_of(label: str) -> str:
    """Returns a label as rows are told apart, and blocked: lower case, single spaces."""
    return " ".join(label.lower().split())[:_LONGEST]


def _topic(place: int, term: str, trend: Trend, days: int, now: datetime) -> Topic:
    return Topic(
        days=days,
        term=term,
        label=" ".join(trend.term.split())[:_LONGEST],
        place=place,
        score=trend.score,
        factor=trend.factor,
        counts=trend.daily,
        feed_ids=tuple(int(feed) for feed in trend.feeds)[:_MOST_FEEDS],
        item_ids=trend.item_ids,
        first_seen_at=datetime.combine(trend.first_seen_on, time(), UTC),
        made_at=now,
    )


def _is_due(made_at: datetime | None, days: int, now: datetime) -> bool:
    return made_at is None or made_at.date() != now.date() or now - made_at >= _EVERY[days]


def _has_news(session: Session, made_at: Sequence[datetime | None], now: datetime) -> bool:
    """A new day is news as well: every window has moved on."""
    known = [each for each in made_at if each is not None and each.date() == now.date()]
    return len(known) < len(made_at) or store.has_news(session, since=min(known))


def _begin(now: datetime, due: Sequence[int]) -> datetime:
    back = max(days + WINDOWS[days] for days in due) - 1
    return datetime.combine(now.date() - timedelta(days=back), time(), UTC)
