"""Which items a newsletter's inbox does not want to see, and why."""

from collections.abc import Sequence

from curator.errors import InvalidError
from curator.picks.values import Mute

LONGEST_WORDS = 100

# What ends a word in a title. Letters with an apostrophe stay together, and so do "c++" and "gpt-4": who mutes "gpt"
# does not mean it. The database does the same, so this list is short.
BREAKS = '.,:;!?()[]"/|\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u2026'


def cleaned(words: str) -> str:
    """Returns words as they are kept: lower case, single spaces. Raises InvalidError for none, or too many."""
    kept = spaced(words).strip()
    if not kept:
        raise InvalidError("words", "Give the word, or the words, that a title must not have.")
    if len(kept) > LONGEST_WORDS:
        raise InvalidError("words", f"These words have {len(kept)} characters; at most {LONGEST_WORDS} fit.")
    return kept


def spaced(text: str) -> str:
    """Returns a text in lower case with a space before, between and behind its words."""
    broken = text.lower().translate({ord(mark): " " for mark in BREAKS})
    return f" {' '.join(broken.split())} "


def mute_of(feed_id: int | None, title: str, mutes: Sequence[Mute]) -> Mute | None:
    """Returns the first mute that fits an item, feeds before words; None when it may be seen."""
    for mute in mutes:
        if mute.feed_id is not None and mute.feed_id == feed_id:
            return mute
    told = spaced(title)
    return next((mute for mute in mutes if mute.words is not None and f" {mute.words} " in told), None)


def why(mute: Mute) -> str:
    """Returns why in words: "the feed Row Store", "the word crypto"."""
    if mute.words is None:
        return f"the feed {mute.feed_title}"
    return f"the word{'s' if ' ' in mute.words else ''} {mute.words}"
