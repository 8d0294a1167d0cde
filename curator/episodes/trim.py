"""A quotation may leave words out and nothing else: checks an editor's trimming against what was said."""

import re
from collections.abc import Sequence

from curator.errors import InvalidError

_GAP = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…|\.{3,})\s*")
_WORD = re.compile(r"\S+")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE_END = re.compile(r"[.?!。？！؟][\"'”’»)\]]*$")
_FAR = 10**9
_MARK = "…"


def trimmed(said: str, wanted: str) -> str:
    """Returns the wanted words with "…" wherever words of what was said are left out within a sentence.

    They must be words that were said, in the order in which they were; case and punctuation are the editor's. Raises
    InvalidError (field "words"), which names the first word that is not there, or says that nothing is left.
    """
    source = _WORD.findall(said)
    words, gaps = _asked(wanted)
    if not words:
        raise InvalidError("words", "Nothing is left of the passage; keep some of its words.")
    places = _places([_key(word) for word in source], [_key(word) for word in words], gaps)
    if places is None:
        raise InvalidError("words", _why(source, words))
    return _written(source, words, places)


def _asked(wanted: str) -> tuple[list[str], list[bool]]:
    """Returns the words, and for each whether a mark for something left out stands before it."""
    words: list[str] = []
    gaps: list[bool] = []
    for number, segment in enumerate(_GAP.split(wanted)):
        for place, word in enumerate(_WORD.findall(segment)):
            if _key(word):
                words.append(word)
                gaps.append(place == 0 and number > 0)
            elif words and place:
                words[-1] += f" {word}"  # a dash between two words
    return words, gaps


def _key(word: str) -> str:
    return _EDGE.sub("", word.split(" ", maxsplit=1)[0]).casefold()


def _places(source: Sequence[str], words: Sequence[str], gaps: Sequence[bool]) -> list[int] | None:
    """Returns where each word stands in what was said, with as few jumps as can be; None when they do not fit.

    Dynamic programming over (word, place): a jump costs 1, and nothing where the editor marked it.
    """
    spoken = [place for place, key in enumerate(source) if key]
    keys = [source[place] for place in spoken]
    cost = [0 if key == words[0] else _FAR for key in keys]
    back: list[list[int]] = [[-1] * len(keys)]
    for number in range(1, len(words)):
        cost, row = _step(cost, keys, words[number], is_marked=gaps[number])
        back.append(row)
    if not cost or min(cost) >= _FAR:
        return None
    at = cost.index(min(cost))
    path = [at]
    for row in reversed(back[1:]):
        at = row[at]
        path.append(at)
    return [spoken[place] for place in reversed(path)]


def _step(cost: Sequence[int], keys: Sequence[str], word: str, *, is_marked: bool) -> tuple[list[int], list[int]]:
    following, row = [_FAR] * len(keys), [-1] * len(keys)
    cheapest, cheapest_at = _FAR, -1
    for place, key in enumerate(keys):
        if key == word and place:
            near = cost[place - 1]
            jump = cheapest + (0 if is_marked else 1)
            following[place], row[place] = (near, place - 1) if near <= jump else (jump, cheapest_at)
        if cost[place] < cheapest:
            cheapest, cheapest_at = cost[place], place
    return [min(each, _FAR) for each in following], row


def _written(source: Sequence[str], words: Sequence[str], places: Sequence[int]) -> str:
    parts: list[str] = []
    last = -1
    for word, place in zip(words, places, strict=True):
        skipped = any(_key(each) for each in source[last + 1 : place])
        # At the beginning whole sentences may go without a mark, in the middle nothing may.
        is_start = last < 0 and (place == 0 or _SENTENCE_END.search(source[place - 1]) is not None)
        if skipped and not is_start:
            parts.append(_MARK)
        parts.append(word)
        last = place
    if any(_key(each) for each in source[last + 1 :]) and not _SENTENCE_END.search(source[last]):
        parts.append(_MARK)
    return " ".join(parts)


def _why(source: Sequence[str], words: Sequence[str]) -> str:
    known = {_key(word) for word in source}
    strange = next((word for word in words if _key(word) not in known), None)
    if strange is not None:
        return f"“{strange}” was not said here. A quotation may only leave words out."
    return "These words were not said in this order. A quotation may only leave words out."
