"""The picture of a line over days, and the name that says what it shows."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.issues import chart
from curator.issues.png import line_png
from curator.newsletters import look

COUNTS = (0, 1, 0, 2, 0, 1, 0, 0, 3, 9, 14)


def _parts(png: bytes) -> dict[bytes, bytes]:
    found, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        found[kind], at = body, at + 12 + size
    return found


def _strengths(png: bytes) -> list[list[int]]:
    parts = _parts(png)
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    raw, size = zlib.decompress(parts[b"IDAT"]), (width + 1) // 2 + 1
    rows = [raw[row * size + 1 : (row + 1) * size] for row in range(height)]
    return [[strength for byte in row for strength in (byte >> 4, byte & 15)][:width] for row in rows]


def test_a_picture_has_twice_the_pixels_and_a_clear_ground() -> None:
    png = chart.png(chart.name(COUNTS))
    assert png is not None
    assert len(png) < 3_000
    assert struct.unpack(">II", _parts(png)[b"IHDR"][:8]) == (2 * chart.WIDTH, 2 * chart.HEIGHT)
    assert _parts(png)[b"tRNS"][0] == 0
    rows = _strengths(png)
    assert {row[0] for row in rows} == {0}
    assert max(rows[6][-12:]) == 15, "the last day stands at the top"
    assert max(rows[6][:400]) == 0


def test_the_same_line_has_the_same_name_whatever_its_size() -> None:
    assert chart.name((1, 2, 4)) == chart.name((10, 20, 40)) != chart.name((1, 2, 3))
    assert chart.name((0, 0, 0)).endswith("-AAA")
    assert chart.url("https://news.example", (0, 4)).startswith("https://news.example/chart/")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-5, 10**9), max_size=200))
def test_every_row_of_counts_has_a_picture(counts: list[int]) -> None:
    assert chart.png(chart.name(counts)) is not None


@pytest.mark.parametrize("accent", ["", "#0b5f5a", "#000000", "#7a1fa2", "#8a0f0f"])
def test_the_line_is_seen_on_a_light_ground_and_on_a_dark_one(accent: str) -> None:
    ink = chart.ink(accent)
    assert look.contrast(ink, "#ffffff") >= 3
    assert look.contrast(ink, "#131d1b") >= 3


@pytest.mark.parametrize(
    "name", ["", "0b5f5a", "0b5f5a-A", "0B5F5A-AAA", "0b5f5a-A.A", "0b5f5a-" + "A" * 113, "0b5f5a-AA\n", "../etc-AA"]
)
def test_what_is_no_name_has_no_picture(name: str) -> None:
    assert chart.png(name) is None


def test_one_day_is_no_line() -> None:
    with pytest.raises(ValueError, match="two ends"):
        line_png([1], most=2, width=10, height=10, rgb=(0, 0, 0))
