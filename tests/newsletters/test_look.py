"""A newsletter's own colour: what nobody could read is refused, and what is made of it is readable everywhere."""

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given

from curator.errors import InvalidError
from curator.newsletters.look import READABLE, checked_accent, contrast, tint

_COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(color=_COLORS)
def test_every_pair_of_words_and_ground_that_an_accent_makes_is_readable(color: str) -> None:
    assume(contrast(color, "#ffffff") >= READABLE)
    assert checked_accent(color.upper()) == color
    made = tint(color)
    assert made is not None
    for dark_sheet in ("#131d1b", "#16211f"):
        assert contrast(made.dark_accent, dark_sheet) >= READABLE
    for band in (made.band, made.dark_band):
        assert contrast("#ffffff", band) >= READABLE
        assert contrast(made.quiet_on_band, band) >= READABLE


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#0b5f5a;}", "0b5f5a"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="is not a colour"):
        checked_accent(text)


def test_a_pale_colour_is_refused_with_its_contrast() -> None:
    with pytest.raises(InvalidError, match=r"#ffcc00 has a contrast of 1\.5 with white"):
        checked_accent("#ffcc00")


def test_without_a_colour_the_houses_own_stand() -> None:
    assert checked_accent("  ") == ""
    assert tint("") is None
