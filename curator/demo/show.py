"""The demo's own show as its editors keep it: where to listen, and what they wrote about its newest episode."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.samples.documents import image_path, listen_path
from curator.demo.samples.texts import FOLDER, SampleFeed, sample_feeds
from curator.episodes import edit, store
from curator.episodes.platforms import Platform
from curator.episodes.values import EpisodeView, Guest, ListeningLink, Mention, MentionKind, WebLink, Words


def write_show(db: Database, server: FeedServer, *, by: int, now: datetime) -> None:
    """Writes links and words where nobody wrote any, once the show's feed was polled; a second call adds nothing.

    It comes after the past: back issues went out before there were links.
    """
    with db.read() as session:
        shows = store.show_rows(session)
        views = store.views(session, store.episode_ids(session))
    for show in shows:
        if not show.links:
            places, seen = _places(server), edit.links_version(())
            edit.edit_show_links(db, show.feed_id, places, expected_version=seen, by=by, now=now)
    for view in views.values():
        words = _words(view, server.base_url)
        if words is not None and view.version == 0:
            edit.edit_episode(db, view.item_id, words, (), expected_version=0, by=by, now=now)


def _places(server: FeedServer) -> list[ListeningLink]:
    """Returns places on this machine: an invented show is carried nowhere else. Its feed is the last of them."""
    feed = _own_show()
    found = [ListeningLink(Platform(name), server.base_url + listen_path(feed, name)) for name in feed.listen]
    rss = server.own_show_url
    return [*found, ListeningLink(Platform.RSS, rss)] if rss else found


def _own_show() -> SampleFeed:
    return next(feed for feed in sample_feeds() if feed.is_own_show)


@cache
def _written() -> dict[str, dict[str, Any]]:
    """Returns what the demo's editors wrote about episodes, by the items' slugs."""
    read: dict[str, dict[str, Any]] = json.loads((FOLDER / "talks" / "words.json").read_text(encoding="utf-8"))
    return read


def _words(view: EpisodeView, base_url: str) -> Words | None:
    told = _written().get((view.told.url or "").rpartition("/")[2])
    if told is None:
        return None
    guest = told["guest"]
    path, label = guest["link"]
    link = WebLink(base_url + path, label)
    return Words(
        subtitle=told["subtitle"],
        artwork_url=base_url + image_path(_own_show()),
        artwork_alt="The cover of Held Out: slanting stripes in two colours",
        artwork_credit="Held Out",
        guests=(Guest(guest["name"], guest["role"], guest["biography"], (link,)),),
        topics=tuple(told["topics"]),
        mentions=tuple(
            Mention(MentionKind(kind), title, base_url + path if path else None)
            for kind, title, path in told["mentions"]
        ),
    )
