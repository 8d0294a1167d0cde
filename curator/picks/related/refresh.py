"""Reads what is new and compares it: what an item is about, and which own episodes and picks are about the same.

Meant for a process that ends afterwards: the index over some thousand targets takes tens of megabytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from curator.db import Database, Session, in_parts
from curator.episodes import store as episodes
from curator.episodes.transcripts import store as transcripts
from curator.episodes.transcripts.values import StoredTurn
from curator.episodes.values import EpisodeView
from curator.picks.related import store
from curator.picks.related.about import Rarity, about, spoken
from curator.picks.related.index import Index, bounded
from curator.picks.related.values import About, Match, Part, Refreshed

LOOKED_AT_FOR = timedelta(days=30)
"""How long an item that nobody picked is compared: what an inbox shows is younger."""

# What one round reads: a new installation with an archive of episodes takes a few rounds.
_MOST_READ = 5_000
_ITEMS_AT_ONCE = 200
# A transcript of an hour has 60 KB.
_EPISODES_AT_ONCE = 10
_MOST_CHARACTERS = 4_000

# What one word counts by where it stands.
_TITLE, _TOPIC, _NAME, _CHAPTER, _TEXT = 3.0, 3.0, 2.0, 2.0, 1.0


def refresh(db: Database, *, now: datetime) -> Refreshed:
    """Brings what is related up to date; what is neither new nor changed costs nothing but to be asked for.

    Each step stands by itself: after a crash the next call goes on where it was. A second call changes nothing.
    """
    since = now - LOOKED_AT_FOR
    read = _read(db, since=since, now=now)
    compared = _compare(db, now=now)
    with db.write() as session:
        store.forget(session, since=since)
    return Refreshed(read, compared)


# -- reading


def _read(db: Database, *, since: datetime, now: datetime) -> int:
    """Articles come first: what is rare in a conversation is what is rare in them."""
    with db.read() as session:
        ids = store.stale(session, since=since, limit=_MOST_READ)
        own = store.own_episodes(session, ids) if ids else frozenset()
    rarity = Rarity()
    for some in in_parts([item_id for item_id in ids if item_id not in own], _ITEMS_AT_ONCE):
        with db.read() as session:
            found = {item_id: about(_of_item(told), rarity) for item_id, told in store.written(session, some).items()}
        _keep(db, found, now=now)
    if own:
        with db.read() as session:
            rarity = store.rarity(session)
    for some in in_parts([item_id for item_id in ids if item_id in own], _EPISODES_AT_ONCE):
        with db.read() as session:
            heard = dict(_of_episodes(session, some, rarity))
        _keep(db, heard, now=now)
    return len(ids)


def _keep(db: Database, found: Mapping[int, About], *, now: datetime) -> None:
    with db.write() as session:
        store.put_about(session, found, now=now)


def _of_item(told: store.Written) -> Iterator[Part]:
    yield Part(told.title, _TITLE)
    for text in (told.summary, told.text):
        yield Part(_unsigned(text[:_MOST_CHARACTERS], told), _TEXT)


def _unsigned(text: str, told: store.Written) -> str:
    """Feeds sign what they publish; two pieces by one hand are not about the same for that."""
    for name in (told.author, told.feed):
        text = text.replace(name, " ") if name else text
    return text


def _of_episodes(session: Session, item_ids: Sequence[int], rarity: Rarity) -> Iterator[tuple[int, About]]:
    views = episodes.views(session, item_ids)
    for item_id, view in views.items():
        yield item_id, about([*_of_episode(view), *map(_said, transcripts.turns(session, item_id))], rarity)


def _of_episode(view: EpisodeView) -> Iterator[Part]:
    yield Part(view.title, _TITLE)
    yield Part(view.subtitle, _TOPIC)
    yield Part(view.summary[:_MOST_CHARACTERS], _TEXT)
    yield from (Part(topic, _TOPIC) for topic in view.topics)
    yield from (Part(guest.name, _NAME) for guest in view.guests)
    yield from (Part(chapter.title, _CHAPTER, chapter.start_s) for chapter in view.chapters)


def _said(turn: StoredTurn) -> Part:
    start_s, end_s = (None if each is None else each / 1000 for each in (turn.start_ms, turn.end_ms))
    return spoken(turn.text, start_s=start_s, end_s=end_s)


# -- comparing


def _compare(db: Database, *, now: datetime) -> int:
    """What is new among the targets is held against everything first: until then it waits, whatever happens."""
    with db.read() as session:
        waiting = store.waiting(session)
        if not waiting:
            return 0
        rarity, known, targets = store.rarity(session), store.compared(session), list(store.targets(session))
    new = set(waiting)
    fresh = [target for target in targets if target.id in new]
    # What is no target any more holds a place in nobody's list: `store.related` leaves it out.
    if fresh:
        index, anew = Index(fresh, rarity), frozenset(target.id for target in fresh)
        for some in in_parts(known, _ITEMS_AT_ONCE):
            _merge(db, some, index, anew, now=now)
    index = Index(targets, rarity)
    for some in in_parts(waiting, _ITEMS_AT_ONCE):
        _replace(db, some, index, now=now)
    return len(waiting)


def _merge(db: Database, item_ids: Sequence[int], index: Index, anew: frozenset[int], *, now: datetime) -> None:
    with db.read() as session:
        found = {subject.id: index.related(subject) for subject in store.subjects(session, item_ids)}
        before = store.related(session, item_ids)
    merged: dict[int, list[Match]] = {}
    for item_id, matches in found.items():
        was = before.get(item_id, [])
        now_is = bounded([*matches, *(match for match in was if match.other_id not in anew)])
        if now_is != was:
            merged[item_id] = now_is
    if merged:
        with db.write() as session:
            store.put_related(session, merged, now=now)


def _replace(db: Database, item_ids: Sequence[int], index: Index, *, now: datetime) -> None:
    with db.read() as session:
        found = {subject.id: index.related(subject) for subject in store.subjects(session, item_ids)}
    with db.write() as session:
        store.put_related(session, found, now=now)
        store.mark_compared(session, item_ids, now=now)
