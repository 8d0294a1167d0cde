"""What the drill's relay does with each reader's message: dealt by a seed, the same in every run. Pure."""

import hashlib
from enum import StrEnum


class Fate(StrEnum):
    """One reader's lot. All but REFUSED befall a first try only."""

    REFUSED = "550 5.1.1 at RCPT"
    DEFERRED = "451 at RCPT"
    DEFERRED_AFTER_DOT = "451 to the final dot"
    CLOSED_EARLY = "the connection breaks before the content is whole"
    UNANSWERED = "accepted, and the connection breaks before the answer"
    HANGING = "accepted, and no answer ever comes"

    @property
    def leaves_doubt(self) -> bool:
        """Whether the relay has the message and the sender cannot know."""
        return self in (Fate.UNANSWERED, Fate.HANGING)


# The share of readers who draw each. Doubts are rare, as they are in life; the kills make most of them.
SHARES = {
    Fate.REFUSED: 0.010,
    Fate.DEFERRED: 0.030,
    Fate.DEFERRED_AFTER_DOT: 0.010,
    Fate.CLOSED_EARLY: 0.002,
    Fate.UNANSWERED: 0.001,
    Fate.HANGING: 0.0005,
}


def fate_of(seed: int, recipient: str) -> Fate | None:
    """Returns what befalls a reader's message; None: it is accepted, as nearly all are."""
    digest = hashlib.sha256(f"{seed}:{recipient}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") / 2**64
    for fate, share in SHARES.items():
        drawn -= share
        if drawn < 0:
            return fate
    return None
