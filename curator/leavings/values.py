"""What crosses the log's border: one fact as a line, and what many of them come to."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

K = TypeVar("K", tuple[int, int], str)

_MOST_BYTES = 2_000_000
"""No line of ours is as long: a chunk of an import has 1,000 marks of 40 characters."""


class Deed(StrEnum):
    """What happened. BEGUN and NUMBERS are about no reader: when a file of the log begins, and how far ids had come."""

    LEFT = "left"
    RETURNED = "returned"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    ERASED = "erased"
    CAME_BACK = "came back"
    BEGUN = "begun"
    NUMBERS = "numbers"


@dataclass(frozen=True)
class Fact:
    """One thing that must be known should the database be lost. No address stands in it: `marks` are keyed hashes.

    LEFT and RETURNED name a newsletter and readers by number; `how` is how they left, or why they are suppressed.
    """

    deed: Deed
    at: datetime
    newsletter_id: int | None = None
    subscribers: tuple[int, ...] = ()
    marks: tuple[str, ...] = ()
    how: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)

    def to_line(self) -> str:
        """Returns the fact as a line of JSON, without its end; what is empty is left out."""
        told: dict[str, Any] = {"deed": str(self.deed), "at": self.at.astimezone(UTC).isoformat()}
        for name in ("newsletter_id", "subscribers", "marks", "how", "numbers"):
            if value := getattr(self, name):
                told[name] = value
        return json.dumps(told, separators=(",", ":"))


def of_line(line: str | bytes) -> Fact | None:
    """Returns what a line tells; None for one that a power cut tore, or that is none of ours."""
    if len(line) > _MOST_BYTES:
        return None
    try:
        told = json.loads(line)
        fact = Fact(
            Deed(told["deed"]),
            datetime.fromisoformat(told["at"]),
            newsletter_id=told.get("newsletter_id"),
            subscribers=tuple(int(each) for each in told.get("subscribers", ())),
            marks=tuple(str(each) for each in told.get("marks", ())),
            how=str(told.get("how", ""))[:100],
            numbers={str(name): int(number) for name, number in told.get("numbers", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return fact if fact.at.tzinfo is not None else None


@dataclass(frozen=True)
class Left:
    """How and when a reader left a newsletter."""

    at: datetime
    how: str


@dataclass(frozen=True)
class LastWords:
    """What the facts of a log come to: the last word about each reader and each mark.

    `left` is by newsletter and subscriber; `returned` and `lifted` are those whose last word takes an earlier one back.
    `erased` are all marks that ever were, `came_back` those whose owners signed up again since. `begins_at` is when the
    log begins, None for one that does not say.
    """

    left: Mapping[tuple[int, int], Left]
    returned: frozenset[tuple[int, int]]
    suppressed: Mapping[str, Left]
    lifted: frozenset[str]
    erased: Mapping[str, datetime]
    came_back: frozenset[str]
    numbers: Mapping[str, int]
    begins_at: datetime | None


def last_words(facts: Iterable[Fact], *, since: datetime) -> LastWords:
    """Returns what holds after all facts from `since` on, in the order of their moments; the same for any order.

    Of two of the same moment the graver counts, so that machines whose clocks differ a little err on the safe side.
    Numbers and where the log begins are read from all of it.
    """
    ordered = sorted(facts, key=_order)
    numbers: dict[str, int] = {}
    for fact in ordered:
        numbers |= {name: max(number, numbers.get(name, 0)) for name, number in fact.numbers.items()}
    late = [fact for fact in ordered if fact.at >= since]
    left, returned = _standing(late, Deed.LEFT, Deed.RETURNED, _ties)
    suppressed, lifted = _standing(late, Deed.SUPPRESSED, Deed.LIFTED, _marks)
    _, came_back = _standing(late, Deed.ERASED, Deed.CAME_BACK, _marks)
    return LastWords(
        left=left,
        returned=returned,
        suppressed=suppressed,
        lifted=lifted,
        erased={mark: fact.at for fact in late if fact.deed is Deed.ERASED for mark in fact.marks},
        came_back=came_back,
        numbers=numbers,
        begins_at=next((fact.at for fact in ordered if fact.deed is Deed.BEGUN), None),
    )


def _standing(
    facts: Iterable[Fact], takes: Deed, gives_back: Deed, keys_of: Callable[[Fact], Sequence[K]]
) -> tuple[dict[K, Left], frozenset[K]]:
    """Returns for whom the last word of a pair took away, and for whom it gave back what an earlier one took."""
    taken: dict[K, Left] = {}
    back: set[K] = set()
    for fact in facts:
        keys = keys_of(fact)
        if fact.deed is takes:
            taken.update(dict.fromkeys(keys, Left(fact.at, fact.how)))
            back.difference_update(keys)
        elif fact.deed is gives_back:
            back.update(each for each in keys if taken.pop(each, None))
    return taken, frozenset(back)


def _ties(fact: Fact) -> list[tuple[int, int]]:
    return [(fact.newsletter_id or 0, each) for each in fact.subscribers]


def _marks(fact: Fact) -> tuple[str, ...]:
    return fact.marks


_GIVES_BACK = (Deed.RETURNED, Deed.LIFTED, Deed.CAME_BACK)


def _order(fact: Fact) -> tuple[datetime, bool, str]:
    return fact.at, fact.deed not in _GIVES_BACK, fact.to_line()
