"""Which item is which: an identity for each, unique within its document and the same at the next poll."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sighting:
    """What one item offers to be known by; empty where it offers nothing."""

    guid: str
    link: str
    enclosure: str
    content: str


def identities(sightings: Sequence[Sighting]) -> list[str]:
    """Returns an identity (64 hexadecimal digits) for each, in order; only items alike in everything share one.

    The first of these that no other item of the document has: guid, guid and link; without a guid: link, link and
    enclosure. Else the whole with title and text.
    """
    ladders = [_ladder(sighting) for sighting in sightings]
    counts = Counter(step for ladder in ladders for step in set(ladder))
    return [_hash(next((step for step in ladder if counts[step] == 1), ladder[-1])) for ladder in ladders]


Step = tuple[str, ...]


def _ladder(sighting: Sighting) -> list[Step]:
    guid, link, enclosure = sighting.guid, sighting.link, sighting.enclosure
    steps: list[Step] = []
    if guid:
        steps = [("guid", guid), ("guid+link", guid, link)]
    elif link:
        steps = [("link", link), ("link+enclosure", link, enclosure)]
    elif enclosure:
        steps = [("enclosure", enclosure)]
    return [*steps, ("all", guid, link, enclosure, sighting.content)]


def _hash(step: Step) -> str:
    return hashlib.sha256("\0".join(step).encode("utf-8", "replace")).hexdigest()
