"""Plain text in columns: wrapped to a width, wide characters counted as two, addresses never broken."""

import unicodedata
from collections.abc import Iterator

WIDTH = 78
"""RFC 5322 asks for lines of at most 78 characters."""


def width(text: str) -> int:
    """Returns how many columns of a fixed-width font a text takes."""
    # Most words are, and the whole text part is measured for every preview.
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def wrapped(text: str, *, columns: int = WIDTH, indent: str = "", first: str | None = None) -> str:
    """Returns text in lines of at most `columns`, each behind `indent` (the very first behind `first`, if given).

    Line breaks in the text stay. A word that is too long is broken, unless it holds an address: a broken link is
    worse than a long line.
    """
    lines: list[str] = []
    lead = indent if first is None else first
    for paragraph in text.splitlines():
        for line in _filled(paragraph, columns - len(indent)):
            lines.append((lead + line).rstrip())
            lead = indent
    return "\n".join(lines)


def _filled(paragraph: str, columns: int) -> Iterator[str]:
    line, taken = "", 0
    for word in _pieces(paragraph, columns):
        size = width(word)
        if line and taken + 1 + size > columns:
            yield line
            line, taken = word, size
        else:
            line, taken = (f"{line} {word}", taken + 1 + size) if line else (word, size)
    yield line


def _pieces(paragraph: str, columns: int) -> Iterator[str]:
    for word in paragraph.split():
        if width(word) <= columns or "://" in word or "mailto:" in word:
            yield word
        else:
            yield from _broken(word, columns)


def _broken(word: str, columns: int) -> Iterator[str]:
    piece, taken = "", 0
    for character in word:
        size = _columns(character)
        if taken + size > columns:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + character, taken + size
    yield piece


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
