"""The terms of a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.trends.terms import LONGEST_TITLE, content_words, terms


def shown(title: str, **more: object) -> list[str]:
    return [term.shown for term in terms(title, **more)]  # type: ignore[arg-type] - any option


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Rust on Mars", ["Rust", "Rust on Mars", "Mars"]),
        ("Vector databases", ["Vector", "Vector databases", "databases"]),
        ("GPT-4 is here", ["GPT", "GPT-4"]),
        ("Google’s Gemini", ["Google", "Google’s Gemini", "Gemini"]),
        ("Rust, Mars", ["Rust", "Mars"]),
        ("Laptops of 2026", ["Laptops"]),
        ("C++ and C#", ["C++", "C++ and C#", "C#"]),
        ("The of and", []),
        ("12 34", []),
        ("", []),
        ("Black Friday TV", ["TV"]),
        ("人工智能", ["人工", "工智", "智能", "人工智", "工智能", "人工智能"]),
        ("ショーの人工", ["ショー", "人工"]),
    ],
)
def test_a_titles_terms_are_its_words_in_a_row(title: str, found: list[str]) -> None:
    assert shown(title) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vector database", "Vector Databases"),
        ("GPT-4", "gpt 4"),
        ("GPT-4", "GPT4"),
        ("city", "Cities"),
        ("LLM", "LLMs"),
    ],
)
def test_spellings_of_one_thing_share_a_key(one: str, other: str) -> None:
    assert terms(one)[-1].key in {term.key for term in terms(other)}


@pytest.mark.parametrize("name", ["Mars", "AWS", "iOS", "Paris", "Bus", "Zeus"])
def test_a_name_is_not_a_plural(name: str) -> None:
    assert [term.key for term in terms(name)] == [name.lower()]


def test_blocked_words_are_a_border() -> None:
    assert shown("Rust jobs Mars", blocked=["job"]) == ["Rust", "Mars"]
    assert shown("Rust on Mars", blocked=["", "!!"]) == shown("Rust on Mars")


@given(st.text(max_size=400))
def test_no_title_is_too_odd(title: str) -> None:
    found = terms(title)
    assert len({term.key for term in found}) == len(found)
    assert all(term.shown in title[:LONGEST_TITLE] and 1 <= len(term.words) <= 4 for term in found)
    assert all(content_words(title))


def test_a_title_of_a_megabyte_takes_no_longer_than_a_long_one() -> None:
    assert len(terms("word " * 200_000 + "end")) < 10
    assert len(terms("人" * 1_000_000)) < 10
