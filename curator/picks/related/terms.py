"""The terms of a text: words, and pairs of them, by which two texts may be about the same. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from curator.picks.stopwords import STOP

_LONGEST_WORD = 40
# Scripts that put no space between words: their words are pieces of so many signs.
_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_THAI = "\u0e00-\u0eff"
_WORD = re.compile(
    rf"(?P<dense>[{_DENSE}]+)|(?P<thai>[{_THAI}]+)|(?:(?![{_DENSE}{_THAI}])[^\W_])+"
    rf"(?:['\u2019.](?:(?![{_DENSE}{_THAI}])[^\W_])+)*(?:\+\+|\#)?"
)
_PIECE = {"dense": 2, "thai": 4}
# Between two words of one pair stands at most a blank, a hyphen or an underscore.
_JOINED = re.compile(r"[\s\u00a0_\-\u2010\u2011]{1,3}")


@dataclass(frozen=True)
class Occurrence:
    """A term at a place of a text, and how it is written there."""

    term: str
    shown: str
    at: int


def occurrences(text: str) -> Iterator[Occurrence]:
    """Yields every term of a text in its order; a pair follows its second word. "Databases" is "database"."""
    before: Occurrence | None = None
    end = -1
    for found in _WORD.finditer(text):
        if found.lastgroup is not None:
            yield from _pieces(found[0], found.start(), _PIECE[found.lastgroup])
            before = None
            continue
        word = Occurrence(folded(found[0]), found[0], found.start())
        if _says_nothing(word.term):
            before = None
            continue
        yield word
        if before is not None and _JOINED.fullmatch(text, end, found.start()):
            yield Occurrence(f"{before.term} {word.term}", " ".join(text[before.at : found.end()].split()), before.at)
        before, end = word, found.end()


@lru_cache(maxsize=100_000)
def folded(word: str) -> str:
    """Returns the form under which a word is counted: lower case, without 's and the plural's s."""
    word = word.lower().replace("\u2019", "'").removesuffix("'s")
    if word.isascii() and word.isalpha() and len(word) > 3 and word not in STOP:
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith(("ches", "shes", "xes", "sses")):
            return word[:-2]
        if word.endswith("s") and word[-2] not in "sui":
            return word[:-1]
    return word


def is_pair(term: str) -> bool:
    """Tells whether a term is two words."""
    return " " in term


def _pieces(run: str, start: int, size: int) -> Iterator[Occurrence]:
    for at in range(max(len(run) - size + 1, 1)):
        piece = run[at : at + size]
        if len(piece) > 1:
            yield Occurrence(piece, piece, start + at)


def _says_nothing(term: str) -> bool:
    return len(term) < 2 or len(term) > _LONGEST_WORD or term in STOP or term.replace(".", "").isdigit()
