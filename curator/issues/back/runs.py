"""Puts runs together: pieces of text and links become one line of words with their places. Pure."""

import re
from collections.abc import Iterable

from curator.feeds.normalize import clean
from curator.issues.back.values import Run, RunLink

MAX_CHARACTERS = 20_000
"""Of one run: a paragraph that is longer is cut, no newsletter has one."""

MAX_RUN_LINKS = 300

_SPACE = re.compile(r"\s+")
# An address in plain words; a bracket or a full stop behind it is the sentence's.
_BARE = re.compile(r"https?://[^\s<>\"'\[\]{}|\\^`]{1,2000}", re.IGNORECASE)
_BEHIND = ".,;:!?)*_"

Piece = tuple[str, str | None]
"""Words, and the address that they lead to; None where they lead nowhere."""


def run(pieces: Iterable[Piece], *, line: int, level: int = 0) -> Run | None:
    """Returns pieces as a run with single spaces; None where there is no word in them."""
    text, links = "", list[RunLink]()
    for said, url in _with_bare(pieces):
        spaced = _SPACE.sub(" ", clean(said))
        words = spaced.lstrip(" ") if not text or text.endswith(" ") else spaced
        start, text = len(text), text + words
        if url is not None and words.strip() and len(links) < MAX_RUN_LINKS:
            links.append(RunLink(url, start, len(text.rstrip(" "))))
        if len(text) > MAX_CHARACTERS:
            break
    text = text.rstrip(" ")[:MAX_CHARACTERS]
    kept = tuple(link for link in links if link.end <= len(text))
    return Run(line, text, kept, level) if text else None


def _with_bare(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Makes links of addresses that stand in plain words."""
    for words, url in pieces:
        if url is not None or "://" not in words:
            yield words, url
            continue
        done = 0
        for found in _BARE.finditer(words):
            address = found.group().rstrip(_BEHIND)
            yield words[done : found.start()], None
            yield address, address
            done = found.start() + len(address)
        yield words[done:], None
