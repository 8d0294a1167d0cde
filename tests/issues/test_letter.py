"""Letters as mail: whatever their words hold, both parts say it, and both schemes can be read."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import RenderError
from curator.issues.escape import one_line
from curator.issues.render import Renderer
from curator.letters.values import LetterLink, LetterText
from curator.newsletters.look import contrast
from curator.newsletters.palette import HOUSE
from tests.issues.conftest import TEMPLATES
from tests.issues.reading import Page
from tests.issues.test_render import HOSTILE


def _letter(words: str = "The Weekly Wave", url: str = "https://news.example/c/abc?x=1&y=2") -> LetterText:
    return LetterText(
        subject=words,
        masthead=words,
        title=words,
        paragraphs=(words, "You get nothing unless you confirm."),
        button=LetterLink(words, url),
        links=(LetterLink("I never signed up", "https://news.example/d/abc"),),
        footer=(words, "12 Harbour Street"),
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_come_back_equal(renderer: Renderer, words: str) -> None:
    html = renderer.letter(_letter(words)).html
    page = Page(html)
    assert html.isascii()
    assert page.text.count(one_line(words)) >= 5
    assert not page.unclosed
    assert not page.stray
    assert page.links == ["https://news.example/c/abc?x=1&y=2", "https://news.example/d/abc"]


@given(st.text(max_size=80))
@settings(max_examples=40, deadline=None)
def test_any_words_make_a_letter(words: str) -> None:
    rendered = Renderer(TEMPLATES).letter(_letter(words))
    assert Page(rendered.html).links[0] == "https://news.example/c/abc?x=1&y=2"
    assert "https://news.example/c/abc?x=1&y=2\n" in rendered.text


def test_the_text_says_everything_that_the_html_says(renderer: Renderer) -> None:
    rendered = renderer.letter(_letter())
    assert [link for link in Page(rendered.html).links if f"{link}\n" not in rendered.text] == []
    for words in ("The Weekly Wave", "You get nothing unless you confirm.", "I never signed up", "12 Harbour Street"):
        assert words in rendered.text
    assert max(map(len, rendered.text.splitlines())) <= 78


def test_a_letter_needs_neither_button_nor_links_nor_footer(renderer: Renderer) -> None:
    bare = LetterText("s", "m", "t", ("one",))
    assert Page(renderer.letter(bare).html).links == []
    assert "one" in renderer.letter(bare).text


def test_a_letter_has_one_heading_and_layout_tables_say_so(renderer: Renderer) -> None:
    page = Page(renderer.letter(_letter()).html)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == [1]
    assert {attributes.get("role") for tag, attributes in page.tags if tag == "table"} == {"presentation"}
    (html,) = [attributes for tag, attributes in page.tags if tag == "html"]
    assert html["lang"] == "en"


def test_the_button_can_be_read_in_both_schemes(renderer: Renderer) -> None:
    assert contrast(HOUSE.light.on_band, HOUSE.light.accent) >= 4.5
    assert contrast(HOUSE.dark.page, HOUSE.dark.accent) >= 4.5
    assert "prefers-color-scheme" in renderer.letter(_letter()).html


def test_a_new_word_in_a_letter_voids_no_approval(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES / "email", tmp_path / "email")
    renderer = Renderer(tmp_path)
    before = renderer.version
    with (tmp_path / "email" / "letters" / "letter.mjml").open("a") as file:
        file.write("{# another word #}")
    assert renderer.version == before
    with (tmp_path / "email" / "look.mjml").open("a") as file:
        file.write("{# another look #}")
    assert renderer.version != before


def test_a_broken_letter_template_is_named(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES / "email", tmp_path / "email")
    (tmp_path / "email" / "letters" / "letter.mjml").write_text("<mjml><mj-body><mj-section>")
    with pytest.raises(RenderError) as caught:
        Renderer(tmp_path).letter(_letter())
    assert caught.value.template == "letters/letter.mjml"
