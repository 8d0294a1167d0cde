"""A row of counts as a line and in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.trends.sparkline import sparkline


def test_a_line_stands_within_its_frame_with_the_most_on_top() -> None:
    line = sparkline([0, 5, 10], width=104, height=24)
    assert line.points == "2.0,22.0 52.0,12.0 102.0,2.0"
    assert line.area == "M2.0,22.0 L2.0,22.0 L52.0,12.0 L102.0,2.0 L102.0,22.0 Z"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([3, 4, 2, 5, 7, 9, 14], "3, 4, 2, 5, 7, 9, 14 a day: rising from 2 to 14 in a week"),
        ([0, 0, 9, 4], "0, 0, 9, 4 a day: up to 9, now 4 in 4 days"),
        ([2, 2], "2, 2 a day: steady at 2 in 2 days"),
        ([0] * 13 + [6], "0, 0, 0, 0, 0, 0, 6 a day: rising from 0 to 6 in 2 weeks"),
        ([4], "4 a day: steady at 4 in a day"),
        ([], "nothing yet"),
        ([0, 0], "nothing yet"),
    ],
)
def test_a_line_is_told_in_words(counts: list[int], words: str) -> None:
    assert sparkline(counts).words == words


@given(st.lists(st.integers(-5, 10**9), max_size=120), st.integers(10, 600), st.integers(10, 200))
def test_a_line_holds_numbers_only_and_leaves_its_frame_nowhere(counts: list[int], width: int, height: int) -> None:
    line = sparkline(counts, width=width, height=height)
    assert re.fullmatch(r"[0-9., ]*", line.points)
    assert re.fullmatch(r"[0-9., MLZ]*", line.area)
    for point in line.points.split():
        across, down = map(float, point.split(","))
        assert 0 <= across <= width
        assert 0 <= down <= height
