"""What bounces mean for an address over time: when it is mailed no more. Pure.

Decided from all that is known of a reader's mailings, in the order in which they were sent and not in that in which
bounces came: each further bounce can only lengthen a run, so whatever order they come in, the end is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from curator.events.bounces.values import Kind, Reason

RUN = 3
"""So many in a row without one that arrived."""
LASTS = timedelta(days=14)
"""A run of soft bounces has to last longer: a holiday fills a mailbox, and an outage is over in days."""

# Null MX (RFC 7505), and a domain of which its own status says that it is none.
_NO_MAIL_THERE = frozenset({"5.1.2", "5.1.10"})
_OURS = frozenset({Reason.BLOCKED, Reason.SIZE, Reason.CONTENT})


class Weight(IntEnum):
    """How much a bounce says against an address; the higher one is believed where one message bounced twice."""

    OURS = 1
    SOFT = 2
    DOMAIN = 3
    DEAD = 4


@dataclass(frozen=True)
class Fate:
    """What became of one message to a reader: its bounce's weight, None where nothing came back."""

    sent_at: datetime
    mailing_id: int
    weight: Weight | None


def weight(kind: Kind, reason: Reason, status: str = "") -> Weight:
    """Returns how much a bounce says against its address."""
    if reason in _OURS:
        return Weight.OURS
    if kind is not Kind.HARD:
        return Weight.SOFT
    return Weight.DOMAIN if reason is Reason.DOMAIN and status not in _NO_MAIL_THERE else Weight.DEAD


def given_up(fates: Sequence[Fate]) -> str | None:
    """Returns why an address is mailed no more, in words; None where nothing is against it yet.

    What was refused for our sake (spam, policy, size) neither counts nor lets a run end; what arrived ends it.
    """
    domains = softs = 0
    first: datetime | None = None
    for fate in sorted(fates, key=lambda each: (each.sent_at, each.mailing_id)):
        match fate.weight:
            case Weight.DEAD:
                return "The address is not there."
            case Weight.OURS:
                continue
            case None:
                domains, softs, first = 0, 0, None
                continue
            case Weight.DOMAIN:
                domains, softs = domains + 1, softs + 1
            case Weight.SOFT:
                domains, softs = 0, softs + 1
        first = first or fate.sent_at
        if domains >= RUN:
            return f"Its domain took no mail {RUN} times in a row."
        if softs >= RUN and fate.sent_at - first > LASTS:
            return f"It bounced {softs} times in a row, over {(fate.sent_at - first).days} days."
    return None
