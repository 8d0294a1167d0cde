"""A row of daily counts as a small line, drawn and in words."""

from collections.abc import Sequence
from dataclasses import dataclass

_PAD = 2.0
# What a person still reads; the line shows all.
_MOST_SAID = 7


@dataclass(frozen=True)
class Sparkline:
    """A line for SVG: `points` for a polyline, `area` for a path down to the ground, and `words` for who sees neither.

    `points` and `area` hold nothing but digits, points, commas, blanks and the letters M, L and Z.
    """

    points: str
    area: str
    width: int
    height: int
    words: str


def sparkline(counts: Sequence[int], *, width: int = 120, height: int = 28) -> Sparkline:
    """Returns the line of daily counts, oldest first, within a frame of so many pixels; without counts it is empty."""
    counts = [max(0, count) for count in counts]
    places = _places(counts, width=width, height=height)
    points = " ".join(f"{across},{down}" for across, down in places)
    return Sparkline(points, _area(places, height=height), width, height, words(counts))


def _places(counts: Sequence[int], *, width: int, height: int) -> list[tuple[str, str]]:
    most, step = max(counts, default=0) or 1, (width - 2 * _PAD) / max(len(counts) - 1, 1)
    tall = height - 2 * _PAD
    return [
        (f"{_PAD + number * step:.1f}", f"{height - _PAD - count / most * tall:.1f}")
        for number, count in enumerate(counts)
    ]


def _area(places: Sequence[tuple[str, str]], *, height: int) -> str:
    if not places:
        return ""
    ground = f"{height - _PAD:.1f}"
    line = " ".join(f"L{across},{down}" for across, down in places)
    return f"M{places[0][0]},{ground} {line} L{places[-1][0]},{ground} Z"


def words(counts: Sequence[int]) -> str:
    """Returns what a line shows in words: "1, 0, 2, 3, 4, 9, 14 a day: rising from 0 to 14 in a week"."""
    if not any(counts):
        return "nothing yet"
    said = ", ".join(str(count) for count in counts[-_MOST_SAID:])
    return f"{said} a day: {_course(counts)} in {_long(len(counts))}"


def _course(counts: Sequence[int]) -> str:
    first, last, most = counts[0], counts[-1], max(counts)
    if first == last == most:
        return f"steady at {last}"
    if last == most:
        return f"rising from {min(counts)} to {last}"
    return f"up to {most}, now {last}"


def _long(days: int) -> str:
    match days:
        case 1:
            return "a day"
        case 7:
            return "a week"
        case _ if days % 7 == 0:
            return f"{days // 7} weeks"
        case _:
            return f"{days} days"
