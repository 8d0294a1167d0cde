"""Which items a newsletter's inbox does not want to see, and why."""

import re
from collections.abc import Sequence

from curator.errors import InvalidError
from curator.picks.values import Mute

LONGEST_WORDS = 100

# What stands around a word in a title. A hyphen does not: who mutes "gpt" does not mean "gpt-4".
_AROUND = ' .,:;!?()[]"\u201c\u201d\u201e\u00ab\u00bb/|\u2013\u2014\u2026'


def cleaned(words: str) -> str:
    """Returns words as they are kept: lower case, single spaces, nothing around them. Raises InvalidError."""
    kept = " ".join(words.lower().split()).strip(_AROUND)
    if not kept:
        raise InvalidError("words", "Give the word, or the words, that a title must not have.")
    if len(kept) > LONGEST_WORDS:
        raise InvalidError("words", f"These words have {len(kept)} characters; at most {LONGEST_WORDS} fit.")
    return kept


def pattern(words: Sequence[str]) -> str:
    """Returns a regular expression that finds titles with any of these words, whole and whatever their case.

    Python and PostgreSQL read it alike.
    """
    around = f"[{re.escape(_AROUND)}]"
    return f"(?i)(^|{around})({'|'.join(re.escape(each) for each in words)})({around}|$)"


def mute_of(feed_id: int | None, title: str, mutes: Sequence[Mute]) -> Mute | None:
    """Returns the first mute that fits an item, feeds before words; None when it may be seen."""
    for mute in mutes:
        if mute.feed_id is not None and mute.feed_id == feed_id:
            return mute
    return next((mute for mute in mutes if mute.words is not None and _has(title, mute.words)), None)


def _has(title: str, words: str) -> bool:
    # Most titles have not, and a plain search says so a hundred times sooner.
    return words in title.lower() and re.search(pattern([words]), title) is not None


def why(mute: Mute) -> str:
    """Returns why in words: "the feed Row Store", "the word crypto"."""
    if mute.words is None:
        return f"the feed {mute.feed_title}"
    return f"the word{'s' if ' ' in mute.words else ''} {mute.words}"
