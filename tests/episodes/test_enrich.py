"""Transcripts fetched and uploaded: which stands, which is replaced, and what is said when one cannot be had."""

import json
from datetime import datetime

import pytest

from curator.db import Database
from curator.episodes import enrich
from curator.episodes.transcripts import store
from curator.episodes.transcripts.links import preferred, try_number
from curator.episodes.transcripts.values import Source, TranscriptRow
from curator.errors import InvalidError, NotFoundError, ParseError, StateError
from curator.feeds.values import TranscriptLink
from curator.http.memory import MemoryFetcher
from curator.queue import store as queue
from tests.builders import item_row
from tests.episodes.spoken import HOUR, PLACE, VTT, chapters_of, episode_row, feed_says, link, show_row, stored


@pytest.fixture
def web() -> MemoryFetcher:
    fetcher = MemoryFetcher()
    fetcher.put(f"{PLACE}/talk.vtt", VTT.encode(), headers={"Content-Type": "text/vtt"})
    return fetcher


def row(db: Database, item_id: int) -> TranscriptRow | None:
    with db.read() as session:
        return store.transcript_row(session, item_id)


def known(db: Database, item_id: int) -> TranscriptRow:
    found = row(db, item_id)
    assert found is not None
    return found


def test_the_feeds_transcript_is_kept_turn_by_turn(database: Database, web: MemoryFetcher, now: datetime) -> None:
    item = episode_row(database, show_row(database), at=now, links=[link("talk.vtt", "text/vtt", "en")])
    assert enrich.fetch(database, web, item, now=now).is_ok
    turns = stored(database, item)
    assert [turn.speaker for turn in turns] == [*("Mina Okafor", "Theo Brandt") * 2, "Mina Okafor"]
    assert (turns[2].start_ms, turns[3].position) == (723_000, 3)
    found = known(database, item)
    assert (found.source, found.is_ok, found.url, found.language) == (Source.FEED, True, f"{PLACE}/talk.vtt", "en")
    assert found.words == sum(len(turn.text.split()) for turn in turns)


def test_the_best_form_that_can_be_read_is_taken(sqlite_database: Database, web: MemoryFetcher, now: datetime) -> None:
    web.put(f"{PLACE}/talk.json", b"{broken")
    web.put(f"{PLACE}/talk.srt", b"1\n00:00:01,000 --> 00:00:02,000\nAda: From the SRT\n")
    links = [link("talk.txt", "text/plain"), link("talk.srt", "application/x-subrip")]
    links += [link("talk.json", "application/json"), link("gone.vtt", "text/vtt")]
    item = episode_row(sqlite_database, show_row(sqlite_database), at=now, links=links)
    enrich.fetch(sqlite_database, web, item, now=now)
    assert [turn.text for turn in stored(sqlite_database, item)] == ["From the SRT"]
    assert known(sqlite_database, item).note.startswith(
        "WebVTT: The server answered 404. JSON: The transcript is meant"
    )


def test_a_web_page_in_place_of_captions_is_no_transcript(
    sqlite_database: Database, web: MemoryFetcher, now: datetime
) -> None:
    web.put(f"{PLACE}/talk.vtt", b"<html><body><p>Please sign in</p></body></html>")
    item = episode_row(sqlite_database, show_row(sqlite_database), at=now, links=[link("talk.vtt", "text/vtt")])
    found = enrich.fetch(sqlite_database, web, item, now=now)
    assert not found.is_ok
    assert known(sqlite_database, item).note == "WebVTT: A web page came instead of a transcript."
    assert (known(sqlite_database, item).is_ok, stored(sqlite_database, item)) == (False, [])


def test_the_same_bytes_again_leave_the_turns_and_others_replace_them(
    database: Database, web: MemoryFetcher, now: datetime
) -> None:
    item = episode_row(database, show_row(database), at=now, links=[link("talk.vtt", "text/vtt")])
    enrich.fetch(database, web, item, now=now)
    first = known(database, item)
    enrich.fetch(database, web, item, now=now + HOUR)
    assert (known(database, item).content_hash, known(database, item).at) == (first.content_hash, now + HOUR)
    web.put(f"{PLACE}/talk.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Corrected\n")
    enrich.fetch(database, web, item, now=now + 2 * HOUR)
    assert [turn.text for turn in stored(database, item)] == ["Corrected"]


def test_trouble_later_keeps_the_turns_that_are_there(database: Database, web: MemoryFetcher, now: datetime) -> None:
    item = episode_row(database, show_row(database), at=now, links=[link("talk.vtt", "text/vtt")])
    enrich.fetch(database, web, item, now=now)
    web.fail(f"{PLACE}/talk.vtt", "The server sleeps.")
    enrich.fetch(database, web, item, now=now + HOUR)
    assert len(stored(database, item)) == 5
    assert (known(database, item).is_ok, known(database, item).note) == (True, "WebVTT: The server sleeps.")


def test_an_upload_is_never_replaced_by_the_feeds_until_it_is_removed(
    database: Database, web: MemoryFetcher, now: datetime
) -> None:
    item = episode_row(database, show_row(database), at=now, links=[link("talk.vtt", "text/vtt")])
    enrich.fetch(database, web, item, now=now)
    enrich.upload(database, item, b"Ada: By hand", name="talk.txt", by=None, now=now)
    enrich.fetch(database, web, item, now=now)
    assert [turn.text for turn in stored(database, item)] == ["By hand"]
    assert known(database, item).source is Source.EDITOR
    for _ in range(2):
        enrich.remove_upload(database, item, by=None, now=now)
    assert row(database, item) is None
    with database.read() as session:
        assert queue.is_unfinished(session, f"transcript:{item}")


def test_what_cannot_be_read_changes_nothing(sqlite_database: Database, now: datetime) -> None:
    item = episode_row(sqlite_database, show_row(sqlite_database), at=now)
    enrich.paste(sqlite_database, item, "Ada: Kept", by=None, now=now)
    with pytest.raises(ParseError, match="a PDF"):
        enrich.upload(sqlite_database, item, b"%PDF-1.4", by=None, now=now)
    assert [turn.text for turn in stored(sqlite_database, item)] == ["Kept"]


def test_an_article_takes_no_transcript(sqlite_database: Database, now: datetime) -> None:
    item = item_row(sqlite_database, None, "Small models", at=now)
    with pytest.raises(NotFoundError):
        enrich.paste(sqlite_database, item, "Ada: Hello", by=None, now=now)


def test_a_renamed_speaker_stays_renamed(database: Database, web: MemoryFetcher, now: datetime) -> None:
    item = episode_row(database, show_row(database), at=now, links=[link("talk.vtt", "text/vtt")])
    enrich.fetch(database, web, item, now=now)
    assert enrich.rename_speaker(database, item, "Theo Brandt", " Dr. Theo  Brandt ", by=None, now=now) == 2
    enrich.fetch(database, web, item, now=now)
    with database.read() as session:
        assert store.speakers(session, item) == [("Mina Okafor", 3), ("Dr. Theo Brandt", 2)]
    with pytest.raises(InvalidError):
        enrich.rename_speaker(database, item, "Mina Okafor", " ", by=None, now=now)


def test_chapters_are_fetched_once_and_bounded(database: Database, web: MemoryFetcher, now: datetime) -> None:
    listed = [
        {"startTime": 0, "title": "Intro"},
        {"startTime": 90.5, "title": "Reminders", "url": "https://show.example/r", "img": "javascript:no()"},
        {"startTime": 60, "title": "Goes back"},
        {"startTime": "later", "title": "No number"},
        {"startTime": 100, "title": "Hidden", "toc": False},
        {"startTime": 120},
    ]
    web.put(f"{PLACE}/chapters.json", json.dumps({"version": "1.2.0", "chapters": listed}).encode())
    item = episode_row(database, show_row(database), at=now, chapters_url=f"{PLACE}/chapters.json")
    for _ in range(2):
        assert enrich.fetch(database, web, item, now=now).is_ok
    found = [(each["start_s"], each["title"]) for each in chapters_of(database, item)]
    assert found == [(0.0, "Intro"), (90.5, "Reminders"), (None, "Goes back"), (None, "No number")]
    assert chapters_of(database, item)[1]["url"] == "https://show.example/r"
    assert chapters_of(database, item)[1]["image_url"] is None
    assert len(web.asked) == 1
    assert row(database, item) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"chapters": 3}', b"[" * 50_000, b"x" * 2_000_001])
def test_broken_chapters_are_a_sentence(
    sqlite_database: Database, web: MemoryFetcher, now: datetime, body: bytes
) -> None:
    web.put(f"{PLACE}/chapters.json", body)
    item = episode_row(sqlite_database, show_row(sqlite_database), at=now, chapters_url=f"{PLACE}/chapters.json")
    assert enrich.fetch(sqlite_database, web, item, now=now).note.startswith("Chapters: ")


def test_what_is_lacking_is_found_and_what_is_there_is_not(
    database: Database, web: MemoryFetcher, now: datetime
) -> None:
    show = show_row(database)
    linked = [link("talk.vtt", "text/vtt")]
    good, bad, none = (
        episode_row(database, show, at=now, title=title, links=each)
        for title, each in (("Good", linked), ("Bad", [link("gone.vtt", "text/vtt")]), ("None", []))
    )
    assert lacking(database, now) == {good, bad}
    for item in (good, bad, none):
        enrich.fetch(database, web, item, now=now)
    assert lacking(database, now) == {bad}
    feed_says(database, good, *linked, at=now + HOUR)
    assert lacking(database, now) == {good, bad}
    enrich.upload(database, good, b"Ada: Hello", by=None, now=now)
    assert lacking(database, now) == {bad}
    assert lacking(database, now + HOUR) == set()


def lacking(db: Database, since: datetime) -> set[int]:
    with db.read() as session:
        return {each.item_id for each in store.lacking(session, since=since)}


def test_a_show_of_others_is_left_alone(sqlite_database: Database, now: datetime) -> None:
    show = show_row(sqlite_database)
    episode_row(sqlite_database, show, at=now, links=[link("talk.vtt", "text/vtt")])
    from sqlalchemy import update

    from curator.feeds.tables import Feed

    with sqlite_database.write() as session:
        session.execute(update(Feed).values(is_own_show=False))
    assert lacking(sqlite_database, now) == set()


def test_asking_again_needs_something_to_ask_for(sqlite_database: Database, now: datetime) -> None:
    show = show_row(sqlite_database)
    item = episode_row(sqlite_database, show, at=now)
    with pytest.raises(StateError, match="links to no transcript"):
        enrich.ask_again(sqlite_database, item, now=now)
    other = episode_row(sqlite_database, show, at=now, title="Other", links=[link("talk.vtt", "text/vtt")])
    enrich.ask_again(sqlite_database, other, now=now)
    with sqlite_database.read() as session:
        assert queue.is_unfinished(session, f"transcript:{other}")


def test_tries_come_at_once_then_after_1_2_4_and_8_hours(now: datetime) -> None:
    tries = [try_number(now, now=now + hours * HOUR) for hours in (-1, 0, 0.9, 1, 1.9, 2, 3.9, 4, 7.9, 8)]
    assert tries == [0, 0, 0, 1, 1, 2, 2, 3, 3, 4]


def test_the_shows_language_goes_before_the_form() -> None:
    links = [link("a.vtt", "text/vtt", "de"), link("b.txt", "text/plain", "en-GB"), link("c.html", "text/html")]
    assert [each.url[-5:] for each in preferred(links, language="en")] == ["c.html"[-5:], "b.txt"[-5:], "a.vtt"[-5:]]
    assert preferred([TranscriptLink(f"{PLACE}/x", "")], language=None)
