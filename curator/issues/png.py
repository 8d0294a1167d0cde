"""A line over days as a small PNG with a clear ground, for mail: programs there draw no SVG. Pure.

Its palette is one colour in sixteen strengths, so that two pixels are a byte.
"""

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from math import hypot

from PIL import Image

_STRENGTHS, _BITS = 16, 4
_EDGE, _HALF_LINE, _AREA = 6.0, 2.0, 3
_NOTHING = 0

Point = tuple[float, float]


def line_png(levels: Sequence[int], *, most: int, width: int, height: int, rgb: tuple[int, int, int]) -> bytes:
    """Returns the picture of a line through levels from 0 to `most`, the first at the left, with the ground below it.

    The same levels give the same bytes. Raises ValueError for fewer than two.
    """
    if len(levels) < 2:
        raise ValueError("a line has two ends")
    points = _points(levels, most=most, width=width, height=height)
    columns = [_column(x + 0.5, points, height) for x in range(width)]
    image = Image.frombytes("P", (width, height), bytes(column[y] for y in range(height) for column in columns))
    image.putpalette(bytes(rgb) * _STRENGTHS)
    strengths = bytes(round(255 * strength / (_STRENGTHS - 1)) for strength in range(_STRENGTHS))
    written = BytesIO()
    image.save(written, "PNG", bits=_BITS, transparency=strengths, compress_level=9)
    return written.getvalue()


def _points(levels: Sequence[int], *, most: int, width: int, height: int) -> list[Point]:
    step, tall = (width - 2 * _EDGE) / (len(levels) - 1), height - 2 * _EDGE
    return [
        (_EDGE + place * step, height - _EDGE - min(max(level, 0), most) / most * tall)
        for place, level in enumerate(levels)
    ]


def _column(x: float, points: Sequence[Point], height: int) -> list[int]:
    """Returns the strengths of one column of pixels, from the top."""
    near = list(pairwise(_near(x, points)))
    column = [_NOTHING] * height
    ground = height - _EDGE
    at = next((_height_at(x, *pair) for pair in near if pair[0][0] <= x <= pair[1][0]), None)
    if at is not None:
        for y in range(int(at), int(ground)):
            column[y] = _AREA
    high = max(int(min(point[1] for pair in near for point in pair) - _EDGE), 0)
    low = min(int(max(point[1] for pair in near for point in pair) + _EDGE), height)
    for y in range(high, low):
        away = min(_distance(x, y + 0.5, *pair) for pair in near)
        covered = min(max(_HALF_LINE + 0.5 - away, 0.0), 1.0)
        column[y] = max(column[y], round(covered * (_STRENGTHS - 1)))
    return column


def _near(x: float, points: Sequence[Point]) -> Sequence[Point]:
    """Returns the points whose lines may touch a column; they stand at even steps, and the ends have an edge."""
    step, reach = points[1][0] - points[0][0], _HALF_LINE + 1
    first = int((x - reach - _EDGE) / step)
    last = int((x + reach - _EDGE) / step) + 1
    return points[min(max(first, 0), len(points) - 2) : max(last, 1) + 1]


def _height_at(x: float, start: Point, end: Point) -> float:
    return start[1] + (end[1] - start[1]) * (x - start[0]) / (end[0] - start[0])


def _distance(x: float, y: float, start: Point, end: Point) -> float:
    along, down = end[0] - start[0], end[1] - start[1]
    share = ((x - start[0]) * along + (y - start[1]) * down) / (along * along + down * down)
    share = min(max(share, 0.0), 1.0)
    return hypot(x - start[0] - share * along, y - start[1] - share * down)
