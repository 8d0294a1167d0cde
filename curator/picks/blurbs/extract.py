"""The sentences of an article that tell best what it is about, as a draft for its blurb. Pure; any script.

A sentence counts by the words that it shares with the others, as in SumBasic (Nenkova & Vanderwende 2005), by those
of the title, and by how early it stands. Scripts without spaces are counted by pairs of characters.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from curator.feeds.normalize import clean

MAX_READ = 20_000
"""Characters that are read: what an article is about, it says before."""

MOST = 320
"""Characters of a draft: two sentences, or one long one."""

_MOST_SENTENCES = 200
_FEWEST, _LONGEST = 25, 300
# Where a script has no spaces, a third of the characters says as much.
_FEWEST_DENSE = 8
_STOPS = "。！？｡"
_END = re.compile(rf"(?<=[.!?…؟۔।॥])[\"'”’»)\]]*\s+(?=\S)|(?<=[{_STOPS}])[”’」』）]*|\n+")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|mr|mrs|ms|dr|prof|st|no|fig|approx|inc|ltd|co|u\.s|u\.k|z\.b|bzw|ca|p)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff"
# Vowel signs of Indic scripts and other marks are no letters to `re`.
_SIGNS = "\u0300-\u036f\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[{_DENSE}]+|(?:[^\W{_DENSE}_]|[{_SIGNS}])+")
_IS_DENSE = re.compile(rf"[{_DENSE}]")
# What a page says of itself, and no reader of a newsletter wants to be told.
_OF_THE_PAGE = re.compile(
    r"\b(?:subscribe|sign up|newsletter|cookies?|privacy|javascript|all rights reserved|share (?:this|on)"
    r"|follow (?:us|me)|click here|read more|advertisement|sponsored|comments?|log in|in this (?:post|article|episode))\b|©|https?://",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"(?:this|that|these|those|it|he|she|they|but|and|so|also|however|because|then|such)\b", re.IGNORECASE
)
_MARKS = re.compile(r"([\\`*_\[\]<>])")


def draft(text: str, *, title: str = "") -> str:
    """Returns the one or two best sentences of a text in their order, as Markdown; empty where none is fit.

    The same text gives the same draft.
    """
    said = [sentence for sentence in sentences(text) if _is_fit(sentence, title)]
    if not said:
        return ""
    words = [_words(sentence) for sentence in said]
    known = Counter(word for each in words for word in set(each))
    wanted = set(_words(title))
    scores = [_score(each, at, said[at], known, wanted) for at, each in enumerate(words)]
    chosen = _chosen(said, words, scores)
    return _MARKS.sub(r"\\\1", _joined([said[at] for at in sorted(chosen)]))


def sentences(text: str) -> list[str]:
    """Returns a text's sentences, each as one line, at most 200; a line's end ends one too."""
    found: list[str] = []
    for part in _parts(clean(text[:MAX_READ])):
        line = " ".join(part.split())
        if not line:
            continue
        if found and _ABBREVIATED.search(found[-1][-12:]):
            found[-1] += f" {line}"
        else:
            found.append(line)
        if len(found) >= _MOST_SENTENCES:
            break
    return found


def _parts(text: str) -> Iterator[str]:
    """Yields what stands between the ends of sentences, with what closes a quotation."""
    done = 0
    for end in _END.finditer(text):
        yield text[done : end.end()]
        done = end.end()
    yield text[done:]


def _is_fit(sentence: str, title: str) -> bool:
    fewest = _FEWEST_DENSE if _IS_DENSE.search(sentence) else _FEWEST
    if not fewest <= len(sentence) <= _LONGEST or sentence.casefold().strip(" .") == title.casefold().strip(" ."):
        return False
    # A heading, or the end of what was cut off, is no sentence.
    is_ended = sentence.rstrip("\"'”’»)]」』）")[-1:] in ".!…؟۔।॥" + _STOPS
    return is_ended and not _OF_THE_PAGE.search(sentence)


def _score(words: Sequence[str], place: int, sentence: str, known: Counter[str], wanted: set[str]) -> float:
    if not words:
        return 0.0
    shared = sum(math.log1p(known[word] - 1) for word in set(words)) / math.sqrt(len(words))
    of_title = len(wanted & set(words)) / math.sqrt(len(wanted) or 1)
    leans = 0.6 if _LEANS.match(sentence) else 1.0
    return (shared + 1.5 * of_title + 1.0) * leans / math.sqrt(1 + place / 4)


def _chosen(said: Sequence[str], words: Sequence[Sequence[str]], scores: Sequence[float]) -> list[int]:
    """Returns the best sentence, and a second that fits beside it and says something else."""
    order = sorted(range(len(said)), key=lambda at: (-scores[at], at))
    best = order[0]
    for other in order[1:6]:
        shared = len(set(words[best]) & set(words[other])) / (len(set(words[other])) or 1)
        if len(said[best]) + len(said[other]) < MOST and shared < 0.5 and scores[other] > 0.4 * scores[best]:
            return [best, other]
    return [best]


def _joined(said: Sequence[str]) -> str:
    first = said[0]
    return first if len(said) == 1 else f"{first}{'' if first[-1] in _STOPS else ' '}{said[1]}"


def _words(text: str) -> list[str]:
    found = []
    for word in _WORD.findall(text.casefold()):
        if _IS_DENSE.match(word):
            found += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        elif len(word) > 2:
            found.append(word)
    return found
