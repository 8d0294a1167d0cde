"""The terms of a title: one to three words in a row, without what is noise in any language that we know."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from curator.picks.trends.stopwords import BLOCKED, STOP
from curator.picks.trends.values import Term

LONGEST_TITLE = 300
_LONGEST_WORD = 40
_MOST_WORDS = 3
# "LLMs" is a plural, "AWS" and "iOS" are none.
_SHORTEST_PLURAL = 4

# Scripts that put no space between words; Japanese kana stand between the Han and are left as a border.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_WORD = re.compile(
    rf"[{_HAN}]+|[{_KATAKANA}]+|(?:(?![{_HAN}{_KATAKANA}\u3041-\u309f])[^\W_])+"
    rf"(?:['\u2019.](?:(?![{_HAN}{_KATAKANA}\u3041-\u309f])[^\W_])+)*(?:\+\+|\#)?"
)
# Between two words of one term stands at most a blank, a hyphen or an underscore.
_JOINED = re.compile(r"[\s\u00a0_\-\u2010\u2011]*")
_YEAR = re.compile(r"(?:19|20)\d\d")

_HAN_FIRST = re.compile(f"[{_HAN}]")

Word = tuple[str, int, int]


def terms(title: str, *, blocked: Iterable[str] = ()) -> list[Term]:
    """Returns the different terms of a title, in its order; `blocked` words are a border, as punctuation is.

    Han is cut into runs of two to four characters, since it has no spaces.
    """
    title = title[:LONGEST_TITLE]
    found: dict[str, Term] = {}
    for run in _runs(title, _borders(tuple(blocked))):
        for words, shown in _of_run(run, title):
            key = "".join(words)
            if key not in found:
                found[key] = Term(key, words, shown)
    return list(found.values())


def content_words(text: str) -> list[str]:
    """Returns the words of a text that say something, in its order, as they are counted; Han in pairs of characters."""
    found: list[str] = []
    for word, _, _ in _words(text[:LONGEST_TITLE]):
        if _is_han(word):
            found += [word[start : start + 2] for start in range(max(len(word) - 1, 1))]
        elif word not in STOP and len(word) <= _LONGEST_WORD:
            found.append(word)
    return found


Borders = dict[str, frozenset[tuple[str, ...]]]


@lru_cache(maxsize=64)
def _borders(blocked: tuple[str, ...]) -> Borders:
    """Returns the blocked words by the first of them."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for each in (*BLOCKED, *blocked):
        words = tuple(word for word, _, _ in _words(each))
        if words:
            found.setdefault(words[0], set()).add(words)
    return {first: frozenset(those) for first, those in found.items()}


def _words(text: str) -> list[Word]:
    return [(_plain(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """Returns the form under which a word is counted: lower case, without 's and the plural's s."""
    word = word.lower().replace("\u2019", "'").removesuffix("'s")
    if word in STOP or len(word) < _SHORTEST_PLURAL or not (word.isascii() and word.isalpha()):
        return word
    one = _singular(word)
    # "Mars" is not the plural of "mar".
    return word if one in STOP else one


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and word[-2] not in "sui" else word


def _runs(title: str, borders: Borders) -> Iterable[list[Word]]:
    """Yields words in a row with nothing between them that ends a thought."""
    run: list[Word] = []
    words, place = _words(title), 0
    while place < len(words):
        word = words[place]
        cut = _blocked_at(words, place, borders) if word[0] in borders else 0
        if cut or (run and not _JOINED.fullmatch(title, run[-1][2], word[1])):
            yield run
            run = []
        if not cut:
            run.append(word)
        place += cut or 1
    yield run


def _blocked_at(words: Sequence[Word], place: int, borders: Borders) -> int:
    """Returns how many words from here on are blocked ones, 0 for none."""
    sizes = (
        len(those)
        for those in borders[words[place][0]]
        if tuple(word for word, _, _ in words[place : place + len(those)]) == those
    )
    return max(sizes, default=0)


def _of_run(run: Sequence[Word], title: str) -> Iterable[tuple[tuple[str, ...], str]]:
    for first, (word, start, _) in enumerate(run):
        if _is_han(word):
            yield from _han_terms(word)
            continue
        if _cannot_begin(word):
            continue
        for size in range(1, min(_MOST_WORDS, len(run) - first) + 1):
            last, _, end = run[first + size - 1]
            if _is_han(last):
                break
            words = tuple(each for each, _, _ in run[first : first + size])
            if not _cannot_end(last, size):
                yield words, title[start:end].removesuffix("'s").removesuffix("\u2019s")


def _cannot_begin(word: str) -> bool:
    return word in STOP or len(word) > _LONGEST_WORD or word.replace(".", "").isdigit()


def _cannot_end(word: str, size: int) -> bool:
    alone = size == 1 and len(word) < 2
    return word in STOP or alone or len(word) > _LONGEST_WORD or _YEAR.fullmatch(word) is not None


def _is_han(word: str) -> bool:
    return _HAN_FIRST.match(word) is not None


def _han_terms(word: str) -> Iterable[tuple[tuple[str, ...], str]]:
    for size in (2, 3, 4):
        for start in range(len(word) - size + 1):
            part = word[start : start + size]
            if not set(part) & _HAN_STOP:
                yield tuple(part), part


_HAN_STOP = frozenset("的了是在和与有我你他她它们这那也都就不很及或被把对从为吗呢吧啊")
