"""The rising topics of a window of days against the days before it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from curator.picks.trends import scores
from curator.picks.trends.folding import Found, topics
from curator.picks.trends.terms import terms
from curator.picks.trends.values import Counts, Term, Told, Trend

PAST_DAYS = 28
# Below it the past says what a young archive lacked, not what is new in the world.
LEAST_PAST_DAYS = 7
# Below it a term comes about as often as ever; a term of half the items would rise by it all the same.
LEAST_FACTOR = 1.5
_MOST_CANDIDATES = 400
_MOST_ITEMS = 5


@dataclass(frozen=True)
class Floor:
    """What a term must have to be a trend: so many items, told by so many feeds."""

    items: int = 3
    feeds: int = 2


@dataclass(frozen=True)
class Span:
    """A window that ends with the day `on`, and the past before it."""

    on: date
    days: int
    past_days: int = PAST_DAYS

    @property
    def first_on(self) -> date:
        """The window's first day."""
        return self.on - timedelta(days=self.days - 1)

    @property
    def past_first_on(self) -> date:
        """The past's first day."""
        return self.first_on - timedelta(days=self.past_days)


@dataclass
class Tally:
    """What the items of a span say, by term; of terms that are below the floor now nothing is kept."""

    span: Span
    window: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    forms: dict[str, Counter[Term]] = field(default_factory=lambda: defaultdict(Counter))
    daily: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    of_items: int = 0
    past_of_items: int = 0
    past_days: int = 0


def rising(
    items: Iterable[Told],
    *,
    span: Span,
    blocked: Sequence[str] = (),
    floor: Floor | None = None,
    limit: int = 20,
    score: Callable[[Counts], float] = scores.score,
) -> list[Trend]:
    """Returns the rising topics of a span's window, strongest first, at most `limit`.

    Items of other days are left aside, and a feed that repeats a title on a day told it once. With a past of fewer than
    seven days that had items there are none. The answer does not depend on the items' order.
    """
    return ranked(tallied(items, span=span, blocked=blocked, floor=floor), limit=limit, score=score)


def tallied(items: Iterable[Told], *, span: Span, blocked: Sequence[str] = (), floor: Floor | None = None) -> Tally:
    """Returns what the items of a span say, to be ranked."""
    once = _once(items, span)
    tally = Tally(span)
    _count_window(
        [each for each in once if each.on >= span.first_on], tally, blocked=tuple(blocked), floor=floor or Floor()
    )
    _count_past([each for each in once if each.on < span.first_on], tally, blocked=tuple(blocked))
    return tally


def ranked(tally: Tally, *, limit: int, score: Callable[[Counts], float] = scores.score) -> list[Trend]:
    """Returns the rising topics of a tally, as `rising` does."""
    if tally.past_days < LEAST_PAST_DAYS:
        return []
    found = [_found(key, tally, score=score) for key in tally.window]
    found = sorted((each for each in found if _rises(each)), key=lambda each: (-each.score, each.term.key))
    return [_trend(head, also, tally) for head, also in topics(found[:_MOST_CANDIDATES], limit=limit)]


def _once(items: Iterable[Told], span: Span) -> list[Told]:
    """Returns the span's items in an order of their own, without what a feed repeats on a day."""
    within = [each for each in items if span.past_first_on <= each.on <= span.on]
    within.sort(key=lambda each: (each.on, each.id, each.title, each.feeds))
    seen: dict[tuple[object, ...], Told] = {}
    for each in within:
        seen.setdefault((each.on, each.feeds, each.title.casefold()), each)
    return list(seen.values())


def _count_window(items: Sequence[Told], tally: Tally, *, blocked: tuple[str, ...], floor: Floor) -> None:
    told: dict[str, list[Told]] = defaultdict(list)
    tally.of_items = len(items)
    for each in items:
        for term in terms(each.title, blocked=blocked):
            told[term.key].append(each)
            tally.forms[term.key][term] += 1
    for key, those in told.items():
        if len(those) >= floor.items and _voices(those) >= floor.feeds:
            tally.window[key] = those
            tally.daily[key].update(each.on for each in those)


def _count_past(items: Sequence[Told], tally: Tally, *, blocked: tuple[str, ...]) -> None:
    """Counts the past of the terms that the window has; of all others nobody asks."""
    tally.past_of_items, tally.past_days = len(items), len({each.on for each in items})
    for each in items:
        for term in terms(each.title, blocked=blocked):
            if term.key in tally.window:
                tally.daily[term.key][each.on] += 1


def _voices(items: Sequence[Told]) -> int:
    """Returns how many feeds told these; what an editor added has no feed and is a voice of its own."""
    return len({feed for each in items for feed in each.feeds}) + sum(not each.feeds for each in items)


def _found(key: str, tally: Tally, *, score: Callable[[Counts], float]) -> Found:
    counts = _counts(key, tally)
    shown = max(tally.forms[key].items(), key=lambda form: (form[1], form[0].shown))[0]
    return Found(
        term=shown, score=score(counts), counts=counts, item_ids=frozenset(each.id for each in tally.window[key])
    )


def _counts(key: str, tally: Tally) -> Counts:
    past = {on: count for on, count in tally.daily[key].items() if on < tally.span.first_on}
    told = tally.window[key]
    return Counts(
        items=len(told),
        feeds=_voices(told),
        of_items=tally.of_items,
        past_items=sum(past.values()),
        past_of_items=tally.past_of_items,
        past_days_with=len(past),
        past_days=tally.span.past_days,
    )


def _trend(head: Found, also: Sequence[Found], tally: Tally) -> Trend:
    key, counts = head.term.key, head.counts
    told = tally.window[key]
    span = tally.span
    days = [span.past_first_on + timedelta(days=number) for number in range(span.past_days + span.days)]
    return Trend(
        term=head.term.shown,
        key=key,
        score=round(head.score, 4),
        items=counts.items,
        past_items=counts.past_items,
        factor=_factor(counts),
        first_seen_on=min(tally.daily[key]),
        feeds=_feeds(told),
        item_ids=_showing(told, [key, *(each.term.key for each in also)], tally),
        daily=tuple(tally.daily[key][on] for on in days),
        also=tuple(each.term.shown for each in also),
    )


def _rises(found: Found) -> bool:
    factor = _factor(found.counts)
    return found.score > 0 and (factor is None or factor >= LEAST_FACTOR)


def _factor(counts: Counts) -> float | None:
    if not counts.past_items:
        return None
    return round((counts.items / counts.of_items) / (counts.past_items / counts.past_of_items), 1)


def _feeds(told: Iterable[Told]) -> Mapping[str, int]:
    counted = Counter(feed for each in told for feed in each.feeds)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _showing(told: Sequence[Told], keys: Sequence[str], tally: Tally) -> tuple[int, ...]:
    """Returns the items that say most of a topic, the first of each feed before the second of any."""
    said = Counter(each.id for key in keys for each in tally.window[key])
    best = sorted(told, key=lambda each: (-said[each.id], each.on, each.id))
    first: dict[tuple[str, ...], Told] = {}
    for each in best:
        first.setdefault(each.feeds, each)
    ordered = [*first.values(), *(each for each in best if first[each.feeds] is not each)]
    return tuple(dict.fromkeys(each.id for each in ordered[:_MOST_ITEMS]))
