"""Passages worth quoting: whole turns, a question with its answer, no small talk, five that differ, always the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.episodes.excerpts import MAX_WORDS, MIN_WORDS, is_small_talk, suggested, word_count
from curator.episodes.transcripts.values import StoredTurn
from tests.episodes.conversations import ANSWER, HELLO, QUESTION, SPONSOR, THANKS, talk, turn


def test_five_passages_of_whole_turns_are_suggested() -> None:
    turns = talk()
    found = suggested(turns)
    assert len(found) == 5
    for each in found:
        assert each.turns == tuple(turns[each.first : each.last + 1])
        assert MIN_WORDS <= each.words <= MAX_WORDS
        assert each.start_ms == turns[each.first].start_ms
        assert each.speaker == "Theo"


def test_a_question_stays_with_its_answer() -> None:
    answers = [each for each in suggested(talk(), how_many=50) if ANSWER in [turn.text for turn in each.turns]]
    assert [[turn.text for turn in each.turns] for each in answers] == [[QUESTION, ANSWER]]


def test_small_talk_is_never_suggested() -> None:
    said = {turn.text for each in suggested(talk(), how_many=100) for turn in each.turns}
    assert said.isdisjoint({HELLO, SPONSOR, THANKS})


@pytest.mark.parametrize(
    "text", [HELLO, SPONSOR, THANKS, "Herzlich willkommen und vielen Dank, dass du da bist!", "Merci, au revoir !"]
)
def test_greetings_sponsors_and_thanks_are_small_talk(text: str) -> None:
    assert is_small_talk(text)


def test_an_answer_that_thanks_once_is_none() -> None:
    assert not is_small_talk(f"Thanks for asking. {ANSWER}")


def test_passages_share_no_turn_and_come_out_the_same_every_time() -> None:
    turns = talk(words=6_000)
    found = suggested(turns)
    places = [place for each in found for place in range(each.first, each.last + 1)]
    assert len(places) == len(set(places))
    assert suggested(turns) == found


def test_a_turn_without_end_is_cut_to_whole_sentences() -> None:
    sentences = [f"Sentence number{n} tells of thing{n} and matter{n % 7} in plain words." for n in range(200)]
    found = suggested([turn(0, "Ada", " ".join(sentences), at_s=9)])
    assert found
    for each in found:
        assert MIN_WORDS <= each.words <= MAX_WORDS
        assert each.turns[0].text.startswith("Sentence number")
        assert each.turns[0].text.endswith("words.")


def test_of_an_endless_transcript_the_beginning_is_looked_at() -> None:
    long = " ".join(f"Number {number} is said." for number in range(800))
    turns = [turn(place, "Theo", long) for place in range(100)]
    found = suggested(turns, how_many=100)
    assert found
    assert max(each.last for each in found) < 1_000_000 // len(long)


def test_what_is_too_short_is_not_quoted() -> None:
    assert suggested([turn(0, "Ada", "Hello."), turn(1, "Bo", "Yes.")]) == []
    assert suggested([]) == []


def test_languages_without_spaces_and_capitals_are_read() -> None:
    chinese = "我们测量的是没有提醒的时候人们能坚持一个习惯多久。大多数提醒只是训练手把它们划掉。" * 3
    arabic = "ما قسناه هو المدة التي يحافظ فيها الناس على عادة ما عندما لا يذكرهم بها أحد " * 5
    found = suggested([turn(0, "李明", chinese), turn(1, "مريم", arabic)])
    assert {each.speaker for each in found} == {"李明", "مريم"}
    assert 50 < word_count(chinese) < 80


_TURNS = st.lists(
    st.tuples(st.sampled_from(["", "Ada", "Bo"]), st.text(max_size=400) | st.just(ANSWER) | st.just(QUESTION)),
    max_size=12,
)


@settings(max_examples=60)
@given(_TURNS)
def test_whatever_is_said_gives_passages_within_bounds(said: list[tuple[str, str]]) -> None:
    turns = [StoredTurn(place, who, None, None, text) for place, (who, text) in enumerate(said)]
    for each in suggested(turns):
        assert MIN_WORDS <= each.words <= MAX_WORDS
        assert each.first <= each.last
