"""Which back issues there were, when, and who was there to get each; the same random gives the same past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from curator.demo.readers import Reader, former_readers
from curator.demo.samples.back import BackIssue, back_issues
from curator.newsletters.cadence import Slot, next_slot
from curator.newsletters.values import Cadence

# How many of today's readers there were at each back issue: a newsletter that grows.
_READERS_THEN = (148, 163, 181, 197, 214, 229)
# An issue that has only just gone out would still be on its way.
_OVER_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Back:
    """A back issue at its moment. `former` are readers that are no longer: leavers left by it, gone never got it."""

    number: int
    issue: BackIssue
    slot: Slot
    readers: tuple[Reader, ...]
    former: tuple[Reader, ...]
    leavers: tuple[Reader, ...]
    gone: tuple[Reader, ...]


def planned(readers: Sequence[Reader], cadence: Cadence, *, now: datetime, random: Random) -> list[Back]:
    """Returns the back issues, oldest first, at the last slots of the cadence before now."""
    told = back_issues()
    partings = [(random.choice((1, 1, 2, 3)), nth % 2) for nth in range(len(told))]
    former = former_readers(random, readers, count=sum(map(sum, partings)))
    backs, left = [], list(former)
    for nth, slot in enumerate(back_slots(cadence, now=now, count=len(told))):
        leavers, gone = partings[nth]
        there, left = tuple(left), left[leavers + gone :]
        backs.append(
            Back(
                number=nth + 1,
                issue=told[nth],
                slot=slot,
                readers=tuple(readers[: _READERS_THEN[nth]]),
                former=there,
                leavers=there[:leavers],
                gone=there[leavers : leavers + gone],
            )
        )
    return backs


def back_slots(cadence: Cadence, *, now: datetime, count: int) -> list[Slot]:
    """Returns the last `count` slots of a cadence that are over by now, oldest first."""
    found: list[Slot] = []
    slot = next_slot(cadence, after=now - timedelta(weeks=5 * count))
    while slot.at < now - _OVER_AFTER:
        found.append(slot)
        slot = next_slot(cadence, after=slot.at)
    return found[-count:]
