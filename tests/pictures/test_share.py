"""The picture that stands for an issue: its size, its colours, and letters that the face lacks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.newsletters import look
from curator.pictures.share import Card, drawn
from tests.pictures import files

LATIN = Card("Latent Waves Weekly", 41, "Vector databases arrive in the planner")


def _inked(card: Card, top: int, bottom: int) -> bool:
    """Tells whether anything stands on the card between two heights."""
    shown = files.opened(drawn(card).content).convert("RGB").crop((60, top, 1140, bottom))
    return len(shown.getcolors(100_000) or ()) > 1


def test_it_has_the_size_and_the_ground_that_sites_show() -> None:
    found = drawn(Card("Waves", 3, "Short", accent="#8a1538"))
    shown = files.opened(found.content).convert("RGB")
    assert (shown.size, shown.format or found.kind) == ((1200, 630), "png")
    band = look.tint("#8a1538")
    assert band is not None
    assert shown.getpixel((5, 5)) == tuple(bytes.fromhex(band.band.removeprefix("#")))
    assert len(found.content) < 60_000


def test_the_same_issue_gives_the_same_bytes() -> None:
    assert drawn(LATIN).content == drawn(LATIN).content
    assert drawn(LATIN).content != drawn(Card(LATIN.name, 42, LATIN.subject)).content


def test_name_number_and_subject_stand_on_it() -> None:
    assert _inked(LATIN, 70, 180)
    assert _inked(LATIN, 300, 560)


@pytest.mark.parametrize("subject", ["مرحبا بالعالم", "今日のニュース", "नमस्ते दुनिया", "Что такое данные", "שלום"])
def test_a_subject_in_letters_that_the_face_lacks_leaves_name_and_number(subject: str) -> None:
    assert drawn(Card("Waves", 9, subject)).content == drawn(Card("Waves", 9, "")).content


def test_a_name_in_other_letters_leaves_the_number_and_an_emoji_is_left_out() -> None:
    assert drawn(Card("الأمواج", 9, "مرحبا")).content == drawn(Card("", 9, "")).content
    assert drawn(Card("Waves", 9, "Short 🎉👩‍💻")).content == drawn(Card("Waves", 9, "Short")).content


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.integers(0, 10_000))
def test_any_words_can_be_drawn(name: str, subject: str, number: int) -> None:
    assert drawn(Card(name, number, subject)).width == 1200
