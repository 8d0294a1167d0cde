"""The terms of an item, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.taste.values import Facts
from curator.picks.taste.words import is_repository, site, terms, title_of, words
from tests.picks.taste.invented import facts


def test_words_are_compared_in_lower_case_with_their_signs() -> None:
    assert words("Kelp's C++ and node.js, GPT-4!") == ["kelp's", "c++", "and", "node.js", "gpt-4"]


def test_scripts_without_spaces_are_read_in_pairs() -> None:
    assert words("潮池生态 Rust入门") == ["潮池", "池生", "生态", "rust", "入门"]
    assert words("潮") == ["潮"]


def test_arabic_words_are_compared_without_short_vowels() -> None:
    assert words("الذَّكاء الاصطناعي") == words("الذكاء الاصطناعي") == ["الذكاء", "الاصطناعي"]


def test_vowel_signs_stay_in_their_word() -> None:
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_an_item_has_its_words_pairs_site_and_feed() -> None:
    found = terms(facts("Tide pools", url="https://www.github.com/shore/tide_tables", feed="Shore"))
    expected = {"tide", "pools", "tide pools", "tables", "tide tables", "site:github.com", "site:github.com/shore"}
    assert expected < set(found)
    assert "feed:Shore" in found
    assert found.count("tide") == 2


def test_an_empty_item_has_no_terms() -> None:
    assert terms(Facts(key="1", title="")) == []
    assert title_of(Facts(key="1", title="")) == "1"


@pytest.mark.parametrize("url", ["http://[", "", None, "no address", "https://", "javascript:x"])
def test_what_is_no_address_has_no_site(url: str | None) -> None:
    assert site(url) == ""
    assert not is_repository(url)


def test_a_repository_is_known_by_its_address() -> None:
    assert is_repository("https://github.com/shore/tides")
    assert not is_repository("https://github.com/shore/tides/issues/1")
    assert not is_repository("https://shore.example/a/b")


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=100))
def test_no_text_breaks_the_reading(title: str, text: str, url: str) -> None:
    for term in terms(Facts(key="k", title=title, text=text, url=url, feed="")):
        assert term.strip()
