"""The chart of a trend, whose name is the picture: a colour, and one sign a day for how high the line stands. Pure.

Nothing is kept, so a mail's picture is there as long as the site is, and nobody can ask for more than a line.
"""

import re
from collections.abc import Sequence

from curator.issues.png import line_png
from curator.newsletters import look

WIDTH, HEIGHT = 264, 44
"""In the mail's own pixels: what fits a phone of 320 with the mail's edges. The file has twice as many each way."""

MOST_DAYS = 112

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TOP = len(_SIGNS) - 1
_NAME = re.compile(rf"([0-9a-f]{{6}})-([A-Za-z0-9_-]{{2,{MOST_DAYS}}})", re.ASCII)
# The house's accent; a newsletter's own is lightened until it stands out on both grounds of the mail.
_HOUSE = "#0b5f5a"
_DARK_SHEET = "#131d1b"
_SEEN = 3.0
"""The least contrast of what is no text (WCAG 2.2, 1.4.11)."""


def name(counts: Sequence[int], *, accent: str = "") -> str:
    """Returns what a chart is called: "4f8f8a-AAAC_x"; the same line in the same colour has the same name."""
    counts = [max(count, 0) for count in counts[-MOST_DAYS:]]
    counts = [0] * (2 - len(counts)) + list(counts)
    most = max(counts) or 1
    signs = "".join(_SIGNS[round(count / most * _TOP)] for count in counts)
    return f"{ink(accent)[1:]}-{signs}"


def url(public_url: str, counts: Sequence[int], *, accent: str = "") -> str:
    """Returns the address of a chart for the mail."""
    return f"{public_url}/chart/{name(counts, accent=accent)}.png"


def ink(accent: str) -> str:
    """Returns the line's colour, which can be seen on a light ground and on a dark one."""
    return look.until(accent or _HOUSE, "#ffffff", against=_DARK_SHEET, least=_SEEN)


def png(named: str) -> bytes | None:
    """Returns the picture of a chart's name; None for what is no name."""
    found = _NAME.fullmatch(named)
    if found is None:
        return None
    levels = [_SIGNS.index(sign) for sign in found[2]]
    red, green, blue = bytes.fromhex(found[1])
    return line_png(levels, most=_TOP, width=2 * WIDTH, height=2 * HEIGHT, rgb=(red, green, blue))
