"""Transcripts and passages at the desk: uploaded, searched, trimmed, placed on a board."""

import io
import re
from html import unescape

import pytest

from curator.app import App
from curator.episodes.quotes import store as quotes
from curator.episodes.transcripts import store
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.values import BlockKind, BoardBlock
from curator.queue import store as queue
from tests.episodes.spoken import ANSWER, VTT, feed_says, link
from tests.web.conftest import Browser, Newsroom


@pytest.fixture
def item(newsroom: Newsroom) -> int:
    return newsroom.episodes[0]


@pytest.fixture
def talk(mina: Browser, item: int) -> int:
    """An episode with a transcript."""
    assert upload(mina, item, VTT.encode(), "talk.vtt").status_code == 303
    return item


def upload(browser: Browser, item: int, body: bytes, name: str):
    return browser.post(f"/desk/episodes/{item}/transcript", {"file": (io.BytesIO(body), name)})


def taken(app: App, item: int):
    with app.db.read() as session:
        return quotes.quotes_of(session, item)


def test_an_episode_without_a_transcript_says_what_to_do(mina: Browser, item: int) -> None:
    page = mina.see(f"/desk/episodes/{item}/transcript")
    assert "No transcript yet" in page
    assert "The feed links to none" in page
    assert "Upload one" in mina.see(f"/desk/episodes/{item}/excerpts")


def test_an_uploaded_file_is_shown_with_speakers_and_times(mina: Browser, item: int) -> None:
    page = mina.follow(upload(mina, item, VTT.encode(), "talk.vtt"))
    assert "5 turns by 2 speakers, read as WebVTT" in page
    assert page.index("Mina Okafor") < page.index("12:03")
    assert ANSWER in unescape(page)


def test_one_turn_is_called_one(mina: Browser, item: int) -> None:
    assert "1 turn by 1 speaker, read as" in mina.follow(upload(mina, item, b"Ada: One", "talk.txt"))


def test_pasted_text_is_taken_and_an_empty_form_is_not(mina: Browser, sqlite_app: App, item: int) -> None:
    address = f"/desk/episodes/{item}/transcript"
    assert "Choose a file, or paste the text" in mina.post(address).text
    mina.follow(mina.post(address, {"text": "Ada: One\r\nBo: Two"}))
    with sqlite_app.db.read() as session:
        assert [(turn.speaker, turn.text) for turn in store.turns(session, item)] == [("Ada", "One"), ("Bo", "Two")]


def test_a_file_that_is_no_transcript_is_refused_in_words(mina: Browser, item: int) -> None:
    answer = upload(mina, item, b"%PDF-1.7", "talk.pdf")
    assert answer.status_code == 422
    assert "This is no transcript but a PDF; save it as text first." in answer.text


def test_what_was_not_understood_is_said(mina: Browser, item: int) -> None:
    broken = b"WEBVTT\n\n00:05.000 --> 00:06.000\nOne.\n\n00:xx --> 00:08.000\nTwo.\n"
    page = mina.follow(upload(mina, item, broken, "x.vtt"))
    assert "Not everything was understood" in page
    assert "1 time cannot be read and was left out." in page


def test_a_speaker_is_renamed_throughout(mina: Browser, sqlite_app: App, talk: int) -> None:
    address = f"/desk/episodes/{talk}/transcript/speaker"
    assert "Renamed in 2 turns" in mina.follow(mina.post(address, {"old": "Theo Brandt", "name": "Dr. Brandt"}))
    page = mina.post(address, {"old": "Dr. Brandt", "name": "B" * 121}).text
    assert "Give a name of 1 to 120 characters." in page
    assert 'href="#name"' in page
    assert page.count('id="name"') == 1, "the complaint leads to the field"
    assert "B" * 121 in page, "what was typed is still there"
    with sqlite_app.db.read() as session:
        assert store.speakers(session, talk) == [("Mina Okafor", 3), ("Dr. Brandt", 2)]


def test_taking_an_upload_away_has_the_feeds_fetched(mina: Browser, sqlite_app: App, talk: int) -> None:
    feed_says(sqlite_app.db, talk, link("talk.vtt", "text/vtt"), at=sqlite_app.clock())
    page = mina.follow(mina.post(f"/desk/episodes/{talk}/transcript/remove"))
    assert "It is being fetched from the feed" in page
    with sqlite_app.db.read() as session:
        assert queue.is_unfinished(session, f"transcript:{talk}")


def test_a_search_marks_what_it_found_and_escapes_the_rest(mina: Browser, item: int) -> None:
    mina.post(f"/desk/episodes/{item}/transcript", {"text": "Ada (00:01): A <b>tide</b> pool & more"})
    page = mina.see("/desk/transcripts?q=tide+poo")
    assert "A &lt;b&gt;<mark>tide</mark>&lt;/b&gt; <mark>pool</mark> &amp; more" in page
    assert "at 0:01" in page
    assert "Nobody said that" in mina.see("/desk/transcripts?q=whale")
    assert "Tide pools" in mina.see("/desk/transcripts")
    for odd in ("%22", "*", "a+AND", "(", "%00"):
        assert mina.client.get(f"/desk/transcripts?q={odd}").status_code == 200


def test_a_search_before_any_transcript_says_where_they_come_from(mina: Browser) -> None:
    assert "No transcripts yet" in mina.see("/desk/transcripts")


def test_the_question_and_its_answer_are_suggested(mina: Browser, talk: int) -> None:
    page = unescape(mina.see(f"/desk/episodes/{talk}/excerpts"))
    assert "1 suggestion" in page
    assert ANSWER in page
    assert "What did you find out about reminders" in page
    assert "Welcome to the show" not in page


def test_a_quote_is_trimmed_placed_moved_and_taken_out(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, talk: int
) -> None:
    issue_id = newsroom.issue()
    words = "Most reminders only train the hand. … So a reminder is a way to measure wishes."
    form = {"first": 2, "last": 3, "words-0": "", "words-1": words, "place": f"{issue_id}:{newsroom.sections[0]}"}
    for _ in range(2):
        answer = mina.post(f"/desk/episodes/{talk}/excerpts", form)
        assert answer.headers["Location"].startswith(f"/desk/issues/{issue_id}#block-")
    page = mina.follow(answer)
    assert "So a reminder is a way to measure wishes" in page
    block = quote_of(sqlite_app, issue_id)
    address = f"/desk/issues/{issue_id}/blocks/{block.id}"
    page = mina.follow(mina.post(address, {"do": "move", "to": newsroom.sections[2]}))
    assert "is moved: Recommendations, position" in page
    assert "is taken out" in mina.follow(mina.post(address, {"do": "remove"}))
    assert len(taken(sqlite_app, talk)) == 1
    page = mina.follow(mina.post(f"/desk/quotes/{taken(sqlite_app, talk)[0].id}/remove"))
    assert "The quote is forgotten" in page
    assert taken(sqlite_app, talk) == []


def quote_of(app: App, issue_id: int) -> BoardBlock:
    with app.db.read() as session:
        shown = issues.board(session, issue_id)
    (block,) = [each for section in shown.sections for each in section.blocks if each.kind is BlockKind.QUOTE]
    return block


def test_words_that_were_not_said_are_refused_and_stay_in_the_form(mina: Browser, sqlite_app: App, talk: int) -> None:
    form = {"first": 3, "last": 3, "words-0": "Reminders are wonderful."}
    answer = mina.post(f"/desk/episodes/{talk}/excerpts", form)
    assert answer.status_code == 422
    assert "“are” was not said here" in answer.text or "“wonderful.” was not said here" in answer.text
    assert "Reminders are wonderful." in answer.text
    assert taken(sqlite_app, talk) == []


def test_a_refused_quote_keeps_the_place_that_was_chosen(mina: Browser, newsroom: Newsroom, talk: int) -> None:
    place = f"{newsroom.issue()}:{newsroom.sections[1]}"
    form = {"first": 3, "last": 3, "words-0": "Reminders are wonderful.", "place": place}
    assert f'<option value="{place}" selected>' in mina.post(f"/desk/episodes/{talk}/excerpts", form).text


def test_any_turn_can_be_chosen_and_kept_for_later(mina: Browser, sqlite_app: App, talk: int) -> None:
    assert "The passage that you chose" in mina.see(f"/desk/episodes/{talk}/excerpts?first=4&last=4")
    mina.follow(mina.post(f"/desk/episodes/{talk}/excerpts", {"first": 4, "last": 4, "words-0": "That is a surprise."}))
    (quote,) = taken(sqlite_app, talk)
    assert (quote.turns[0].text, quote.start_ms) == ("That is a surprise.", 760_000)


def test_endless_words_are_refused_before_they_are_looked_for(mina: Browser, sqlite_app: App, talk: int) -> None:
    form = {"first": 4, "last": 4, "words-0": "that is " * 60_000}
    answer = mina.post(f"/desk/episodes/{talk}/excerpts", form)
    assert answer.status_code == 422
    assert "The quotation has 120,000 words; at most 350 are fair to quote." in answer.text
    assert taken(sqlite_app, talk) == []


def test_the_desk_says_that_readers_see_a_quote_on_the_page_of_an_own_shows_episode(
    mina: Browser, newsroom: Newsroom, talk: int
) -> None:
    form = {"first": 4, "last": 4, "words-0": "That is a surprise."}
    assert "Readers see it on the page of the episode." in mina.follow(
        mina.post(f"/desk/episodes/{talk}/excerpts", form)
    )
    assert "That is a surprise." in mina.see(f"/e/{talk}")
    assert "Readers see these on the page of the episode" in mina.see(f"/desk/episodes/{talk}/excerpts")


def test_a_link_beyond_the_end_shows_the_transcript_from_its_beginning(mina: Browser, talk: int) -> None:
    page = mina.see(f"/desk/episodes/{talk}/transcript?from=900")
    assert "No transcript yet" not in page
    assert 'id="turn-0"' in page


def test_a_quote_that_stands_in_an_issue_is_not_forgotten(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, talk: int
) -> None:
    issue_id = newsroom.issue()
    mina.post(f"/desk/episodes/{talk}/excerpts", {"first": 4, "last": 4, "words-0": "That is a surprise."})
    (quote,) = taken(sqlite_app, talk)
    mina.post(f"/desk/quotes/{quote.id}/place", {"place": f"{issue_id}:"})
    assert mina.post(f"/desk/quotes/{quote.id}/remove").status_code == 422
    assert len(taken(sqlite_app, talk)) == 1


def test_a_quote_needs_a_place_that_is_there(mina: Browser, newsroom: Newsroom, talk: int) -> None:
    issue_id = newsroom.issue()
    form = {"first": 4, "last": 4, "words-0": "That is a surprise."}
    for place in ("x", "999:1", f"{issue_id}:999"):
        answer = mina.post(f"/desk/episodes/{talk}/excerpts", {**form, "place": place})
        assert answer.status_code == 422
        assert 'href="#place"' in answer.text
        assert answer.text.count('id="place"') == 1, "the complaint leads to the field"


def test_a_quote_is_a_quotation_in_mail_text_and_hash(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, talk: int
) -> None:
    issue_id = newsroom.issue()
    before = publish.render(sqlite_app.db, sqlite_app.renderer, issue_id, now=sqlite_app.clock())
    form = {"first": 2, "last": 3, "words-0": "What did you find out?", "words-1": ANSWER[:80]}
    form["words-0"] = "What did you find out about reminders"
    form["words-1"] = "Most reminders only train the hand to swipe them away."
    mina.post(f"/desk/episodes/{talk}/excerpts", {**form, "place": f"{issue_id}:{newsroom.sections[0]}"})
    after = publish.render(sqlite_app.db, sqlite_app.renderer, issue_id, now=sqlite_app.clock())
    assert after.content_hash != before.content_hash
    assert re.search(r"<blockquote.*Theo Brandt:.*train the hand.*</blockquote>.*<cite", after.html, re.DOTALL)
    assert "  > Theo Brandt: Most reminders only train the hand to swipe them away." in after.text
    assert "  - Mina Okafor and Theo Brandt, Tide pools, at 12:03" in after.text
    assert f"/{newsroom.show}/tide-pools#t=723" in after.text
