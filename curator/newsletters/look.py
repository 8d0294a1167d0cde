"""A newsletter's own colour, and what follows from it in light and dark. Pure."""

import re
from dataclasses import dataclass

from curator.errors import InvalidError

READABLE = 4.5
"""The least contrast of words with their ground (WCAG 2.2, 1.4.3)."""

# The grounds of the mail's and the pages' sheets, in light and dark (templates/email/look.mjml, static/curator.css).
_WHITE, _DARK_SHEET = "#ffffff", "#16211f"
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
    if (found := contrast(color, _WHITE)) < READABLE:
        told = f"has a contrast of {found:.1f} with white, and words need {READABLE} at least"
        raise InvalidError("accent", f"{color} {told}; choose a darker one.")
    return color


def tint(accent: str) -> Tint | None:
    """Returns what follows from an accent; None without one, where the house's own colours stand."""
    if not accent:
        return None
    quiet = _mixed(accent, "#ffffff", 0.82)
    return Tint(
        accent=accent,
        dark_accent=_until(accent, "#ffffff", against=_DARK_SHEET, least=READABLE + 1),
        band=_until(accent, "#000000", against=quiet, least=READABLE),
        dark_band=_until(_mixed(accent, "#000000", 0.45), "#000000", against=quiet, least=READABLE + 2),
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


def _until(color: str, towards: str, *, against: str, least: float) -> str:
    """Returns the first colour on the way `towards` another that stands out enough `against` a ground."""
    for percent in range(0, 101, 4):
        mixed = _mixed(color, towards, percent / 100)
        if contrast(mixed, against) >= least:
            return mixed
    return towards


def _mixed(color: str, other: str, share: float) -> str:
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
