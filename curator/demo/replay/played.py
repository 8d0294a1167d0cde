"""What one run of an archive came to, before anybody judges it."""

import hashlib
from dataclasses import dataclass, field

from curator.demo.replay.store import FeedEnd, StoredItem
from curator.issues.values import RenderedRevision


@dataclass(frozen=True)
class Played:
    """What a run came to. `items` and `feeds` go by the archive's file names, `unsettled` by day and file name."""

    items: dict[str, list[StoredItem]]
    feeds: dict[str, FeedEnd]
    issue_id: int
    revision: RenderedRevision
    picks: int
    rounds: int
    failed_jobs: int
    held_hosts: frozenset[str] = frozenset()
    unsettled: tuple[str, ...] = field(default=())

    @property
    def identities(self) -> frozenset[tuple[str, str]]:
        """Every item by its feed and its identity: what two runs must agree on."""
        return frozenset((feed, item.identity) for feed, items in self.items.items() for item in items)

    @property
    def items_hash(self) -> str:
        """A hash of `identities`, by which runs of two processes can be compared."""
        lines = sorted(f"{feed} {identity}" for feed, identity in self.identities)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
