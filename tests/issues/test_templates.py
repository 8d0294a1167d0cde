"""What every mail must have for a reader with a screen reader, a dark screen or a narrow one."""

import itertools
import re

import pytest

from curator.issues.render import Renderer
from tests.issues.documents import whole_issue
from tests.issues.reading import Page

LIGHT_PAIRS = [
    ("ink", "sheet"),
    ("quiet", "sheet"),
    ("accent", "sheet"),
    ("quiet", "page"),
    ("on_band", "band"),
    ("quiet_on_band", "band"),
]
DARK_PAIRS = [("ink", "sheet"), ("quiet", "sheet"), ("accent", "sheet"), ("quiet", "page")]


def _look(renderer: Renderer, scheme: str) -> dict[str, str]:
    return getattr(renderer._environment.get_template("look.mjml").module, scheme)  # type: ignore[no-any-return]  # a template's own variable


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(scope="module")
def page() -> Page:
    from tests.issues.conftest import TEMPLATES

    return Page(Renderer(TEMPLATES).render(whole_issue()).html)


@pytest.mark.parametrize(("words", "ground"), LIGHT_PAIRS)
def test_words_stand_out_in_the_light(renderer: Renderer, words: str, ground: str) -> None:
    look = _look(renderer, "light")
    assert _contrast(look[words], look[ground]) >= 4.5


@pytest.mark.parametrize(("words", "ground"), DARK_PAIRS)
def test_words_stand_out_in_the_dark(renderer: Renderer, words: str, ground: str) -> None:
    look = _look(renderer, "dark")
    assert _contrast(look[words], look[ground]) >= 4.5


def test_the_masthead_stands_out_in_the_dark(renderer: Renderer) -> None:
    light, dark = _look(renderer, "light"), _look(renderer, "dark")
    assert _contrast(light["quiet_on_band"], dark["band"]) >= 4.5


def test_language_direction_and_title_are_said(page: Page) -> None:
    (attributes,) = [attributes for tag, attributes in page.tags if tag == "html"]
    assert attributes["lang"] == "en"
    assert attributes["dir"] == "auto"
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
