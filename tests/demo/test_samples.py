"""The sample texts are whole, dated back from the start, and tell the same stories in several feeds."""

import struct
import zlib
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest

from curator.demo.samples import media
from curator.demo.samples.documents import feed_document
from curator.demo.samples.texts import SampleFeed, sample_feeds

FEEDS = sample_feeds()
BASE = "http://127.0.0.1:9"


def document(feed: SampleFeed, now: datetime) -> bytes:
    return feed_document(feed, base_url=BASE, now=now, audio_bytes=1)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_a_sample_is_sound_and_of_its_own_form(feed: SampleFeed, now: datetime) -> None:
    parsed = feedparser.parse(document(feed, now))
    assert not parsed.bozo
    assert parsed.version == {"rss": "rss20", "atom": "atom10", "rdf": "rss10"}[feed.form]
    assert parsed.feed.title == feed.title
    assert [entry.title for entry in parsed.entries] == [item.title for item in feed.items]
    assert all(entry.link.startswith(BASE + "/read/") for entry in parsed.entries)


def test_there_is_one_own_show_of_six_episodes_and_it_comes_first() -> None:
    assert [feed.is_own_show for feed in FEEDS] == [True] + [False] * (len(FEEDS) - 1)
    assert [item.number for item in FEEDS[0].items] == [12, 11, 10, 9, 8, 7]
    assert all(100 <= len(item.text.split()) <= 140 for item in FEEDS[0].items)


def test_items_are_newest_first_with_slugs_of_their_own() -> None:
    for feed in FEEDS:
        assert [item.hours for item in feed.items] == sorted(item.hours for item in feed.items)
        assert len({item.slug for item in feed.items}) == len(feed.items)
    assert 60 <= sum(len(feed.items) for feed in FEEDS) <= 100


@pytest.mark.parametrize(("story", "least"), [("Oakfield", 5), ("Meridian-3", 4), ("Harbour County", 4)])
def test_a_story_is_told_by_several_feeds(story: str, least: int) -> None:
    tellers = [feed for feed in FEEDS if any(story in item.title + item.text for item in feed.items)]
    assert len(tellers) >= least


def test_dates_go_back_from_the_start(now: datetime) -> None:
    parsed = feedparser.parse(document(FEEDS[0], now))
    assert parsedate_to_datetime(parsed.entries[0].published) == now - timedelta(hours=FEEDS[0].items[0].hours)


def test_a_cover_is_a_png_that_says_its_own_size_truly() -> None:
    png = media.cover("held-out", side=24)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (24, 24)
    length = struct.unpack(">I", png[33:37])[0]
    assert len(zlib.decompress(png[41 : 41 + length])) == 24 * (24 * 3 + 1)
    assert media.cover("held-out") != media.cover("tabular")
