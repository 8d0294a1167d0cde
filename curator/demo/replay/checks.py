"""What must hold after a run: everything arrived, nothing twice, and each fault came to its expected end. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from curator.demo.replay.answers import NEW, OLD
from curator.demo.replay.archive import Archive
from curator.demo.replay.plan import BUSY_HOST, FaultKind, Plan
from curator.demo.replay.played import Played
from curator.demo.replay.told import Told, most_in_one, told_items
from curator.feeds.values import FeedState

Expected = Mapping[str, Counter[str]]
"""For each feed what must have arrived of it, and how often at most."""

_Finding = tuple[bool, str]


@dataclass(frozen=True)
class Seen:
    """A run with what it is held against; `url` gives a feed's address in one of its two folders."""

    archive: Archive
    plan: Plan
    played: Played
    url: Callable[[str, str], str]
    statuses: Mapping[int, int]
    asked_while_held: int


def expected_of(archive: Archive, plan: Plan) -> Expected:
    """Returns what must arrive: all that the documents tell, of a feed that is gone only until then."""
    return {feed: most_in_one(_documents(archive, plan, feed)) for feed in archive.feeds}


def _documents(archive: Archive, plan: Plan, feed: str) -> Iterator[list[Told]]:
    ends = {fault.feed: fault.day for fault in plan.of_kind(FaultKind.GONE)}
    for day in archive.days[: ends.get(feed)]:
        if feed in day.documents:
            yield told_items(day.documents[feed], name=f"{day.on}/{feed}")


@dataclass(frozen=True)
class Difference:
    """How what arrived differs from what must: told and not there, there and never told, there too often."""

    missing: Counter[str]
    strange: Counter[str]
    twice: Counter[str]


def difference(expected: Expected, played: Played) -> Difference:
    """Returns how many items of each feed are missing, strange, or there more often than any document tells them."""
    found = Difference(Counter(), Counter(), Counter())
    for feed, most in expected.items():
        stored = Counter(item.key for item in played.items.get(feed, ()))
        identities = Counter(item.identity for item in played.items.get(feed, ()))
        found.missing[feed] += len(most.keys() - stored.keys())
        found.strange[feed] += len(stored.keys() - most.keys())
        found.twice[feed] += sum((stored - most).values()) - sum(stored[key] for key in stored.keys() - most.keys())
        found.twice[feed] += sum((identities - Counter(set(identities))).values())
    return found


def findings(seen: Seen) -> Iterator[_Finding]:
    """Yields what must hold of a run's end states, each with its words."""
    for rule in _RULES:
        yield from rule(seen)


def _days_end(seen: Seen) -> Iterator[_Finding]:
    late = seen.played.unsettled
    yield not late, f"every feed is got on each of its days (not so: {', '.join(late[:5])})"
    yield seen.played.failed_jobs == 0, f"no poll breaks ({seen.played.failed_jobs} did)"


def _feeds_stand(seen: Seen) -> Iterator[_Finding]:
    """Only a 410 ends a feed; every other one is well in the end, whatever it went through."""
    gone = {fault.feed for fault in seen.plan.of_kind(FaultKind.GONE)}
    for feed, end in seen.played.feeds.items():
        if feed in gone:
            yield end.state is FeedState.GONE, f"{feed}, which answers 410, is gone (it is {end.state})"
        else:
            is_well = end.state is FeedState.ACTIVE and end.is_ok
            yield is_well, f"{feed} is asked and well in the end (its note: {end.note})"


def _faults_were_dealt(seen: Seen) -> Iterator[_Finding]:
    moved = seen.statuses.get(301, 0) + seen.statuses.get(308, 0)
    yield moved >= len(seen.plan.of_kind(FaultKind.MOVED)), "every feed that moved was asked at its old address"
    for kind, status in ((FaultKind.GONE, 410), (FaultKind.BROKEN, 500)):
        wanted = len(seen.plan.of_kind(kind))
        yield seen.statuses.get(status, 0) == wanted, f"{status} was answered as often as planned ({wanted})"
    if seen.plan.of_kind(FaultKind.BUSY):
        yield seen.statuses.get(429, 0) > 0, "the busy host answered 429"
    if len(seen.archive.days) > 1:
        yield seen.statuses.get(304, 0) > 0, "what did not change was answered 304"


def _moves_are_learned(seen: Seen) -> Iterator[_Finding]:
    """A move that three polls over a day saw is believed: with fewer days nobody can know."""
    if len(seen.archive.days) < 3:
        return
    for fault in seen.plan.of_kind(FaultKind.MOVED):
        end = seen.played.feeds[fault.feed]
        yield end.url == seen.url(fault.feed, NEW), f"{fault.feed} is known under its new address (it is {end.url})"
        yield seen.url(fault.feed, OLD) in end.aliases, f"the old address of {fault.feed} is kept as an alias"


def _host_is_held(seen: Seen) -> Iterator[_Finding]:
    if seen.plan.of_kind(FaultKind.BUSY):
        yield BUSY_HOST in seen.played.held_hosts, f"{BUSY_HOST} was held as a host when it answered 429"
        yield seen.asked_while_held == 0, f"nobody asked {BUSY_HOST} while it was held ({seen.asked_while_held} did)"


def _ledger_is_kept(seen: Seen) -> Iterator[_Finding]:
    for feed, end in seen.played.feeds.items():
        yield end.polls >= 1, f"the polls of {feed} stand in its ledger"


_Rule = Callable[[Seen], Iterator[_Finding]]
_RULES: tuple[_Rule, ...] = (
    _days_end,
    _feeds_stand,
    _faults_were_dealt,
    _moves_are_learned,
    _host_is_held,
    _ledger_is_kept,
)
