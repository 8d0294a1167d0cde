"""Names and other short texts as a mail header, a greeting and a database can carry them."""

import unicodedata

MAX_CHARACTERS = 200

# Controls, line and paragraph separators, halves of surrogate pairs, and marks that turn the direction of whatever
# follows (a name must not reorder the line that it stands in). Joiners stay: Indic names and emoji need them.
_UNWANTED = ("Cc", "Zl", "Zp", "Cs")
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def cleaned_name(text: str) -> str:
    """Returns a name in one harmless line of at most 200 characters; a second cleaning changes nothing."""
    return one_line(text, max_characters=MAX_CHARACTERS)


def one_line(text: str, *, max_characters: int) -> str:
    """Returns the text in one line, without anything that a database, a header or a page would stumble over."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()[:max_characters].strip()
    spaced = " ".join(text.split())
    kept = (char for char in spaced if unicodedata.category(char) not in _UNWANTED and char not in _TURNING)
    return " ".join("".join(kept).split())[:max_characters].strip()
