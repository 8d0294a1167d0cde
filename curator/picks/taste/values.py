"""What crosses the taste's border: what is known of an item, what was decided about one, a score and its reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from curator.errors import CuratorError


@dataclass(frozen=True)
class Facts:
    """What is known of an item when it is scored, and nothing that became known later.

    Items with one `key` are one page: its canonical URL, or whatever else is the same for the same page. `feed` is what
    tells feeds apart and what people call it by. `sources` is how many feeds tell it. None in `sources`, `points` and
    `comments` means that nobody counted, as with links of back issues.
    """

    key: str
    title: str
    text: str = ""
    url: str | None = None
    feed: str = ""
    sources: int | None = None
    points: int | None = None
    comments: int | None = None
    first_seen_at: datetime | None = None


class Kind(StrEnum):
    """What was decided about an item, the strongest first."""

    PICK = "pick"
    BACK_ISSUE = "back issue"
    SAVED = "saved"
    CLICKED = "clicked"
    PASSED = "passed"

    @property
    def is_positive(self) -> bool:
        """Whether it speaks for the item."""
        return self is not Kind.PASSED

    @property
    def ran(self) -> bool:
        """Whether the item stood in an issue."""
        return self in (Kind.PICK, Kind.BACK_ISSUE)


@dataclass(frozen=True)
class Example:
    """An item with what was decided about it at a moment.

    `weight` is the caller's own (a click corrected for its place in the mail) and 1 where there is nothing to correct.
    `issue` names the issue that it ran in, as reasons tell it: "issue 41".
    """

    facts: Facts
    kind: Kind
    at: datetime
    weight: float = 1.0
    issue: str = ""


class ReasonKind(StrEnum):
    """What a reason speaks of."""

    LIKE = "like"
    WORDS = "words"
    SITE = "site"
    FEED = "feed"
    SOURCES = "sources"
    REPOSITORY = "repository"
    POINTS = "points"


@dataclass(frozen=True)
class Reason:
    """A reason in words. `weight` is its part of the score; `evidence` is what it rests on, to be checked by.

    Evidence holds the keys of the picks (LIKE), the terms (WORDS), or the name of the site or feed.
    """

    kind: ReasonKind
    words: str
    weight: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """An item with its score: the log of the odds that it is one to pick, where 0 says nothing either way."""

    facts: Facts
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Untaught:
    """There is no model, and why in words; rules and freshness serve meanwhile."""

    reason: str


class StaleModelError(CuratorError):
    """A stored model cannot be used; a refit makes a new one."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The stored model cannot be used: {reason}. It is learned anew from the picks.")
        self.reason = reason
