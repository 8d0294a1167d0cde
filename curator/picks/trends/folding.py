"""Terms of one topic become one trend: nested, overlapping, or told by the same items."""

from collections.abc import Sequence
from dataclasses import dataclass

from curator.picks.trends.values import Counts, Term

# Of the items of the rarer term, the share that must tell the other too: less where one term holds the other's words.
_NESTED, _APART = 0.5, 0.7
# A longer term that nearly all items have says the topic better than its part: "Silicon Valley Bank", not "Valley".
_SAYS_ALL = 0.75
_MOST_ALSO = 8


@dataclass(frozen=True)
class Found:
    """A term that rises, with the items that tell it."""

    term: Term
    score: float
    counts: Counts
    item_ids: frozenset[int]


def topics(found: Sequence[Found], *, limit: int) -> list[tuple[Found, list[Found]]]:
    """Returns each topic's head with what was folded into it, at most `limit`; `found` stands strongest first.

    The list ends where the next topic would begin, so what is folded later is not lost to those before it.
    """
    groups: list[list[Found]] = []
    for each in found:
        group = next((group for group in groups if _is_same(group[0], each)), None)
        if group is not None:
            group.append(each)
        elif len(groups) < limit:
            groups.append([each])
    return [_headed(group) for group in groups]


def _is_same(head: Found, other: Found) -> bool:
    shared = len(head.item_ids & other.item_ids) / min(len(head.item_ids), len(other.item_ids))
    return shared >= (_NESTED if _holds(head, other) or _holds(other, head) else _APART)


def _holds(longer: Found, shorter: Found) -> bool:
    size = len(shorter.term.words)
    words = longer.term.words
    return any(words[start : start + size] == shorter.term.words for start in range(len(words) - size + 1))


def _headed(group: Sequence[Found]) -> tuple[Found, list[Found]]:
    strongest = group[0]
    enough = _SAYS_ALL * len(strongest.item_ids)
    longer = [each for each in group if _holds(each, strongest) and len(each.item_ids) >= enough]
    head = max(longer, key=lambda each: (len(each.term.words), each.score, each.term.key), default=strongest)
    return head, [each for each in group if each is not head][:_MOST_ALSO]
