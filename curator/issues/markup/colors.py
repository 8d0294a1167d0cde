"""Reads the colours that CSS of a mail names. Pure."""

import re

_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+%?))?\s*\)", re.IGNORECASE)
_NAMED = {
    "white": "#ffffff",
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "red": "#ff0000",
    "maroon": "#800000",
    "yellow": "#ffff00",
    "green": "#008000",
    "lime": "#00ff00",
    "blue": "#0000ff",
    "navy": "#000080",
    "teal": "#008080",
    "purple": "#800080",
    "orange": "#ffa500",
}
_WORD = re.compile(r"(?<![\w-])(" + "|".join(_NAMED) + r")(?![\w(-])", re.IGNORECASE)


def color_in(value: str) -> str | None:
    """Returns the colour that a value names, as "#0b5f5a"; None for none, and for one that what is behind shines
    through.
    """
    if found := _HEX.search(value):
        digits = found[1].lower()
        return f"#{digits}" if len(digits) == 6 else "#" + "".join(2 * digit for digit in digits)
    if found := _RGB.search(value):
        is_solid = found[4] in (None, "1", "1.0", "100%")
        return "#" + "".join(f"{min(int(found[n]), 255):02x}" for n in (1, 2, 3)) if is_solid else None
    if found := _WORD.search(value):
        return _NAMED[found[1].lower()]
    return None
