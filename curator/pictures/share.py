"""The picture that stands for an issue where its address is shared: drawn, 1200 by 630, in the newsletter's colours."""

import unicodedata
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from curator.newsletters import look
from curator.pictures.values import Kind, Made

WIDTH, HEIGHT = 1200, 630
"""What every site shows whole that makes a card of an address (1.91 to 1)."""

_HOUSE = "#0b5f5a"
_EDGE = 80
_NAME_SIZE, _NUMBER_SIZE = 44, 34
# From what fills the card down to what still reads on a phone, where it is three fingers wide.
_SIZES = (92, 80, 68, 58, 50)
_MOST_LINES = 4
_LEADING = 1.22
_MISSING = "\uffff"


@dataclass(frozen=True)
class Card:
    """What the picture says. An empty accent is the house's own."""

    name: str
    number: int
    subject: str
    accent: str = ""


def drawn(card: Card) -> Made:
    """Returns the picture of an issue: the newsletter's name, the number, and the subject where it can be written.

    The face that comes with Pillow has Latin letters; what it lacks is left out rather than shown as boxes: a subject
    with other letters as a whole, a name as well. The number stands in any case.
    """
    tint = look.tint(card.accent) or look.tint(_HOUSE)
    assert tint is not None
    image = Image.new("RGB", (WIDTH, HEIGHT), tint.band)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, HEIGHT - 18, WIDTH, HEIGHT), fill=tint.quiet_on_band)
    name, number, subject = _writable(card.name), f"Issue {card.number}", _writable(card.subject)
    _line(pen, name, top=_EDGE, size=_NAME_SIZE, colour="#ffffff")
    if subject:
        _line(pen, number, top=_EDGE + (58 if name else 0), size=_NUMBER_SIZE, colour=tint.quiet_on_band)
    _foot(pen, subject or number)
    out = BytesIO()
    image.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return Made(out.getvalue(), Kind.PNG, WIDTH, HEIGHT)


def _line(pen: ImageDraw.ImageDraw, words: str, *, top: int, size: int, colour: str) -> None:
    font = _font(size)
    lines = _wrapped(words, font, most=1)
    if lines:
        pen.text((_EDGE, top), lines[0], font=font, fill=colour)


def _foot(pen: ImageDraw.ImageDraw, words: str) -> None:
    """Words in the largest size in which all of them fit; in the smallest they are cut."""
    size = next((each for each in _SIZES if _fits(words, _font(each))), _SIZES[-1])
    lines = _wrapped(words, _font(size), most=_MOST_LINES)
    top = HEIGHT - _EDGE - 10 - round(len(lines) * size * _LEADING)
    for place, line in enumerate(lines):
        pen.text((_EDGE, top + round(place * size * _LEADING)), line, font=_font(size), fill="#ffffff")


def _fits(words: str, font: ImageFont.FreeTypeFont) -> bool:
    most = 3 if font.size > _SIZES[2] else _MOST_LINES
    return len(_wrapped(words, font, most=most + 1)) <= most and all(
        font.getlength(word) <= WIDTH - 2 * _EDGE for word in words.split()
    )


def _wrapped(words: str, font: ImageFont.FreeTypeFont, *, most: int) -> list[str]:
    """Returns at most so many lines, the last with an ellipsis where words are left over."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        joined = f"{line} {word}" if line else word
        if not line or _is_within(joined, font):
            line = joined
        else:
            lines.append(line)
            line = word
        if len(lines) == most:
            return [*lines[:-1], _cut(f"{lines[-1]} {word}…", font)]
    return [_cut(each, font) for each in (*lines, line) if each]


def _cut(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Returns a line that is no wider than the card."""
    text = line
    while not _is_within(text, font) and len(text) > 2:
        text = text[:-2].rstrip() + "…"
    return text


def _is_within(text: str, font: ImageFont.FreeTypeFont) -> bool:
    return font.getlength(text) <= WIDTH - 2 * _EDGE


def _writable(words: str) -> str:
    """Returns words in one line without emoji and marks of direction; empty where a letter cannot be written."""
    text = unicodedata.normalize("NFC", words[:400])
    kept = "".join(each for each in text if each.isspace() or unicodedata.category(each) not in _LEFT_OUT)
    line, font = " ".join(kept.split()), _font(24)
    nothing = bytes(font.getmask(_MISSING))
    return line if all(bytes(font.getmask(each)) != nothing for each in set(line) - {" "}) else ""


# Controls, format marks (a joiner of emoji among them), emoji, and what stands for no sign at all.
_LEFT_OUT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Sk", "So"})


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
