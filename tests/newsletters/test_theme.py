"""A newsletter's theme: what nobody could read is refused with its ratio, and what is made of the rest is readable."""

from dataclasses import asdict, replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from curator.errors import InvalidError
from curator.newsletters.look import checked_accent
from curator.newsletters.palette import HOUSE, pairs, palette
from curator.newsletters.theme import STACKS, Density, Face, Theme, WhenLarge, checked, facts_of, theme_from

_COLORS = st.one_of(st.just(""), st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
_PALE = st.one_of(st.just(""), st.tuples(*[st.integers(0xC0, 0xFF)] * 3).map(lambda rgb: "#" + bytes(rgb).hex()))


@given(page=_PALE, sheet=_PALE, ink=_COLORS, accent=_COLORS)
def test_whatever_is_taken_can_be_read_in_both_schemes(page: str, sheet: str, ink: str, accent: str) -> None:
    try:
        accent = checked_accent(accent)
        theme = checked(Theme(page=page, sheet=sheet, ink=ink), accent=accent)
    except InvalidError:
        return
    unreadable = [pair for pair in pairs(palette(accent, theme)) if not pair.is_readable]
    assert unreadable == []


@pytest.mark.parametrize(
    ("theme", "field", "reason"),
    [
        (Theme(page="#777777"), "page", r"#777777 has a contrast of 4\.\d with black, and a ground needs 11"),
        (Theme(sheet="#000000"), "sheet", r"contrast of 1\.0 with black"),
        (Theme(ink="#aaaaaa"), "ink", r"#aaaaaa has a contrast of 2\.\d with the sheet \(#ffffff\).* 4\.5"),
        (Theme(page="#c9c9c9", ink="#6a6a6a"), "ink", r"with the page \(#c9c9c9\)"),
        (Theme(sheet="white"), "sheet", "'white' is not a colour"),
        (Theme(corner=17), "corner", "from 0 to 16"),
        (Theme(corner=-1), "corner", "from 0 to 16"),
    ],
)
def test_what_nobody_could_read_is_refused_with_its_ratio(theme: Theme, field: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason) as refused:
        checked(theme, accent="")
    assert refused.value.field == field


def test_an_accent_must_be_readable_on_the_themes_own_grounds() -> None:
    assert checked(Theme(), accent="#7a5a1f")
    with pytest.raises(InvalidError, match=r"with the page \(#c9c9c9\)") as refused:
        checked(Theme(page="#c9c9c9"), accent="#7a5a1f")
    assert refused.value.field == "accent"


def test_without_a_theme_the_houses_own_colours_stand() -> None:
    assert palette("", Theme()) == HOUSE
    assert all(pair.is_readable for pair in pairs(HOUSE))
    assert facts_of(Theme()) == {}


@given(
    st.builds(
        Theme,
        page=_PALE,
        headings=st.sampled_from(Face),
        corner=st.integers(0, 16),
        density=st.sampled_from(Density),
        when_large=st.sampled_from(WhenLarge),
        logo_alt=st.text(max_size=20),
        logo_width=st.integers(0, 528),
    )
)
def test_a_theme_is_kept_and_read_back_equal(theme: Theme) -> None:
    assert theme_from(facts_of(theme)) == theme
    assert theme_from(asdict(theme)) == theme


def test_what_is_not_known_any_more_is_the_houses() -> None:
    assert theme_from({"headings": "comic", "corner": "much", "gone": 1}) == Theme()
    assert theme_from(None) == Theme()


def test_every_typeface_ends_in_what_every_system_has() -> None:
    assert set(STACKS) == set(Face)
    assert all(stack.rpartition(",")[2] in ("serif", "sans-serif", "monospace") for stack in STACKS.values())
    assert not any(mark in stack for stack in STACKS.values() for mark in "\"'&<>")


def test_a_logo_is_shown_once_its_size_is_known() -> None:
    logo = Theme(logo_url="https://news.example/logo.png")
    assert not logo.has_logo
    assert replace(logo, logo_width=120, logo_height=40).has_logo
