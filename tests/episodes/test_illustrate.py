"""Pictures that episodes' pages show are asked for once, a few at a time; episodes are found by their words."""

from datetime import timedelta

import pytest

from curator.db import Database
from curator.episodes import edit, illustrate, store
from curator.episodes.values import Guest, Words
from curator.pictures import fetch
from curator.pictures import store as pictures
from curator.pictures.memory import MemoryPictures
from curator.pictures.values import Source, Use
from curator.queue import store as queue
from tests.episodes.scene import NOW, Show

COVER, FACE = "https://cdn.example/cover.jpg", "https://cdn.example/nadia.jpg"


@pytest.fixture
def show(database: Database) -> Show:
    found = Show(database)
    words = Words(
        title="What 100% of an index forgets",
        artwork_url=COVER,
        guests=(Guest("Nadia Okafor", image_url=FACE),),
        topics=("Tide tables",),
    )
    edit.edit_episode(found.db, found.episode, words, (), expected_version=0, by=None, now=NOW)
    return found


def test_artwork_and_guests_are_asked_for_once(show: Show) -> None:
    kept = MemoryPictures()
    for later in (0, 1, 2):
        illustrate.want_all(show.db, kept, now=NOW + timedelta(minutes=later))
    with show.db.read() as session:
        found = pictures.pictures(session, [Source(COVER, Use.WIDE), Source(FACE, Use.ARTWORK)])
        assert len(found) == 2
        assert all(queue.is_unfinished(session, fetch.key_of(row.id)) for row in found.values())


@pytest.mark.parametrize(
    ("words", "is_found"),
    [("", True), ("tide TABLES", True), ("nadia rebuilt", True), ("100%", True), ("100_", False), ("zebra", False)],
)
def test_episodes_are_found_by_words_of_feed_and_editor(show: Show, words: str, *, is_found: bool) -> None:
    with show.db.read() as session:
        found = store.found_ids(session, show.feed, words=words, limit=5)
        assert found == [show.episode] * is_found
        assert store.episode_count(session, show.feed, words=words) == len(found)
