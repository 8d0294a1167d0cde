"""The demo's own show: listening links, guests, chapters and a conversation that a new user can search and quote."""

from datetime import datetime
from random import Random

import pytest

from curator.db import Database
from curator.demo import seed, show
from curator.demo.feedserver import FeedServer
from curator.demo.mail import Link
from curator.demo.reading import _is_clicked
from curator.demo.samples.texts import sample_feeds
from curator.episodes import enrich, store
from curator.episodes.excerpts import suggested
from curator.episodes.missing import missing
from curator.episodes.transcripts import store as transcripts
from curator.http.client import GuardedFetcher
from curator.http.values import Limits

FETCHER = GuardedFetcher(
    Limits(connect_s=5, read_s=5, total_s=10, max_bytes=1_000_000), user_agent="test", allow_private=True
)


@pytest.fixture
def newest(sqlite_database: Database, feed_server: FeedServer, now: datetime) -> int:
    """The newest episode of the demo's own show, polled and written about."""
    seeded = seed.seed(sqlite_database, feed_server, now=now)
    seed.poll_feeds(sqlite_database, FETCHER, seeded.feed_ids, now=now, random=Random(1))
    for _ in range(2):
        show.write_show(sqlite_database, feed_server, by=seeded.owner_id, now=now)
    with sqlite_database.read() as session:
        return store.episode_ids(session, limit=1)[0]


def test_a_new_user_finds_a_full_episode(
    sqlite_database: Database, feed_server: FeedServer, newest: int, now: datetime
) -> None:
    assert enrich.fetch(sqlite_database, FETCHER, newest, now=now).note == "Fetched."
    with sqlite_database.read() as session:
        view = store.view(session, newest)
        row = transcripts.transcript_row(session, newest)
        turns = transcripts.turns(session, newest)
        found = transcripts.search(session, "nearest neighbours")
    assert row is not None
    assert row.note == ""
    assert 600 <= row.words <= 900
    assert {turn.speaker for turn in turns} == {"Mina Adeyemi", "Ngozi Balogun"}
    assert all(turn.start_ms is not None for turn in turns)
    assert [guest.role for guest in view.guests] == ["statistician"]
    assert next(chapter.title for chapter in view.chapters) == "Hello"
    assert [link.name for link in view.links] == ["Apple Podcasts", "Spotify", "YouTube", "RSS"]
    assert missing(view, has_transcript=True) == ()
    assert found
    assert len(suggested(turns)) == 5
    assert view.version == 1


def test_every_link_of_the_show_leads_to_a_page_of_this_machine(
    sqlite_database: Database, feed_server: FeedServer, newest: int
) -> None:
    with sqlite_database.read() as session:
        view = store.view(session, newest)
    urls = [link.url for link in view.links] + [link.url for guest in view.guests for link in guest.links]
    urls += [thing.url for thing in view.mentions if thing.url]
    assert len(urls) > 5
    assert [FETCHER.get(url).status for url in urls] == [200] * len(urls)


def test_every_episode_names_its_guest_and_its_host(sqlite_database: Database, newest: int) -> None:
    with sqlite_database.read() as session:
        views = store.views(session, store.episode_ids(session))
    own = next(feed for feed in sample_feeds() if feed.is_own_show)
    assert len(views) == len(own.items)
    for view in views.values():
        (guest,) = view.guests
        assert view.title.endswith(guest.name)
        assert [one.name for one in view.crew] in (["Mina Adeyemi"], ["Theo Lindqvist"])


def test_readers_of_the_demo_click_what_they_clicked_before_there_were_places_to_listen() -> None:
    words = ["The test set that leaked", "Listen", "Apple Podcasts", "RSS", "Read at Tabular"]
    assert [text for text in words if _is_clicked(Link("u", text))] == [words[0], words[1], words[4]]
    assert not _is_clicked(Link("u", "Trap", is_hidden=True))


def test_a_feeds_folder_without_the_show_is_left_alone(
    sqlite_database: Database, feed_server: FeedServer, now: datetime
) -> None:
    show.write_show(sqlite_database, feed_server, by=1, now=now)
    with sqlite_database.read() as session:
        assert store.show_rows(session) == []
