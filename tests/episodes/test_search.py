"""Search over transcripts: the same on both databases, and nothing that somebody types is an error."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.db import Database
from curator.episodes import enrich
from curator.episodes.transcripts import passages, store
from curator.episodes.transcripts.values import Found
from tests.episodes.spoken import episode_row, show_row

TALK = """Ada (00:01): The tide pools were full of anemones and crabs.
Bo (01:02): Crabs! And what of O'Neill's state-of-the-art 3.5 kg tracker?
Ada (02:03): Élodie built the tracker. <b>Markets</b> & so on.
"""


@pytest.fixture
def item(database: Database, now: datetime) -> int:
    item_id = episode_row(database, show_row(database), at=now)
    enrich.paste(database, item_id, TALK, by=None, now=now)
    return item_id


def found(db: Database, words: str) -> list[Found]:
    with db.read() as session:
        return store.search(session, words, 10)


@pytest.mark.parametrize(
    ("words", "positions"),
    [
        ("anemones", {0}),
        ("ANEM", {0}),
        ("crabs", {0, 1}),
        ("crabs tide", {0}),
        ("tracker crab", {1}),
        ("O'Neill", {1}),
        ("state-of-the-art", {1}),
        ("3.5", {1}),
        ("élodie", {2}),
        ("whale", set()),
        ("tide whale", set()),
    ],
)
def test_all_words_must_stand_in_the_turn_and_the_last_may_be_a_beginning(
    database: Database, item: int, words: str, positions: set[int]
) -> None:
    assert {each.position for each in found(database, words)} == positions


def test_a_hit_names_episode_speaker_and_time_and_marks_the_words(database: Database, item: int) -> None:
    (hit,) = found(database, "markets")
    assert (hit.item_id, hit.episode, hit.show) == (item, "Tide pools", "The AI Podcast")
    assert (hit.speaker, hit.start_ms) == ("Ada", 123_000)
    assert [piece.text for piece in hit.pieces if piece.is_hit] == ["Markets"]
    assert "".join(piece.text for piece in hit.pieces) == "Élodie built the tracker. <b>Markets</b> & so on."


def test_what_was_replaced_is_found_no_more(database: Database, item: int, now: datetime) -> None:
    enrich.paste(database, item, "Ada: Other words", by=None, now=now)
    assert found(database, "anemones") == []
    assert len(found(database, "other")) == 1


ODD = [
    "",
    " ",
    "*",
    '"',
    "'",
    "a:*",
    "NEAR(a b)",
    "a AND",
    "OR",
    "text:x",
    "(",
    "a & | !",
    "\\",
    "%",
    "-x",
    "^a",
    "ä" * 500,
    "{a b}:c",
    "'':*",
]


@pytest.mark.parametrize("words", ODD)
def test_odd_questions_are_no_error(database: Database, item: int, words: str) -> None:
    assert isinstance(found(database, words), list)


@given(st.text(max_size=40))
def test_any_text_can_be_asked_for_of_fts5(words: str) -> None:
    import sqlite3

    asked = passages.asked(words)
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create virtual table t using fts5(text)")
        if asked:
            connection.execute("select * from t where t match ?", [passages.for_fts5(asked)]).fetchall()
    connection.close()


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=5), max_size=4))
def test_a_passage_is_made_of_the_text(text: str, words: list[str]) -> None:
    pieces = [piece.text for piece in passages.passage(text, words) if piece.text not in ("… ", " …")]
    assert "".join(pieces) in text
