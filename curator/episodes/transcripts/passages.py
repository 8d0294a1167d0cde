"""What somebody asks a search for, as both databases take it, and the passage around what was found."""

import re
import unicodedata
from collections.abc import Sequence

from curator.episodes.transcripts.values import Piece
from curator.feeds.normalize import clean

_MOST_WORDS = 12
_LONGEST_WORD = 60
_PASSAGE = 260


def asked(words: str) -> list[str]:
    """Returns the words of a search: what has a letter or a digit in it, at most 12."""
    found = [word[:_LONGEST_WORD] for word in clean(words[:2_000]).split()]
    return [word for word in found if any(character.isalnum() for character in word)][:_MOST_WORDS]


def for_fts5(words: Sequence[str]) -> str:
    """Returns a query in the syntax of FTS5: each word a quoted string, so no sign has a meaning; the last a prefix."""
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    return " ".join(quoted) + "*"


def for_tsquery(word: str) -> str:
    """Returns one word as to_tsquery takes it, as the beginning of a word."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}':*"


def passage(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """Returns the part of a text around the first hit, in pieces that are hits or not; ellipses where it was cut."""
    hits = _hits(text, words)
    first = hits[0][0] if hits else 0
    start = _word_start(text, max(first - _PASSAGE // 3, 0))
    end = _word_end(text, min(start + _PASSAGE, len(text)))
    pieces: list[Piece] = [Piece("… ", False)] if start else []
    at = start
    for hit_start, hit_end in hits:
        if hit_start < at or hit_end > end:
            continue
        pieces += [Piece(text[at:hit_start], False)] if hit_start > at else []
        pieces.append(Piece(text[hit_start:hit_end], True))
        at = hit_end
    pieces += [Piece(text[at:end], False)] if at < end else []
    return (*pieces, Piece(" …", False)) if end < len(text) else tuple(pieces)


def _hits(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Returns where words of the text are asked for; the last asked word is a beginning."""
    whole = {_folded(part) for word in words[:-1] for part in _parts(word)}
    last = [_folded(part) for part in _parts(words[-1])] if words else []
    whole |= set(last[:-1])
    beginning = last[-1] if last else ""
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\W_]+", text):
        folded = _folded(match[0])
        if folded in whole:
            found.append(match.span())
        elif beginning and folded.startswith(beginning):
            found.append((match.start(), match.end()))
    return found


def _parts(word: str) -> list[str]:
    return re.findall(r"[^\W_]+", word)


def _folded(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in bare if not unicodedata.combining(character))


def _word_start(text: str, at: int) -> int:
    if at == 0:
        return 0
    space = text.find(" ", at, at + 40)
    return space + 1 if space >= 0 else at


def _word_end(text: str, at: int) -> int:
    if at == len(text):
        return at
    space = text.rfind(" ", max(at - 40, 0), at)
    return space if space > 0 else at
