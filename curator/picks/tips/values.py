"""What crosses the tips' border: a link that readers sent in, what each of them wrote, and what an editor decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from curator.addresses import Address
from curator.errors import StateError

MAX_NOTE, MAX_NAME, MAX_WORDS = 500, 200, 500

KEPT_FOR = timedelta(days=90)
"""How long an address waits for its thanks: a link that did not run within three months hardly will."""

KEPT_AFTER_REFUSAL = timedelta(days=7)
"""How long what belongs to a refused tip's sender is kept: as long as somebody may still take the refusal back."""

SENDERS_KEPT_FOR = timedelta(days=30)
"""How long it is known which tips came from one network (as a keyed hash): one mark of spam reaches them all."""

BLOCKED_FOR = timedelta(days=30)
"""How long nothing is taken from where spam came."""


class TipState(StrEnum):
    """Where a tip stands. Nothing of a waiting one is fetched; an accepted one is an item of the inbox."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SPAM = "spam"


@dataclass(frozen=True)
class NewTip:
    """What a reader typed. `address` is empty unless they want to be thanked; `words` are what they agreed to."""

    url: str
    note: str = ""
    name: str = ""
    address: str = ""
    words: str = ""


@dataclass(frozen=True)
class Heard:
    """What of a reader's tip is kept."""

    note: str = ""
    name: str = ""
    address: Address | None = None
    words: str = ""


@dataclass(frozen=True)
class Told:
    """What one reader wrote. `has_address`: they asked to be thanked, and nobody has yet."""

    note: str
    name: str
    at: datetime
    has_address: bool


@dataclass(frozen=True)
class Tip:
    """A link that `tipped` readers sent to a newsletter; `told` are the first few who had something to say.

    `item_id` is what it became, or, while it waits, the item that its page is already; `item_title` is that one's.
    """

    id: int
    newsletter_id: int
    url: str
    state: TipState
    tipped: int
    first_at: datetime
    last_at: datetime
    item_id: int | None = None
    item_title: str = ""
    decided_by: int | None = None
    decided_at: datetime | None = None
    told: Sequence[Told] = field(default_factory=tuple)


@dataclass(frozen=True)
class Tipped:
    """What an item's row says of the tips that it came from: how many readers, and the first note that says why."""

    tipped: int
    note: str = ""

    @property
    def reason(self) -> str:
        """Why it is offered, in words; what the reader wrote is quoted apart from it."""
        return reason(self.tipped)


def reason(tipped: int) -> str:
    """Returns why an item is offered that so many readers sent in."""
    return "a reader's tip" if tipped < 2 else f"tipped by {tipped} readers"


class TooManyTipsError(StateError):
    """More tips wait than anybody will read."""
