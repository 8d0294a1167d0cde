"""What comes out of JSON Feeds."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ParseError
from curator.feeds.parse import parsed_feed
from curator.feeds.values import FeedKind, ItemKind, ParsedEnclosure, ParsedFeed

URL = "https://feed.example/feed.json"


def parsed(document: Any) -> ParsedFeed:
    return parsed_feed(json.dumps(document).encode(), url=URL, headers={})


def feed(*items: Any, version: str = "https://jsonfeed.org/version/1.1", **more: Any) -> dict[str, Any]:
    return {"version": version, "title": "Notes & more", "items": list(items), **more}


def test_a_json_feed_is_read_by_its_content() -> None:
    one = {
        "id": "1",
        "url": "/one",
        "title": "1 < 2",
        "content_html": "<p>With <a href='/ada'>Ada</a></p>",
        "summary": "Short",
        "image": "/one.png",
        "date_published": "2026-11-03T08:00:00+01:00",
        "authors": [{"name": "Ada"}, {"name": "Bob"}],
    }
    found = parsed(feed(one, home_page_url="https://feed.example/", language="en-GB", icon="/icon.png"))
    assert (found.kind, found.title, found.site_url) == (FeedKind.ARTICLE, "Notes & more", "https://feed.example/")
    assert (found.language, found.image_url) == ("en-GB", "https://feed.example/icon.png")
    (item,) = found.items
    assert (item.url, item.title, item.author) == ("https://feed.example/one", "1 < 2", "Ada, Bob")
    assert item.summary_html.startswith('<p>With <a href="https://feed.example/ada"')
    assert (item.summary_text, item.image_url) == ("With Ada", "https://feed.example/one.png")
    assert item.published_at == datetime(2026, 11, 3, 7, tzinfo=UTC)


def test_version_1_with_plain_text_and_audio_is_a_podcast() -> None:
    audio = {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12, "duration_in_seconds": 187.0}
    one = {"id": 7, "content_text": "a <b> & c", "attachments": [audio], "author": {"name": "Ada"}}
    found = parsed(feed(one, version="https://jsonfeed.org/version/1"))
    (item,) = found.items
    assert (found.kind, item.kind, item.author) == (FeedKind.PODCAST, ItemKind.EPISODE, "Ada")
    assert item.enclosures == (ParsedEnclosure("https://feed.example/a.mp3", "audio/mpeg", 12),)
    assert (item.summary_text, item.episode and item.episode.duration_s) == ("a <b> & c", 187)


def test_a_json_feed_without_items_is_a_feed() -> None:
    assert parsed(feed()).items == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"version": "2"}', "JSON, not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON, not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}', "JSON, not a feed"),
        (b'{"version": ', "damaged"),
        (b'{"a":' * 100_000, "damaged"),
        (b'{"a": ' + b"9" * 5000 + b"}", "damaged"),
    ],
)
def test_json_that_is_no_feed_says_so(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parsed_feed(body, url=URL, headers={})


NAMES = ["id", "url", "title", "content_html", "content_text", "date_published", "attachments", "authors", "image"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "name", "mime_type"]), inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES) | VALUES, max_size=3), VALUES)
def test_any_json_feed_is_read(items: list[Any], title: Any) -> None:
    found = parsed({**feed(*items), "title": title, "language": title, "icon": title})
    f"{found}".encode()
