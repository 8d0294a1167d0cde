"""Has the pictures fetched that episodes' pages show: the artwork, and the guests'."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from curator.db import Database
from curator.episodes import store
from curator.episodes.values import EpisodeView
from curator.http.urls import absolute_url
from curator.pictures import fetch
from curator.pictures import store as pictures
from curator.pictures.values import PictureStore, Source, Use

# Whoever comes to a show comes for its newest episodes; the older ones follow part by part, minute by minute.
_NEWEST = 50
# A show's pictures lie on one host, which shall not be asked for hundreds at once.
_MOST_AT_ONCE = 20


def artwork_of(view: EpisodeView) -> Source | None:
    """Returns the picture of an episode, as its page shows it."""
    return _source(view.artwork.url, Use.WIDE) if view.artwork else None


def portrait_of(url: str | None) -> Source | None:
    """Returns a guest's picture, as the page shows it."""
    return _source(url, Use.ARTWORK)


def sources(views: Iterable[EpisodeView]) -> list[Source]:
    """Returns the pictures that the pages of these episodes show, each once."""
    found: dict[Source, None] = {}
    for view in views:
        for source in (artwork_of(view), *(portrait_of(guest.image_url) for guest in view.guests)):
            if source is not None:
                found[source] = None
    return list(found)


def want_all(db: Database, kept: PictureStore, *, now: datetime, resting: Collection[str] = ()) -> None:
    """Queues asking for pictures of own episodes that nobody has asked for, and for those whose file is gone.

    The newest episodes are looked at each time, the older ones part by part. At most 20 are queued at once; the next
    call does the rest. `resting` are keys of jobs that broke just now.
    """
    with db.read() as session:
        ids = store.episode_ids(session, limit=_NEWEST)
        ids += _older(store.episode_ids(session, limit=_NEWEST, offset=_offset(store.episode_count(session), now)), ids)
        wanted = sources(store.views(session, ids).values())
        known = pictures.pictures(session, wanted)
    new = [source for source in wanted if source not in known][:_MOST_AT_ONCE]
    lost = [
        row.source
        for row in known.values()
        if row.picture and not row.note and row.next_try_at is None and not kept.has(row.picture.name)
    ][:_MOST_AT_ONCE]
    over = [row.source for row in known.values() if pictures.is_forgiven(row, now=now)][:_MOST_AT_ONCE]
    if not new and not lost and not over:
        return
    with db.write() as session:
        due = [*pictures.want(session, [*new, *over], now=now)]
        due += [pictures.ask_again(session, source, now=now) for source in lost]
        for picture_id in due:
            if fetch.key_of(picture_id) not in resting:
                fetch.queue_fetch(session, picture_id, now=now)


def want(db: Database, item_ids: Sequence[int], *, now: datetime) -> None:
    """Queues asking for the pictures of these episodes that nobody has asked for: an editor gave another address."""
    with db.write() as session:
        wanted = sources(store.views(session, item_ids).values())
        for picture_id in pictures.want(session, wanted, now=now):
            fetch.queue_fetch(session, picture_id, now=now)


def _older(ids: Sequence[int], but: Sequence[int]) -> list[int]:
    seen = set(but)
    return [each for each in ids if each not in seen]


def _offset(total: int, now: datetime) -> int:
    """Returns where this minute's part of the older episodes begins: every part has its turn, and nobody counts."""
    parts = max(-(-total // _NEWEST), 1)
    return int(now.timestamp() // 60) % parts * _NEWEST


def _source(url: str | None, use: Use) -> Source | None:
    """An address as it is asked; what is none shows no picture."""
    address = absolute_url(url) if url else None
    return None if address is None else Source(address.partition("#")[0], use)
