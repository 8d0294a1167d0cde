"""What is about the same, as a reader would say it: the matter, the words that tell it, and when it is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.picks.related.about import MOST_TERMS, Rarity, about, spoken
from curator.picks.related.index import MOST_OF_A_KIND, Index
from curator.picks.related.terms import folded, occurrences
from curator.picks.related.values import About, Match, Part, RelatedKind, Subject

# What everybody writes about, so that some words are rarer than others.
EVERYDAY = (
    "a model that learns",
    "data and a model",
    "software for data",
    "the model in production",
    "news of software",
)


def _rarity(*texts: str) -> Rarity:
    counts: dict[str, int] = {}
    for text in (*EVERYDAY * 30, *texts):
        for term in {found.term for found in occurrences(text)}:
            counts[term] = counts.get(term, 0) + 1
    return Rarity(len(texts) + 30 * len(EVERYDAY), counts)


def _subject(id: int, *parts: Part | str, kind: RelatedKind = RelatedKind.EPISODE, key: str = "") -> Subject:  # noqa: A002 - named like the field
    told = [Part(part, 1.0) if isinstance(part, str) else part for part in parts]
    return Subject(id, frozenset([key] if key else []), about(told, Rarity()), kind)


def _found(text: str, *targets: Subject, key: str = "") -> list[Match]:
    rarity = _rarity(text, *(" ".join(target.about) for target in targets))
    return Index(targets, rarity).related(_subject(1, text, key=key))


def test_what_tells_of_the_same_matter_is_found_with_the_words_that_both_tell() -> None:
    vectors = _subject(2, "What a vector index forgets about embeddings")
    others = [_subject(3, "A model of the tides"), _subject(4, "Software for choirs")]
    (match,) = _found("Vector indexes and their embedding: a model", vectors, *others)
    assert (match.other_id, match.terms) == (2, ("Vector indexes", "embedding"))


def test_words_that_everybody_uses_make_nothing_related() -> None:
    assert _found("A model of data in software", _subject(2, "Data, software and a model")) == []


def test_one_rare_word_is_no_matter_yet() -> None:
    assert _found("Zebras in the zoo", _subject(2, "A zebra crossed the model")) == []


def test_nothing_is_related_to_itself_nor_to_the_same_page_under_another_item() -> None:
    text = "What a vector index forgets about embeddings"
    assert _found(text, _subject(1, text)) == []
    assert _found(text, _subject(2, text, key="https://a.example/"), key="https://a.example/") == []
    assert [match.other_id for match in _found(text, _subject(2, text, key="https://b.example/"))] == [2]


def test_the_second_is_where_most_of_it_is_told() -> None:
    told = _subject(
        2,
        "A talk about search",
        Part("Hello", 2.0, 0.0),
        Part("Vector index", 2.0, 760.0),
        spoken("An index of cards. " * 3, start_s=30.0, end_s=60.0),
        spoken("the vector and the index and the recall " * 4, start_s=800.0, end_s=840.0),
    )
    (match,) = _found("The recall of a vector index", told)
    assert match.at_s == 760.0


def test_within_a_long_turn_the_second_follows_the_words() -> None:
    words = (
        "and so we went on with the day " * 60 + "recall of the vector index, recall of the vector index, recall " * 2
    )
    told = _subject(2, "A vector index", spoken(words, start_s=100.0, end_s=700.0))
    (match,) = _found("The recall of a vector index", told)
    assert match.at_s is not None
    assert 600 < match.at_s < 700


def test_without_a_time_there_is_no_second() -> None:
    (match,) = _found("The recall of a vector index", _subject(2, "Recall and a vector index"))
    assert match.at_s is None


def test_what_is_said_in_passing_is_not_what_an_episode_is_about() -> None:
    once = _subject(2, "Choirs", spoken("We had zebras and giraffes once.", start_s=0.0, end_s=9.0))
    often = _subject(3, "Choirs", spoken("Zebras and giraffes. " * 4, start_s=0.0, end_s=9.0))
    assert [match.other_id for match in _found("Of zebras and giraffes", once, often)] == [3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("向量数据库为什么会忘记", "向量数据库的历史"),
        ("كيف تنسى الفهارس المتجهات", "الفهارس و المتجهات في قواعد البيانات"),
        ("ดัชนีเวกเตอร์ลืมอะไร", "ประวัติดัชนีเวกเตอร์"),
        ("Индексы векторов забывают", "Индексы и забытые: индексы векторов"),
    ],
)
def test_other_scripts_are_compared_as_well(one: str, other: str) -> None:
    assert [match.other_id for match in _found(one, _subject(2, other))] == [2]


def test_of_a_flood_no_more_than_a_few_are_kept() -> None:
    copies = [_subject(number, "A vector index forgets embeddings", key=f"k{number}") for number in range(2, 60)]
    rarity = _rarity("A vector index forgets embeddings")
    assert len(Index(copies, rarity).related(_subject(1, "Embeddings of a vector index"))) == MOST_OF_A_KIND


def test_an_empty_item_is_related_to_nothing() -> None:
    assert _found("", _subject(2, "A vector index")) == []
    assert _found("A vector index", _subject(2, "")) == []
    assert Index([], Rarity()).related(_subject(1, "A vector index")) == []


def test_a_long_talk_is_kept_by_its_rarest_terms() -> None:
    words = " ".join(f"word{number} word{number} word{number}" for number in range(900))
    assert len(about([spoken(words, start_s=0.0, end_s=3600.0)], Rarity())) == MOST_TERMS


@pytest.mark.parametrize(
    ("word", "form"),
    [("Databases", "database"), ("indexes", "index"), ("queries", "query"), ("loss", "loss"), ("OpenAI's", "openai")],
)
def test_a_plural_is_its_singular(word: str, form: str) -> None:
    assert folded(word) == form


_SOME = (
    "vector",
    "index",
    "recall",
    "zebra",
    "choir",
    "embeddings",
    "planner",
    "the",
    "of",
    "model",
    "Data",
    "向量数据",
)
_WORDS = st.lists(st.sampled_from(_SOME), max_size=12)


@given(_WORDS, st.lists(_WORDS, max_size=6))
@settings(max_examples=80, deadline=None)
def test_reasons_are_words_of_both_and_nothing_is_related_to_itself(mine: list[str], theirs: list[list[str]]) -> None:
    texts = [" ".join(words) for words in (mine, *theirs)]
    subjects = [_subject(number, text) for number, text in enumerate(texts)]
    for match in Index(subjects, _rarity(*texts)).related(subjects[0]):
        assert match.other_id != 0
        assert match.terms
        for term in match.terms:
            assert _tells(subjects[0].about, term)
            assert _tells(subjects[match.other_id].about, term)


def _tells(told: About, term: str) -> bool:
    return {found.term for found in occurrences(term)} <= told.keys()
