"""Why a mail bounced, in four words that an editor can act on. Pure."""

import re
from enum import StrEnum

from curator.events import outcome

# RFC 3463: X.2.2 is a full mailbox; half of all hosts say it in words only.
_FULL = re.compile(
    r"\b[45]\.2\.2\b|\b(?:mail)?box (?:is )?full\b|\bover ?quota\b|\bquota exceeded\b|\bexceeded .{0,40}quota\b",
    re.IGNORECASE,
)


class BounceReason(StrEnum):
    """What a bounce says: no such address, its mailbox is full, it was refused because of us, or anything else."""

    GONE = "gone"
    FULL = "full"
    REFUSED = "refused"
    OTHER = "other"


def reason_of(words: str, *, is_dead: bool) -> BounceReason:
    """Returns why a mail bounced, by what the mail server said and by whether that was taken for a dead address."""
    if is_dead:
        return BounceReason.GONE
    if _FULL.search(words):
        return BounceReason.FULL
    return BounceReason.REFUSED if outcome.is_about_us(words) else BounceReason.OTHER
