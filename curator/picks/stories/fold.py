"""Folds items of several feeds into stories, new ones into those that are known.

Each item in the order of time joins the story whose centre it is nearest to, or opens one. No story is ever joined to
another: chains of pairs that are each alike end in stories whose ends have nothing in common.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from urllib.parse import urlsplit

from curator.picks.stories.values import Telling
from curator.picks.stories.vectors import Rarity, Vector, rarity, vector

# Measured: of 30 sampled pairs this alike, 29 told one story.
ALIKE = 0.35
WITHIN = timedelta(hours=48)
# One word in common ("Links", "Gemini") is no story; two count when they stand in a row, as the pair is the third.
LEAST_SHARED = 3
# A show whose episodes all link to its own page: beyond so many titles an address is no item's own.
_MOST_TITLES = 3
# What bounds the work: the newest stories that are looked at for a word, and the members that shape a centre.
_NEWEST = 200
_SHAPING = 30


def fold(tellings: Iterable[Telling], *, rare: Rarity | None = None) -> dict[int, int]:
    """Returns the story of each item that had none, by item id. A story's id is that of the item that opened it.

    Hand in the new items with those of the last four days and their stories, and all that share a new item's canonical
    URL, however old. What has a story keeps it. `rare` is measured on the items themselves when it is None. The answer
    does not depend on the items' order.
    """
    ordered = sorted(tellings, key=_order)
    rare = rare or rarity(ordered)
    shelf = _Shelf(_own_urls(ordered))
    for telling in ordered:
        if telling.story_id is not None:
            shelf.put(telling, vector(telling, rare), telling.story_id)
    found: dict[int, int] = {}
    for telling in ordered:
        if telling.story_id is None:
            weighed = vector(telling, rare)
            found[telling.id] = shelf.story_of(telling, weighed)
            shelf.put(telling, weighed, found[telling.id])
    return found


def _order(telling: Telling) -> tuple[datetime, int]:
    return telling.at, telling.id


def _own_urls(tellings: Sequence[Telling]) -> frozenset[str]:
    """Returns the addresses that are an item's own: no front page, and no page that a feed gives to many titles."""
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in tellings:
        if each.canonical_url:
            titles[each.feed, each.canonical_url].add(each.title)
    shared = {url for (_, url), those in titles.items() if len(those) > _MOST_TITLES}
    return frozenset(url for _, url in titles if url not in shared and not _is_front(url))


def _is_front(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.path in ("", "/") and not parts.query


class _Centre:
    """The middle of a story's first items, and who told it when."""

    def __init__(self, story_id: int, at: datetime) -> None:
        self.story_id = story_id
        self.first_at = at
        self.feeds: set[str] = set()
        self.titles: set[tuple[str, str]] = set()
        self.sums: dict[str, float] = {}
        self.members = 0
        self.length = 0.0

    def add(self, telling: Telling, weighed: Vector) -> Iterable[str]:
        """Takes an item in and returns the words that are new to the story."""
        self.first_at = min(self.first_at, telling.at)
        self.feeds.add(telling.feed)
        self.titles.add((telling.feed, telling.title))
        if self.members >= _SHAPING or not weighed:
            return ()
        self.members += 1
        new = [word for word in weighed if word not in self.sums]
        for word, weight in weighed.items():
            self.sums[word] = self.sums.get(word, 0.0) + weight
        self.length = sqrt(sum(weight * weight for weight in self.sums.values()))
        return new

    def likeness(self, telling: Telling, weighed: Vector) -> float:
        """Returns how near an item is, 0 when it may not join."""
        if abs(telling.at - self.first_at) > WITHIN or not self._may_join(telling):
            return 0.0
        shared = [weight * self.sums[word] for word, weight in weighed.items() if word in self.sums]
        return sum(shared) / self.length if len(shared) >= LEAST_SHARED else 0.0

    def _may_join(self, telling: Telling) -> bool:
        """Tells whether this is another feed's word; a feed that repeats its own title is the same story too."""
        return telling.feed not in self.feeds or (telling.feed, telling.title) in self.titles


class _Shelf:
    """The stories so far, found by the words and the addresses of their items."""

    def __init__(self, own_urls: frozenset[str]) -> None:
        self._own_urls = own_urls
        self._centres: dict[int, _Centre] = {}
        self._by_word: dict[str, deque[_Centre]] = defaultdict(lambda: deque(maxlen=_NEWEST))
        self._by_url: dict[str, int] = {}

    def put(self, telling: Telling, weighed: Vector, story_id: int) -> None:
        """Adds an item to its story."""
        centre = self._centres.setdefault(story_id, _Centre(story_id, telling.at))
        for word in centre.add(telling, weighed):
            self._by_word[word].append(centre)
        if telling.canonical_url in self._own_urls and telling.canonical_url:
            self._by_url.setdefault(telling.canonical_url, story_id)

    def story_of(self, telling: Telling, weighed: Vector) -> int:
        """Returns the story of the same page, else the nearest one that is near enough, else the item's own."""
        if telling.canonical_url and telling.canonical_url in self._by_url:
            return self._by_url[telling.canonical_url]
        near = ((centre.likeness(telling, weighed), centre) for centre in self._near(weighed))
        best = max(near, key=lambda pair: (pair[0], -pair[1].story_id), default=None)
        return best[1].story_id if best and best[0] >= ALIKE else telling.id

    def _near(self, weighed: Vector) -> Iterable[_Centre]:
        shared: Counter[int] = Counter()
        for word in weighed:
            shared.update(centre.story_id for centre in self._by_word.get(word, ()))
        return [self._centres[story_id] for story_id, words in shared.items() if words >= LEAST_SHARED]


def by_story(stories: Mapping[int, int]) -> dict[int, list[int]]:
    """Returns the item ids of each story, both in order."""
    grouped: dict[int, list[int]] = {}
    for item_id in sorted(stories):
        grouped.setdefault(stories[item_id], []).append(item_id)
    return dict(sorted(grouped.items()))
