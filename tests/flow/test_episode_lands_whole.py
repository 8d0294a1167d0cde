"""A podcast feed with repeated people, a transcript and chapters lands whole in the episode's page and in the mail."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from curator.app import App
from curator.clock import Clock
from curator.db import Database
from curator.episodes import edit, store
from curator.episodes.platforms import Platform
from curator.episodes.values import ListeningLink
from curator.feeds import ingest
from curator.http.memory import MemoryFetcher
from curator.issues import board, publish
from curator.web import create_app
from tests import builders
from tests.web.conftest import Browser, make_app

FEED = "https://latent-waves.example/feed.xml"
TRANSCRIPT = "https://latent-waves.example/41.vtt"
DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters">
<channel>
  <title>Latent Waves</title>
  <link>https://latent-waves.example/</link>
  <language>en</language>
  <item>
    <guid isPermaLink="false">latent-waves-41</guid>
    <title>What a vector index forgets</title>
    <link>https://latent-waves.example/41</link>
    <pubDate>Mon, 16 Nov 2026 06:00:00 +0000</pubDate>
    <itunes:subtitle>An index is rebuilt while it is read</itunes:subtitle>
    <itunes:duration>38:00</itunes:duration>
    <itunes:season>2</itunes:season>
    <itunes:episode>41</itunes:episode>
    <description><![CDATA[
      <p>Nadia rebuilt a billion-vector index while it was being read.</p>
      <p>Topics:</p><ul><li>Vector indexes</li><li>Forgetting</li></ul>
      <p>Mentioned: <a href="https://books.example/cards">The Card Catalog</a></p>
    ]]></description>
    <enclosure url="https://cdn.latent-waves.example/41.mp3" type="audio/mpeg" length="36480000"/>
    <podcast:person role="host">Mina Adeyemi</podcast:person>
    <podcast:person role="guest" href="https://nadia.example/">Nadia Okafor</podcast:person>
    <podcast:person role="guest">Jo Park</podcast:person>
    <podcast:transcript url="{TRANSCRIPT}" type="text/vtt" language="en"/>
    <psc:chapters version="1.2">
      <psc:chapter start="0:00" title="Hello"/>
      <psc:chapter start="12:40.500" title="What is lost" href="https://latent-waves.example/41#lost"/>
    </psc:chapters>
  </item>
</channel></rss>
"""


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path) -> App:
    return make_app(database, clock, tmp_path, public_url="https://news.example")


@pytest.fixture
def flask(app: App) -> Flask:
    return create_app(app)


@pytest.fixture
def episode(app: App) -> int:
    """The one episode of the feed, polled as the worker does it."""
    assert isinstance(app.fetcher, MemoryFetcher)
    app.fetcher.put(FEED, DOCUMENT.encode(), headers={"Content-Type": "application/rss+xml"})
    feed_id = ingest.add_feed(app.db, FEED, now=app.clock(), is_own_show=True)
    links = [
        ListeningLink(Platform.APPLE, "https://podcasts.apple.com/show/1"),
        ListeningLink(Platform.STITCHER, "https://www.stitcher.com/show/1"),
        ListeningLink(Platform.RSS, FEED),
    ]
    seen = edit.links_version(())
    edit.edit_show_links(app.db, feed_id, links, expected_version=seen, by=None, now=app.clock())
    edit.retire(app.db, Platform.STITCHER, by=None, now=app.clock())
    outcome = ingest.poll(app.db, app.fetcher, feed_id, now=app.clock(), random=app.random)
    assert (outcome.is_ok, outcome.new) == (True, 1), outcome.note
    with app.db.read() as session:
        (item_id,) = store.episode_ids(session)
    return item_id


def test_all_of_it_stands_on_the_episodes_page(app: App, flask: Flask, episode: int) -> None:
    page = Browser(flask.test_client()).see(f"/e/{episode}")
    for words in (
        "What a vector index forgets",
        "An index is rebuilt while it is read",
        "Nadia Okafor",
        "Jo Park",
        "Mina Adeyemi",
        'href="https://nadia.example/"',
        "What is lost",
        'href="https://cdn.latent-waves.example/41.mp3#t=760"',
        "Apple Podcasts",
        "Season 2, episode",
        "38 min",
    ):
        assert words in page
    assert "Stitcher" not in page


def test_all_of_it_stands_in_the_mail(app: App, episode: int) -> None:
    newsletter = builders.newsletter_row(app.db)
    section, *_ = builders.section_rows(app.db, newsletter)
    issue = publish.draft(app.db, newsletter, now=app.clock(), due_at=app.clock() + timedelta(days=3))
    board.pick_into(app.db, issue, episode, section, by=None, now=app.clock())
    revision = publish.render(app.db, app.renderer, issue, now=app.clock())
    assert "With Nadia Okafor and Jo Park" in revision.text
    assert "Listen on Apple Podcasts: https://podcasts.apple.com/show/1" in revision.text
    assert "Stitcher" not in revision.text + revision.html
    assert 'aria-label="Listen on Apple Podcasts: What a vector index forgets"' in revision.html


def test_the_next_poll_leaves_an_editors_words_alone(app: App, flask: Flask, episode: int) -> None:
    with app.db.read() as session:
        view = store.view(session, episode)
    words = replace(view.words, title="In our own words", topics=("Indexes",))
    edit.edit_episode(app.db, episode, words, (), expected_version=0, by=None, now=app.clock())
    assert isinstance(app.fetcher, MemoryFetcher)
    changed = DOCUMENT.replace("What a vector index forgets", "Renamed by the feed").replace("Jo Park", "Kim Lee")
    app.fetcher.put(FEED, changed.encode(), headers={"Content-Type": "application/rss+xml"})
    later = app.clock() + timedelta(days=1)
    ingest.poll(app.db, app.fetcher, view.told.feed_id, now=later, random=app.random)
    page = Browser(flask.test_client()).see(f"/e/{episode}")
    assert "In our own words" in page
    assert "Renamed by the feed" not in page
    assert "Kim Lee" in page
    assert "Jo Park" not in page
