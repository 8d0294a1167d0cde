"""What every mail must have for a reader with a screen reader, a dark screen or a narrow one."""

import itertools
import re

import pytest

from curator.issues.render import Renderer
from curator.newsletters.look import contrast
from curator.newsletters.palette import HOUSE, Scheme
from tests.issues.documents import whole_issue
from tests.issues.reading import Page

PAIRS = [
    *(("ink", "sheet"), ("quiet", "sheet"), ("accent", "sheet"), ("quiet", "page")),
    # An episode stands in a box of its own.
    *(("ink", "wash"), ("quiet", "wash"), ("accent", "wash")),
    *(("on_band", "band"), ("quiet_on_band", "band")),
]


@pytest.fixture(scope="module")
def page() -> Page:
    from tests.issues.conftest import TEMPLATES

    return Page(Renderer(TEMPLATES).render(whole_issue()).html)


@pytest.mark.parametrize("scheme", [HOUSE.light, HOUSE.dark], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_stand_out(scheme: Scheme, words: str, ground: str) -> None:
    assert contrast(getattr(scheme, words), getattr(scheme, ground)) >= 4.5


def test_language_direction_and_title_are_said(page: Page) -> None:
    (attributes,) = [attributes for tag, attributes in page.tags if tag == "html"]
    assert attributes["lang"] == "en"
    assert attributes["dir"] == "ltr"
    assert [attributes["aria-label"] for tag, attributes in page.tags if attributes.get("role") == "article"] == [
        "What a vector index forgets"
    ]


def test_headings_go_down_one_step_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_links_with_the_same_words_are_told_apart(page: Page) -> None:
    names = page.attributes("a", "aria-label")
    assert len(names) == 9
    assert len(set(names)) == 9


def test_every_picture_has_an_alt_and_a_size(page: Page) -> None:
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == 2
    assert all(each["alt"] == "" and each["width"].isdigit() and each["height"].isdigit() for each in pictures)


def test_tables_for_layout_say_so(page: Page) -> None:
    assert {attributes.get("role") for tag, attributes in page.tags if tag == "table"} == {"presentation"}


def test_nothing_is_fetched_for_its_fonts_or_styles(renderer: Renderer) -> None:
    html = renderer.render(whole_issue()).html
    assert "fonts.googleapis" not in html
    assert "@import" not in html
    assert "<link" not in html


def test_styles_stay_small_and_both_schemes_are_there(renderer: Renderer) -> None:
    html = renderer.render(whole_issue()).html
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    assert sum(map(len, styles)) < 16_000
    assert any("prefers-color-scheme" in style for style in styles)
    assert all("prefers-color-scheme" not in style for style in styles if "[data-ogsc]" in style)
    assert '<meta name="color-scheme" content="light dark"' in html
