"""What one reader's hits in one mailing add to its counters, and what new ones change. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date

from curator.events.bounces.values import Reason
from curator.events.robots import robots
from curator.events.values import EventKind, Hit, StoredHit

MOST_HITS = 60
"""Hits of one agent on one reader's mail: a scanner that looks at every link of a long mail fits, and a person does."""
MOST_OF_AN_AGENT = 600
"""Hits of one agent on everybody's mail within an hour: an office of hundreds behind one network fits."""
MOST_AGENTS = 32
"""Agents that are looked at: scanners come in fleets, each link from another address, and a person is to find room
after them. All hits of a reader are judged together each time, so these two keep that to a few milliseconds."""


@dataclass(frozen=True)
class LinkTally:
    """People's hits on a link, how many people, and machines' hits."""

    clicks: int = 0
    readers: int = 0
    robot_hits: int = 0

    def __add__(self, other: "LinkTally") -> "LinkTally":
        return LinkTally(self.clicks + other.clicks, self.readers + other.readers, self.robot_hits + other.robot_hits)

    def __neg__(self) -> "LinkTally":
        return LinkTally(-self.clicks, -self.readers, -self.robot_hits)


@dataclass(frozen=True)
class Tally:
    """What hits come to: for each link, and how many people there are among those who clicked."""

    links: Mapping[int, LinkTally] = field(default_factory=dict)
    clickers: int = 0

    @property
    def clicks(self) -> int:
        """People's hits on all links."""
        return sum(each.clicks for each in self.links.values())

    @property
    def robot_hits(self) -> int:
        """Machines' hits on all links, the canary among them."""
        return sum(each.robot_hits for each in self.links.values())

    def __add__(self, other: "Tally") -> "Tally":
        links = {
            link: total
            for link in sorted({*self.links, *other.links})
            if (total := self.links.get(link, _NONE) + other.links.get(link, _NONE)) != _NONE
        }
        return Tally(links, self.clickers + other.clickers)

    def __sub__(self, other: "Tally") -> "Tally":
        return self + Tally({link: -each for link, each in other.links.items()}, -other.clickers)


_NONE = LinkTally()


def total(tallies: Iterable[Tally]) -> Tally:
    """Returns many tallies added up; one walk over them, where adding one to the other would make a table for each."""
    links: dict[int, list[int]] = {}
    clickers = 0
    for tally in tallies:
        clickers += tally.clickers
        for link, each in tally.links.items():
            sums = links.setdefault(link, [0, 0, 0])
            sums[0] += each.clicks
            sums[1] += each.readers
            sums[2] += each.robot_hits
    return Tally({link: LinkTally(*sums) for link, sums in links.items() if any(sums)}, clickers)


def nameless(tally: Tally) -> Tally:
    """Returns what hits that name nobody come to: how many people there are behind them is not known."""
    return Tally({link: LinkTally(each.clicks, 0, each.robot_hits) for link, each in tally.links.items()})


def of_reader(judged: Iterable[tuple[Hit, bool]]) -> Tally:
    """Returns what the hits of one reader in one mailing come to, each with whether it is a machine's."""
    people: Counter[int] = Counter()
    machines: Counter[int] = Counter()
    for hit, is_robot in judged:
        (machines if is_robot else people)[hit.link] += 1
    links = {link: LinkTally(people[link], int(link in people), machines[link]) for link in {*people, *machines}}
    return Tally(links, clickers=int(bool(people)))


@dataclass(frozen=True)
class DayTally:
    """People's hits on a link on one day, and machines'."""

    clicks: int = 0
    robot_hits: int = 0


@dataclass(frozen=True)
class Recount:
    """What a mailing's events come to, or what its counters say: by link, by link and day, by reason and kind."""

    links: Mapping[int, LinkTally]
    clickers: int
    days: Mapping[tuple[int, date], DayTally]
    reasons: Mapping[Reason, int]
    kinds: Mapping[EventKind, int]


@dataclass(frozen=True)
class Change:
    """What new hits of one reader change: rows to add, rows that are judged otherwise now, and what is added up."""

    added: tuple[tuple[Hit, bool], ...]
    judged_anew: Mapping[int, bool]
    tally: Tally
    dropped: int


def change(
    stored: Sequence[StoredHit], fresh: Sequence[Hit], *, at_most: int = MOST_HITS, mail_links: int = 0
) -> Change:
    """Judges all hits of one reader in one mailing anew.

    Beyond `at_most` hits of one agent, and beyond MOST_AGENTS agents, fresh hits are only counted: a machine that
    looks again and again uses up its own room, and not that of the person behind it. `mail_links` is how many links
    the mail has: who opens most of them at once is a machine.
    """
    kept = _within_bounds(stored, fresh, at_most=at_most)
    known = [each.hit for each in stored]
    verdicts = robots([*known, *kept], mail_links=mail_links)
    before = of_reader((each.hit, each.is_robot) for each in stored)
    after = of_reader(zip([*known, *kept], verdicts, strict=True))
    return Change(
        added=tuple(zip(kept, verdicts[len(stored) :], strict=True)),
        judged_anew={each.id: now for each, now in zip(stored, verdicts, strict=False) if each.is_robot is not now},
        tally=after - before,
        dropped=len(fresh) - len(kept),
    )


def days(changes: Iterable[tuple[Change, Sequence[StoredHit]]]) -> dict[tuple[int, date], DayTally]:
    """Returns what changes, each with the hits that were stored before it, add to the days (UTC) of each link.

    A hit that is judged anew is taken back as what it was, and counts as what it is now.
    """
    people: Counter[tuple[int, date]] = Counter()
    machines: Counter[tuple[int, date]] = Counter()
    for each, stored in changes:
        for hit, is_robot in each.added:
            (machines if is_robot else people)[_day(hit)] += 1
        for known in stored:
            if (is_robot_now := each.judged_anew.get(known.id)) is not None:
                (machines if is_robot_now else people)[_day(known.hit)] += 1
                (people if is_robot_now else machines)[_day(known.hit)] -= 1
    both = {*people, *machines}
    return {day: DayTally(people[day], machines[day]) for day in both if people[day] or machines[day]}


def _day(hit: Hit) -> tuple[int, date]:
    return hit.link, hit.at.astimezone(UTC).date()


def _within_bounds(stored: Sequence[StoredHit], fresh: Sequence[Hit], *, at_most: int) -> list[Hit]:
    met = Counter(each.hit.agent for each in stored)
    kept: list[Hit] = []
    for hit in fresh:
        if met[hit.agent] < at_most and (hit.agent in met or len(met) < MOST_AGENTS):
            met[hit.agent] += 1
            kept.append(hit)
    return kept
