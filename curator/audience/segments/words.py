"""Cuts a filter's text into words, names in quotes and signs, each with its place. Pure."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from curator.errors import InvalidError

FIELD = "words"
MAX_CHARACTERS = 1000

_CLOSING = {'"': '"', "“": "”", "„": "“", "«": "»"}
_SIGNS = "():"
# They begin or end a name, so a word of its own cannot hold them.
_STOPS = frozenset(_SIGNS) | frozenset(_CLOSING) | frozenset(_CLOSING.values())


class Kind(StrEnum):
    """What a piece of the text is."""

    WORD = "word"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True)
class Piece:
    """A word, a name without its quotes, or a sign; `place` counts characters from 1."""

    kind: Kind
    text: str
    place: int


class WordsError(InvalidError):
    """What was typed is no filter: `place` says at which character, counted from 1, and the reason what to do."""

    def __init__(self, reason: str, *, place: int) -> None:
        super().__init__(FIELD, f"Character {place}: {reason}")
        self.place = place


def pieces(text: str) -> list[Piece]:
    """Returns the pieces of a filter's text in order, an END last. Raises WordsError."""
    if len(text) > MAX_CHARACTERS:
        raise WordsError(
            f"a filter has at most {MAX_CHARACTERS:,} characters, and this has {len(text):,}. Leave something out.",
            place=MAX_CHARACTERS + 1,
        )
    found: list[Piece] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char in _SIGNS:
            found.append(Piece(Kind.SIGN, char, at + 1))
            at += 1
        elif char in _CLOSING:
            name, end = _quoted(text, at)
            found.append(Piece(Kind.NAME, name, at + 1))
            at = end
        else:
            end = _end_of_word(text, at)
            found.append(Piece(Kind.WORD, _harmless(text[at:end], place=at + 1), at + 1))
            at = end
    return [*found, Piece(Kind.END, "", len(text) + 1)]


def _quoted(text: str, start: int) -> tuple[str, int]:
    """Returns the name in quotes that begins here, and where the text goes on behind it."""
    closing = _CLOSING[text[start]]
    name: list[str] = []
    at = start + 1
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            name.append(text[at + 1])
            at += 2
            continue
        if text[at] == closing:
            return _harmless("".join(name), place=start + 1), at + 1
        name.append(text[at])
        at += 1
    raise WordsError(f"the quote {text[start]} is not closed. Put {closing} behind the name.", place=start + 1)


def _end_of_word(text: str, start: int) -> int:
    end = start
    while end < len(text) and not text[end].isspace() and text[end] not in _STOPS:
        end += 1
    if end == start:
        raise WordsError(f"{text[start]} closes a quote that was not opened.", place=start + 1)
    return end


def _harmless(text: str, *, place: int) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in " ".join(text.split())):
        raise WordsError("a character that cannot be seen stands here. Type it anew.", place=place)
    return text
