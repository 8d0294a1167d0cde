"""Who speaks, where a transcript says so in its text: "Name: words", "Name (0:12): words", "[0:12] Name: words"."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from curator.episodes.transcripts import times

MAX_NAME = 80
"""A longer beginning of a line is a sentence with a colon in it."""

_MAX_WORDS = 6
# Often enough that it is no sentence with a colon, whatever it looks like.
_MANY = 3
_LINE = re.compile(
    rf"(?:[\[(]?(?P<before>{times.PATTERN})[\])]?\s?(?:[-–—]\s?)?)?"
    rf"(?P<name>[^\s:：\[\](){{}}<>][^:：\[\]{{}}<>\n]{{0,{MAX_NAME}}}?)"
    rf"\s?(?:[\[(]?(?P<behind>{times.PATTERN})[\])]?)?\s?"
    r"(?:：|:(?=\s|$))\s?(?P<words>.*)",
    re.DOTALL,
)
_HEADING = re.compile(
    rf"(?P<name>[^\W\d_][^:：\[\](){{}}<>\n]{{0,{MAX_NAME}}}?)\s?(?:[-–—|·\[(]\s?)?(?P<time>{times.PATTERN})[\])]?"
)
_TIMED = re.compile(
    rf"(?:[\[(](?P<boxed>{times.PATTERN})[\])]|(?P<bare>{times.PATTERN})(?=\s|$))\s?(?P<words>.*)", re.DOTALL
)
_PARTICLES = frozenset(
    [
        "al",
        "and",
        "ap",
        "bin",
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "du",
        "el",
        "et",
        "ibn",
        "la",
        "le",
        "of",
        "ten",
        "ter",
        "the",
        "und",
        "van",
        "von",
        "y",
        "zu",
    ]
)
_SENTENCE = re.compile(r"[?!;\"“”«»…]|https?$|\.\s+\w+\s+\w+\s+\w+|,\s")


@dataclass(frozen=True)
class Beginning:
    """How a line begins: a speaker (None: nobody is named), a time, and the words that follow."""

    speaker: str | None
    start_ms: int | None
    words: str
    is_broken: bool = False


def known_names(lines: Iterable[str]) -> frozenset[str]:
    """Returns what stands before a colon in these lines and is somebody's name, as far as looks and number tell."""
    counts: Counter[str] = Counter()
    for line in lines:
        found = _LINE.fullmatch(_flat(line))
        if found is not None:
            counts[_folded(found["name"])] += 1
    return frozenset(name for name, count in counts.items() if looks_like_name(name) or _is_used(name, count))


def beginning(line: str, *, names: frozenset[str]) -> Beginning:
    """Returns how a line begins; a name counts when it is one of `names` (see `known_names`)."""
    line = _flat(line)
    found = _LINE.fullmatch(line)
    if found is not None and _folded(found["name"]) in names:
        written = found["before"] or found["behind"]
        start = times.from_clock(written) if written else None
        return Beginning(_folded(found["name"]), start, found["words"], is_broken=bool(written) and start is None)
    heading = _HEADING.fullmatch(line)
    if heading is not None and looks_like_name(_folded(heading["name"])):
        start = times.from_clock(heading["time"])
        return Beginning(_folded(heading["name"]), start, "", is_broken=start is None)
    timed = _TIMED.fullmatch(line)
    if timed is not None:
        start = times.from_clock(timed["boxed"] or timed["bare"])
        return Beginning(None, start, timed["words"], is_broken=start is None)
    return Beginning(None, None, line)


def looks_like_name(text: str) -> bool:
    """Tells whether some words can be a name: few, each with a capital (where the script has them), no sentence."""
    words = text.split()
    if not words or len(words) > _MAX_WORDS or len(text) > MAX_NAME or _SENTENCE.search(text):
        return False
    return not words[0][0].islower() and all(_is_of_name(word) for word in words)


def _flat(line: str) -> str:
    """Single spaces: patterns with runs of them take quadratic time on a line of nothing else."""
    return " ".join(line.split())


def _is_of_name(word: str) -> bool:
    letter = next((character for character in word if character.isalpha()), None)
    return letter is None or not letter.islower() or word.casefold() in _PARTICLES


def _is_used(name: str, count: int) -> bool:
    return count >= _MANY and len(name.split()) <= 3 and not _SENTENCE.search(name)


def _folded(name: str) -> str:
    return " ".join(name.strip(" \t*_>-–—").split())
