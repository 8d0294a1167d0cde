"""Times as people write them, and addresses that begin there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.episodes.timecodes import MAX_S, clock, seconds, time_link


@given(st.integers(0, MAX_S))
def test_a_time_comes_back_equal(start_s: int) -> None:
    assert seconds(clock(start_s)) == start_s


@pytest.mark.parametrize(
    ("text", "found"), [("0:07", 7), ("62:40", 3760), ("1:02:40", 3760), ("760", 760), ("12:40.5", 760)]
)
def test_times_are_read_in_every_usual_spelling(text: str, found: int) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "soon", "1:60", "1:75:00", "-1", "99:00:00", "9" * 20, "²", "1:2"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://show.example/41", None),
        ("https://youtu.be/abc", "https://youtu.be/abc?t=760s"),
        ("https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc&t=760s"),
        ("https://open.spotify.com/episode/1", None),
    ],
)
def test_a_link_begins_at_the_second_where_its_place_takes_one(url: str, link: str | None) -> None:
    assert time_link(url, 760.9) == link


def test_a_file_takes_a_media_fragment() -> None:
    assert (
        time_link("https://feeds.example/41.mp3?a=1#x", 760.9, is_file=True) == "https://feeds.example/41.mp3?a=1#t=760"
    )
