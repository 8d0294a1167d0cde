"""A newsletter's own colour, and what follows from it in light and dark. Pure."""

import re
from dataclasses import dataclass

from curator.errors import InvalidError

READABLE = 4.5
"""The least contrast of words with their ground (WCAG 2.2, 1.4.3)."""

LIGHT_GROUND, DARK_GROUND = "#e2efeb", "#15302c"
"""Of all grounds of the mail and the pages those on which an accent stands out least (`--accent-wash` of readers'
pages): what is readable there is readable on every sheet.
"""

_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Tint:
    """The colours that one accent makes: of words and links, and of the band at the head, in each scheme."""

    accent: str
    dark_accent: str
    band: str
    dark_band: str
    quiet_on_band: str


def checked_accent(text: str) -> str:
    """Returns a colour as "#0b5f5a", empty for none; raises InvalidError("accent") for one that nobody could read."""
    color = text.strip().lower()
    if not color:
        return ""
    if not _HEX.fullmatch(color):
        raise InvalidError("accent", f"{text.strip()[:20]!r} is not a colour; write one like #0b5f5a.")
    if (found := contrast(color, LIGHT_GROUND)) < READABLE:
        told = f"has a contrast of {found:.1f} with a pale ground, and words need {READABLE} at least"
        raise InvalidError("accent", f"{color} {told}; choose a darker one.")
    return color


def is_color(text: str) -> bool:
    """Tells whether this is a colour as it is kept: "#0b5f5a"."""
    return _HEX.fullmatch(text) is not None


def tint(accent: str) -> Tint | None:
    """Returns what follows from an accent; None without one, where the house's own colours stand."""
    if not accent:
        return None
    quiet = mixed(accent, "#ffffff", 0.82)
    return Tint(
        accent=accent,
        dark_accent=until(accent, "#ffffff", against=DARK_GROUND, least=READABLE),
        band=until(accent, "#000000", against=quiet, least=READABLE),
        dark_band=until(mixed(accent, "#000000", 0.45), "#000000", against=quiet, least=READABLE + 2),
        quiet_on_band=quiet,
    )


def contrast(one: str, other: str) -> float:
    """Returns how well two colours are told apart, from 1 to 21 (WCAG 2.2's relative luminance)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    shares = (channel / 255 for channel in _channels(color))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def until(color: str, towards: str, *, against: str, least: float) -> str:
    """Returns the first colour on the way `towards` another that stands out enough `against` a ground."""
    for percent in range(0, 101, 4):
        made = mixed(color, towards, percent / 100)
        if contrast(made, against) >= least:
            return made
    return towards


def mixed(color: str, other: str, share: float) -> str:
    """Returns a colour that share of the way to another."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
