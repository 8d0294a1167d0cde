"""What differs between two texts, word by word: for logs, conflicts and diffs. Pure."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# The matcher takes the square of the words at worst; a blurb has 40, and 10,000 characters are 4,000 pieces.
_MOST_WORDS = 4000


@dataclass(frozen=True)
class Piece:
    """A run of words: "gone" from the old text, "new" in the other, or "same" in both."""

    kind: str
    text: str


def differences(was: str, became: str) -> list[Piece]:
    """Returns the pieces of two texts in reading order; leaving out one kind gives the other text whole."""
    old, new = _WORDS.findall(was), _WORDS.findall(became)
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        return _kept([Piece("gone", was), Piece("new", became)])
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
        else:
            pieces += [Piece("gone", "".join(old[a:b])), Piece("new", "".join(new[c:d]))]
    return _kept(pieces)


def _kept(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.text]
