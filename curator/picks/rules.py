"""Which fresh items are offered to which section, in which order, and why in words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations, islice, pairwise
from math import ceil, log

from curator.feeds.values import FreshItem, ItemKind
from curator.newsletters.values import SectionSpec, Takes
from curator.picks.values import Candidate

# An article loses half of its freshness a week: a weekly issue then prefers this week's without burying last week's.
_HALF_LIFE_DAYS = 7.0
# A section never shows one feed more often than this, unless there are too few feeds to fill it otherwise.
_FEED_CAP = 2
# A word in more than this share of the titles is the subject of the whole newsletter ("ai"), not a trend of its week.
_COMMON_SHARE = 0.3
_COMMON_FROM = 10
# Titles are bounded to 500 characters; this bounds the pairs of words in a hostile one.
_MAX_WORDS = 24

_WORD = re.compile(r"[^\W_][\w'’+#.-]*[\w+#]|[^\W_]")
_STOP_WORDS = """
    a about after again all also an and any are as at back be because been before being best better but by can
    could day days did do does done down episode every few first for from get gets got had has have he her here
    his how i if in into is it its just last latest less let like live made make makes making many may me might
    more most much must my need needs new news next no not now of off on once one only or our out over own part
    podcast read really release released review say says see she should show so some still such take than that
    the their them then there these they thing things think this those three time to today too top two under
    until up us use used using very via video want was way we week weekly well were what when where which while
    who why will with without world would year years yet you your
"""
_STOP = frozenset(_STOP_WORDS.split())


def candidates(
    items: Sequence[FreshItem],
    sections: Sequence[SectionSpec],
    *,
    now: datetime,
    ran: frozenset[int | str],
    own_feeds: frozenset[int] = frozenset(),
) -> list[Candidate]:
    """Returns what to offer, section by section in the sections' order, the best first.

    `ran` holds item ids and canonical URLs that are out of question. An item is offered to one section only, and of
    several items with one canonical URL the newest. EPISODES sections take episodes, the publisher's own (`own_feeds`)
    first; TRENDS sections take, up to their budget, one article of each matter that several feeds tell; ARTICLES
    sections take the rest, with a cap per feed. The same input in any order, and under any ids, gives the same answer.
    """
    left = _offerable(items, ran)
    offered: dict[int, list[Candidate]] = {section.id: [] for section in sections}
    for section in sorted(sections, key=lambda section: (_TURNS[section.takes], section.position, section.id)):
        is_last = not any(_comes_later(other, section) for other in sections)
        found, used = _offer(section, left, sections=sections, now=now, own_feeds=own_feeds)
        kept = found if is_last else found[: section.budget]
        offered[section.id] = kept
        gone = used | {candidate.item.id for candidate in kept}
        left = [item for item in left if item.id not in gone]
    return [candidate for section in _in_order(sections) for candidate in offered[section.id]]


# Trends are looked for before the plain rest is handed out.
_TURNS = {Takes.EPISODES: 0, Takes.TRENDS: 1, Takes.ARTICLES: 2}


def _in_order(sections: Iterable[SectionSpec]) -> list[SectionSpec]:
    return sorted(sections, key=lambda section: (section.position, section.id))


def _comes_later(other: SectionSpec, section: SectionSpec) -> bool:
    return other.takes is section.takes and (other.position, other.id) > (section.position, section.id)


def _offer(
    section: SectionSpec,
    left: Sequence[FreshItem],
    *,
    sections: Sequence[SectionSpec],
    now: datetime,
    own_feeds: frozenset[int],
) -> tuple[list[Candidate], frozenset[int]]:
    """Returns a section's candidates, and the ids of items that are used up beside them (told by a candidate)."""
    articles = [item for item in left if item.kind is ItemKind.ARTICLE]
    match section.takes:
        case Takes.EPISODES:
            episodes = [item for item in left if item.kind is ItemKind.EPISODE]
            return _episodes(section, episodes, now=now, own_feeds=own_feeds), frozenset()
        case Takes.TRENDS:
            return _trends(section, articles, now=now)
        case Takes.ARTICLES:
            has_episodes = any(other.takes is Takes.EPISODES for other in sections)
            return _articles(section, articles if has_episodes else left, now=now), frozenset()


def _episodes(
    section: SectionSpec, episodes: Sequence[FreshItem], *, now: datetime, own_feeds: frozenset[int]
) -> list[Candidate]:
    """Own show first by recency; then the newest episode of every other show, the second newest, and so on."""
    ranked = sorted(
        _nth_of_feed(episodes),
        key=lambda pair: (
            pair[1].feed_id not in own_feeds,
            0 if pair[1].feed_id in own_feeds else pair[0],
            _newest_first(pair[1]),
        ),
    )
    return [
        Candidate(
            item=item,
            section_id=section.id,
            score=round(_freshness(item, now) + (1.0 if item.feed_id in own_feeds else 0.0), 6),
            reasons=(("an episode of your own show",) if item.feed_id in own_feeds else ()) + (age(item.at, now=now),),
        )
        for _, item in ranked
    ]


def _articles(section: SectionSpec, articles: Sequence[FreshItem], *, now: datetime) -> list[Candidate]:
    feeds = len({item.feed_id for item in articles})
    cap = max(_FEED_CAP, ceil(section.budget / max(feeds, 1)))
    return [
        Candidate(
            item=item,
            section_id=section.id,
            score=round(_freshness(item, now), 6),
            reasons=(age(item.at, now=now),),
        )
        for nth, item in sorted(_nth_of_feed(articles), key=lambda pair: _newest_first(pair[1]))
        if nth < cap
    ]


def _trends(
    section: SectionSpec, articles: Sequence[FreshItem], *, now: datetime
) -> tuple[list[Candidate], frozenset[int]]:
    """One article of each matter: articles of at least two feeds whose titles share two salient words.

    Pairs of words rather than single ones: one shared word ("open", "cloud") is chance far more often than not. A word
    makes one trend only, or the week's loudest name fills the section.
    """
    words = {item.id: _salient(item.title) for item in articles}
    tellers = _tellers(articles, words)
    found: list[Candidate] = []
    used: set[int] = set()
    told: set[str] = set()
    for pair, members in tellers:
        free = [item for item in members if item.id not in used]
        feeds = {item.feed_id for item in free}
        if len(found) == section.budget:
            break
        if len(feeds) < 2 or not told.isdisjoint(pair):
            continue
        best = min(free, key=_newest_first)
        reason = f"told by {len(feeds)} of your feeds: {_quoted(pair, words[best.id])}"
        score = round(len(feeds) + _freshness(best, now), 6)
        found.append(Candidate(best, section.id, score, (reason, age(best.at, now=now))))
        used |= {item.id for item in free}
        told |= set(pair)
    return found, frozenset(used)


def _tellers(
    articles: Sequence[FreshItem], words: dict[int, dict[str, str]]
) -> list[tuple[tuple[str, str], list[FreshItem]]]:
    """Returns pairs of words with the articles that hold both, told by most feeds first, then the rarer words."""
    counts: dict[str, int] = defaultdict(int)
    for item in articles:
        for word in words[item.id]:
            counts[word] += 1
    common = len(articles) * _COMMON_SHARE if len(articles) >= _COMMON_FROM else len(articles) + 1
    holders: dict[tuple[str, str], list[FreshItem]] = defaultdict(list)
    for item in articles:
        rare = sorted(word for word in words[item.id] if 2 <= counts[word] <= common)
        for pair in combinations(rare, 2):
            holders[pair].append(item)
    rarity = {pair: sum(log(1 + len(articles) / counts[word]) for word in pair) for pair in holders}
    told = [(pair, members) for pair, members in holders.items() if len({item.feed_id for item in members}) > 1]
    return sorted(told, key=lambda entry: (-len({item.feed_id for item in entry[1]}), -rarity[entry[0]], entry[0]))


def _salient(title: str) -> dict[str, str]:
    """Returns a title's salient words in order: the singular by which words are compared, and the word as written."""
    found = (match.group().replace("’", "'").removesuffix("'s") for match in _WORD.finditer(title.casefold()))
    salient = (word for word in found if len(word) > 1 and word not in _STOP and not word.isdigit())
    return {_singular(word): word for word in islice(salient, _MAX_WORDS)}


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _quoted(pair: tuple[str, str], words: dict[str, str]) -> str:
    """Returns a pair in the order of a title: as one term when the words are neighbours there."""
    order = list(words)
    first, second = sorted(pair, key=order.index)
    is_term = (first, second) in pairwise(order)
    return f'"{words[first]} {words[second]}"' if is_term else f'"{words[first]}", "{words[second]}"'


def _offerable(items: Sequence[FreshItem], ran: frozenset[int | str]) -> list[FreshItem]:
    """Returns the items that have a title and a link and did not run, newest first, one for each canonical URL."""
    kept: list[FreshItem] = []
    seen: set[int | str] = set(ran)
    for item in sorted(items, key=_newest_first):
        keys: set[int | str] = {item.id} | ({item.canonical_url} if item.canonical_url else set())
        if seen.isdisjoint(keys) and item.title.strip() and (item.url or item.audio_url):
            kept.append(item)
            seen |= keys
    return kept


def _nth_of_feed(items: Iterable[FreshItem]) -> Iterator[tuple[int, FreshItem]]:
    """Yields every item with how many newer ones its feed has here."""
    before: dict[int | None, int] = defaultdict(int)
    for item in sorted(items, key=_newest_first):
        yield before[item.feed_id], item
        before[item.feed_id] += 1


def _newest_first(item: FreshItem) -> tuple[float, str, str, str, int]:
    # Ids tell who was polled first, which must not decide what is drafted: they part only what is alike in all else.
    return -item.at.timestamp(), item.canonical_url or "", item.identity, item.feed_url, item.id


def _freshness(item: FreshItem, now: datetime) -> float:
    days = max((now - item.at).total_seconds() / 86_400, 0.0)
    return float(0.5 ** (days / _HALF_LIFE_DAYS))


def age(at: datetime, *, now: datetime) -> str:
    """Returns how old something is, in words."""
    days = (now - at).days
    if days < 1:
        return "out today" if at <= now else "dated in the future"
    if days > 60:
        return f"out on {at.day} {at:%B %Y}"
    return "out yesterday" if days == 1 else f"out {days} days ago"
