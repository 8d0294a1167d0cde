"""Articles taken out of pages: words, facts, and nothing that runs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import ParseError
from curator.feeds import apart
from curator.feeds.apart import article_apart
from curator.feeds.article import ReadArticle, article_of, reading_time, word_count

URL = "https://blog.example/2026/small-models"
_PARAGRAPH = "Small models do more than anybody thought a year ago, and they do it on a laptop. "
PAGE = (
    '<!doctype html><html lang="en-GB"><head><title>Small models | Gradient Notes</title>'
    '<meta property="og:title" content="Small models"><meta property="og:image" content="/lead.jpg">'
    '<meta property="og:site_name" content="Gradient Notes"><meta name="author" content="Ada Field">'
    '<meta name="description" content="What fits on a laptop."></head><body><nav><a href="/">Home</a></nav>'
    f'<article><h1>Small models</h1><p>{_PARAGRAPH * 6}</p><p>See <a href="/more" onclick="x()">more of it</a>: '
    f'{_PARAGRAPH * 4}</p><script>alert(1)</script><img src="https://t.example/pixel.gif"></article></body></html>'
).encode()


def test_an_article_has_its_words_and_facts() -> None:
    article = article_of(PAGE, url=URL)
    assert (article.title, article.author, article.site_name) == ("Small models", "Ada Field", "Gradient Notes")
    assert (article.language, article.image_url) == ("en-GB", "https://blog.example/lead.jpg")
    assert article.description == "What fits on a laptop."
    assert article.text.count("on a laptop.") == 10
    assert [line[:22] for line in article.text.splitlines()][-2:] == [
        "Small models do more t",
        "See more of it: Small ",
    ]
    assert article.words == word_count(article.text) > 150


def test_its_html_is_harmless_and_links_lead_somewhere() -> None:
    html = article_of(PAGE, url=URL).html
    assert 'href="https://blog.example/more"' in html
    assert not [word for word in ("script", "onclick", "<img", "alert") if word in html]


def test_the_process_apart_says_the_same() -> None:
    assert article_apart(PAGE, url=URL, content_type="text/html") == article_of(PAGE, url=URL)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_WALL_S", 0.01)
    with pytest.raises(ParseError, match="takes too long"):
        article_apart(PAGE, url=URL)


def test_what_is_no_page_is_said() -> None:
    with pytest.raises(ParseError, match="empty or no HTML"):
        article_apart(b"", url=URL)


def test_a_page_without_an_article_has_no_words() -> None:
    article = article_of(b"<html><head><title>Sign in</title></head><body></body></html>", url=URL)
    assert (article.title, article.text, article.words) == ("Sign in", "", 0)


@given(st.binary(max_size=1_500) | st.text(max_size=1_000).map(lambda text: f"<html><p>{text}".encode()))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_an_article_or_a_reason(body: bytes) -> None:
    try:
        found: ReadArticle | None = article_of(body, url=URL)
    except ParseError:
        found = None
    assert found is None or "<script" not in found.html


@pytest.mark.parametrize(("words", "told"), [(0, "1 min"), (230, "1 min"), (900, "4 min"), (23_000, "100 min")])
def test_reading_takes_minutes(words: int, told: str) -> None:
    assert reading_time(words) == told


def test_words_are_counted_in_languages_without_spaces() -> None:
    assert word_count("今日はとても良い天気です") == 6
    assert word_count("Two words") == 2
