"""What the demo's readers do with an issue, decided: who clicks what, whose scanner looks at all, who leaves.

People click what stands high in the mail more than what stands low, and a title more than a button: the same bias that
real readers have, and that results have to be read with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

_SHARE_OF_READERS = 1 / 3
_CLICKS = (1, 1, 1, 2, 2, 3)
# A place's pull falls to a half by the fourth item and to a fifth by the last.
_FALL = 3.0


@dataclass(frozen=True)
class Place:
    """A link that a reader sees, in the order of the mail. `is_title`: it is the title of an item."""

    number: int
    is_title: bool


@dataclass(frozen=True)
class Click:
    """One person follows one link."""

    reader: int
    link: int


@dataclass(frozen=True)
class Script:
    """What happens after an issue arrived; `scanned` is whose mail a gateway opens, `leaver` who unsubscribes.

    They are none of those who click, so that each can be told from the others in what is counted.
    """

    clicks: tuple[Click, ...]
    scanned: int
    leaver: int | None

    @property
    def clickers(self) -> frozenset[int]:
        """Everybody who clicks something."""
        return frozenset(click.reader for click in self.clicks)


def script(random: Random, readers: Sequence[int], places: Sequence[Place], *, has_leaver: bool = True) -> Script:
    """Returns what the readers do. Each reader's first click comes before anybody's second: nobody reads at once.

    The same random gives the same script. There must be at least three readers and one place.
    """
    shuffled = list(readers)
    random.shuffle(shuffled)
    scanned, leaver, *others = shuffled
    turns: list[list[Click]] = [[], [], []]
    for reader in others:
        if random.random() < _SHARE_OF_READERS:
            for turn, place in zip(turns, _chosen(random, places), strict=False):
                turn.append(Click(reader, place.number))
    return Script(tuple(click for turn in turns for click in turn), scanned, leaver if has_leaver else None)


def _chosen(random: Random, places: Sequence[Place]) -> list[Place]:
    """Returns one to three different places, each drawn by its pull."""
    left = list(places)
    pulls = [(2.0 if place.is_title else 1.0) / (1 + nth / _FALL) for nth, place in enumerate(places)]
    found: list[Place] = []
    for _ in range(min(random.choice(_CLICKS), len(left))):
        [nth] = random.choices(range(len(left)), pulls)
        found.append(left.pop(nth))
        pulls.pop(nth)
    return found
