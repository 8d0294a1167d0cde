"""What of a parsed item is kept, and how it is read again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from curator.db import Database
from curator.feeds import store
from curator.feeds.merge import placed
from curator.feeds.parse import parsed_feed
from curator.feeds.values import Chapter, ParsedEpisode, Person, Soundbite, TranscriptLink
from tests import builders
from tests.feeds.documents import item, rss

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
WHOLE = ParsedEpisode(
    duration_s=3723,
    season=2,
    number=7,
    episode_type="full",
    subtitle="Ada on engines",
    guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
    is_explicit=False,
    image_url="https://feed.example/7.png",
    author="Ada",
    location="London",
    chapters_url="https://feed.example/7.json",
    people=(Person("Ada", "guest", "cast", "https://ada.example/", "https://ada.example/a.png"), Person("Bob")),
    transcripts=(TranscriptLink("https://feed.example/7.vtt", "text/vtt", "en", is_captions=True),),
    chapters=(Chapter(0.0, "Hello"), Chapter(None, "Engines", "https://feed.example/e", None)),
    soundbites=(Soundbite(12.5, 30.0, "On weaving"),),
)


def test_an_episodes_facts_come_back_as_they_were_parsed(database: Database) -> None:
    feed_id = builders.feed_row(database)
    (parsed,) = parsed_feed(rss(item(guid="7", audio="/7.mp3")), url="https://feed.example/", headers={}).items
    whole = placed(replace(parsed, episode=WHOLE), is_first_poll=True, now=NOW)
    with database.write() as session:
        store.add_items(session, feed_id, [whole], now=NOW)
    with database.read() as session:
        (found,) = store.fresh_items(session, since=None, include_archive=True)
        assert store.episode_facts(session, found.id) == WHOLE
        assert store.episode_facts(session, found.id + 1) is None


def test_edits_are_counted_until_nobody_wants_to_hear_of_them(database: Database) -> None:
    feed_id = builders.feed_row(database)
    (first,) = parsed_feed(rss(item("One", guid="7")), url="https://feed.example/", headers={}).items
    (second,) = parsed_feed(rss(item("Two", guid="7")), url="https://feed.example/", headers={}).items
    later = NOW + timedelta(hours=1)
    with database.write() as session:
        store.add_items(session, feed_id, [placed(first, is_first_poll=False, now=NOW)], now=NOW)
    for is_counted, edits, title, item_of in ((True, 1, "Two", second), (False, 1, "One", first)):
        with database.write() as session:
            (known,) = store.known_items(session, feed_id, identities={first.identity}, canonical_urls=set())
            store.change_items(session, [(known.id, item_of)], now=later, is_counted=is_counted)
        with database.read() as session:
            (known,) = store.known_items(session, feed_id, identities={first.identity}, canonical_urls=set())
            assert (known.edits, store.items_by_id(session, [known.id])[known.id].title) == (edits, title)
