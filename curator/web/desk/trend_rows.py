"""What the page of trends is made of: each topic with its line, who told it, and what the own shows said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.db import Session
from curator.episodes.transcripts import store as transcripts
from curator.episodes.transcripts.values import Found
from curator.feeds import store as feeds
from curator.feeds.values import FreshItem, ItemKind
from curator.issues.listed import ListLink
from curator.issues.trended import TrendFacts
from curator.picks import store as picks
from curator.picks.related import store as related_store
from curator.picks.related.index import bounded
from curator.picks.related.values import Match, RelatedKind
from curator.picks.trends import store
from curator.picks.trends.reasons import key_of
from curator.picks.trends.sparkline import Sparkline, sparkline
from curator.picks.trends.terms import terms
from curator.picks.trends.values import Topic
from curator.web.public import related

MOST_SHOWN = 20
_MOST_EPISODES = 3
_MOST_FEEDS = 4
# Turns of the transcripts that are looked at when a trend is put into an issue: several may be of one episode.
_MOST_TURNS = 12


@dataclass(frozen=True)
class Shown:
    """A trend as the page shows it; `episodes` are own ones by id, `block_id` is where it stands in the open issue."""

    topic: Topic
    line: Sparkline
    feeds: Sequence[tuple[int, str]]
    more_feeds: int
    items: Sequence[FreshItem]
    episodes: Mapping[int, str]
    block_id: int | None


def shown(session: Session, topics: Sequence[Topic], blocks: Mapping[str, int]) -> list[Shown]:
    """Returns trends as the page shows them, in their order; six queries whatever their number."""
    ids = list(dict.fromkeys(item_id for topic in topics for item_id in topic.item_ids))
    items = feeds.items_by_id(session, ids)
    told_by = dict.fromkeys(feed for topic in topics for feed in topic.feed_ids[:_MOST_FEEDS])
    names = store.feed_names(session, list(told_by))
    found = related_store.related(session, ids)
    own = _own(session, items.values())
    titled = store.own_titles(session, [topic.label for topic in topics]) | {each: items[each].title for each in own}
    others = {match.other_id for matches in found.values() for match in matches}
    titles = feeds.item_titles(session, sorted(others - titled.keys())) | titled
    return [
        Shown(
            topic=topic,
            line=sparkline(topic.counts),
            feeds=[(feed, names[feed]) for feed in topic.feed_ids[:_MOST_FEEDS] if feed in names],
            more_feeds=max(len(topic.feed_ids) - _MOST_FEEDS, 0),
            items=[items[each] for each in topic.item_ids if each in items and each not in own],
            episodes={each: titles[each] for each in _episodes(topic, found, titled, own) if each in titles},
            block_id=blocks.get(topic.label),
        )
        for topic in topics
    ]


def facts(session: Session, topic: Topic) -> TrendFacts:
    """Returns what a block keeps of a trend: its items with their feeds, and what may be seen of own episodes on it."""
    items = feeds.items_by_id(session, topic.item_ids)
    own = _own(session, items.values())
    known = [items[each] for each in topic.item_ids if each in items and each not in own]
    sources = [ListLink(each.title, each.url, each.feed_title) for each in known if each.url]
    return TrendFacts(
        term=topic.label,
        days=topic.days,
        factor=topic.factor,
        counts=topic.counts,
        feeds=len(topic.feed_ids),
        first_seen_on=topic.first_seen_at.date(),
        sources=tuple(sources),
        episodes=_heard(session, topic, own),
    )


def _heard(session: Session, topic: Topic, own: frozenset[int]) -> tuple[ListLink, ...]:
    """Episodes whose title or transcript holds the term come before those that are about the same."""
    found = related_store.related(session, topic.item_ids)
    titled = store.own_titles(session, [topic.label])
    turns = transcripts.search(session, topic.label, _MOST_TURNS)
    said = {each.item_id: each.start_ms for each in reversed(turns) if _says(each, topic.label)}
    near = {match.other_id: match.at_s for matches in found.values() for match in matches}
    ids = dict.fromkeys([*_on_it(topic, titled, own), *said, *_episodes(topic, found, {}, own)])
    matches = [
        Match(each, RelatedKind.EPISODE, 1.0, (topic.label,), _second(said.get(each), near.get(each))) for each in ids
    ]
    relatives = related.shown(session, matches[:_MOST_EPISODES])
    return tuple(ListLink(each.title, related.whole_url(each), related.said_of(each)) for each in relatives)


def _second(start_ms: int | None, near: float | None) -> float | None:
    return near if start_ms is None else start_ms / 1000


def _own(session: Session, items: Iterable[FreshItem]) -> frozenset[int]:
    """Returns which of these are episodes of own shows."""
    shows = picks.own_feeds(session)
    return frozenset(each.id for each in items if each.kind is ItemKind.EPISODE and each.feed_id in shows)


def _episodes(
    topic: Topic, found: Mapping[int, Sequence[Match]], titled: Mapping[int, str], own: frozenset[int]
) -> list[int]:
    """Returns own episodes on a topic, those that tell it first; one that is related shares a word of the topic's."""
    keys = {term.key for term in terms(topic.label)}
    near = [
        match
        for item_id in topic.item_ids
        for match in found.get(item_id, ())
        if match.kind is RelatedKind.EPISODE and keys & {term.key for said in match.terms for term in terms(said)}
    ]
    ids = dict.fromkeys([*_on_it(topic, titled, own), *(match.other_id for match in bounded(near))])
    return list(ids)[:_MOST_EPISODES]


def _on_it(topic: Topic, titled: Mapping[int, str], own: frozenset[int]) -> list[int]:
    """Returns own episodes that were counted, then those that have the term in their title."""
    counted = [each for each in topic.item_ids if each in own]
    return counted + [item_id for item_id, title in titled.items() if _holds(title, topic.label)]


def _says(turn: Found, label: str) -> bool:
    """A search takes the last word as a beginning, and words that stand apart: "AI" finds "aim"."""
    return _holds("".join(piece.text for piece in turn.pieces), label)


def _holds(text: str, label: str) -> bool:
    """Tells whether a label stands in a text as whole words: "Rust" does not in "Trust"."""
    key = key_of(label)
    return bool(key) and key in {term.key for term in terms(text)}
